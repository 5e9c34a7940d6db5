mod actions;
mod book;
mod config;
mod file;
mod trouble;

pub use config::PaperConfig;
pub use trouble::{Remainder, Trouble};

use crate::{
    Account, AccountKind, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution,
    OrderAck, OrderSnapshot, Position, SubmitError,
};
use async_trait::async_trait;
use book::{Book, Fill};
use chrono::{DateTime, NaiveDate, Utc};
use decile_core::{AppliedAction, Clock, CorporateAction, FixedCommission, Price, Quote, Symbol};
use file::StateFile;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};
use trouble::Script;

/// A broker in memory that fills orders at once: buys at the ask, sells at the bid. A limit that the
/// market is beyond rests and never fills, and there are no auctions.
///
/// It refuses what a broker refuses: an order without a quote to fill at, more shares than are
/// held, more than the cash pays for, an id that was used before. What it sells settles on the next
/// session of the exchange, by its clock. With a file it survives its
/// process: the book is on disk before [`submit`](Broker::submit) returns. One broker at a time may
/// have a file open; the lock is a file beside it, `<name>.lock`, which is empty, stays behind, and
/// may be removed whenever no broker is open. So may what a run that died in the middle of a write
/// leaves, `<name>.<process>-<number>.new`; nothing reads it.
///
/// [`trouble_for`](Self::trouble_for) and [`trouble_at`](Self::trouble_at) script what goes wrong.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Broker, PaperBroker, PaperConfig};
///
/// # block_on(async {
/// let config = PaperConfig::new("DU1234567".parse()?, money("10000"), session());
/// let broker = PaperBroker::new(config, clock());
/// broker.set_quotes([quote("KO", "50")]);
/// let [order] = &approved_orders("10000", &[("KO", "50")])[..] else { panic!("one order") };
/// broker.submit(order).await.expect("taken");
/// // 189 shares for 9,450 and a commission of 1.00.
/// assert_eq!(broker.account().await?.cash, money("549"));
/// assert_eq!(broker.positions().await?[0].quantity.get(), 189);
/// # Ok::<(), decile_trade::Error>(())
/// # }).expect("a paper account");
/// ```
#[derive(Debug)]
pub struct PaperBroker {
    kind: AccountKind,
    commission: FixedCommission,
    clock: Arc<dyn Clock>,
    file: Option<StateFile>,
    inner: Mutex<Inner>,
    events: broadcast::Sender<BrokerEvent>,
}

#[derive(Debug)]
struct Inner {
    book: Book,
    quotes: BTreeMap<Symbol, Quote>,
    script: Script,
}

impl PaperBroker {
    /// Opens a new account in memory.
    #[must_use]
    pub fn new(config: PaperConfig, clock: Arc<dyn Clock>) -> Self {
        let book = Book::new(&config);
        Self::with(book, &config, clock, None)
    }

    /// Opens the account of a file, or a new one if there is no such file.
    ///
    /// A new account is written at once, so that a folder that cannot be written to shows before
    /// an order does.
    ///
    /// # Errors
    /// [`Error::StateInUse`] if another broker has the file, [`Error::StateCorrupt`],
    /// [`Error::FormatVersion`] or [`Error::StateAccount`] if it cannot be read or is the book of
    /// another account, and [`Error::File`] if it cannot be read, written or locked at all. The
    /// file is left as it is.
    pub fn open(
        path: impl AsRef<Path>,
        config: PaperConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = StateFile::lock(path)?;
        let book = match file::read(path)? {
            Some(book) => book.of(&config, path)?,
            None => {
                let book = Book::new(&config);
                file.write(&book)?;
                book
            }
        };
        Ok(Self::with(book, &config, clock, Some(file)))
    }

    /// Opens the account of a file, or a new one, without ever writing or locking the file: to see
    /// what a run would do, even while another one has it open.
    ///
    /// # Errors
    /// As [`PaperBroker::open`], but for what writing and locking could give.
    pub fn preview(
        path: impl AsRef<Path>,
        config: PaperConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let book = match file::read(path)? {
            Some(book) => book.of(&config, path)?,
            None => Book::new(&config),
        };
        Ok(Self::with(book, &config, clock, None))
    }

    fn with(
        book: Book,
        config: &PaperConfig,
        clock: Arc<dyn Clock>,
        file: Option<StateFile>,
    ) -> Self {
        let inner = Inner { book, quotes: BTreeMap::new(), script: Script::default() };
        let (events, _) = broadcast::channel(config.event_capacity.max(1));
        let PaperConfig { kind, commission, .. } = *config;
        Self { kind, commission, clock, file, inner: Mutex::new(inner), events }
    }

    /// Sets what the stocks trade at, and forgets what they did before.
    pub fn set_quotes(&self, quotes: impl IntoIterator<Item = Quote>) {
        let quotes = quotes.into_iter().map(|quote| (quote.symbol.clone(), quote)).collect();
        self.lock().quotes = quotes;
    }

    /// Scripts trouble for the next order in a stock.
    pub fn trouble_for(&self, symbol: Symbol, trouble: Trouble) {
        self.lock().script.add_for(symbol, trouble);
    }

    /// Scripts trouble for an order by its turn, 0 being the next one.
    pub fn trouble_at(&self, turn: usize, trouble: Trouble) {
        self.lock().script.add_at(turn, trouble);
    }

    /// Returns the session that the account has been carried to.
    #[must_use]
    pub fn session(&self) -> NaiveDate {
        self.lock().book.session()
    }

    /// Carries the account on to a session: what is still open expires, and the splits, dividends
    /// and spin-offs with an ex-date after the last session and up to this one are applied to what
    /// is held.
    ///
    /// They come by date, splits first on their day, else in their order. A split multiplies the
    /// shares and divides the average cost; a fraction of a share that is left over is paid in cash
    /// at the price of `closes`, which are those on the share basis of `session`, or without one at
    /// its average cost. Dividends and spin-offs are paid in cash, to the cent.
    ///
    /// Returns what was applied. The same session again applies nothing and writes nothing.
    ///
    /// # Errors
    /// [`Error::SessionPassed`] if the account has seen a later session, [`Error::Value`]
    /// for a ratio or an amount that cannot be, and [`Error::File`] if the book cannot be written.
    /// In each case nothing has changed.
    pub fn roll_to(
        &self,
        session: NaiveDate,
        actions: &[CorporateAction],
        closes: &BTreeMap<Symbol, Price>,
    ) -> Result<Vec<AppliedAction>, Error> {
        let mut inner = self.lock();
        if inner.book.session() == session {
            return Ok(Vec::new());
        }
        let mut book = inner.book.clone();
        let applied = actions::roll(&mut book, session, actions, closes)?;
        self.save(&book)?;
        inner.book = book;
        Ok(applied)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock was held left the book as it was: changes are made to a copy.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, book: &Book) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.write(book))
    }

    /// Takes an order into a copy of the book, which counts once it is on disk.
    fn accept(
        &self,
        inner: &mut Inner,
        order: &ApprovedOrder,
        fill: Fill,
    ) -> Result<Vec<BrokerEvent>, SubmitError> {
        let id = order.id();
        let mut book = inner.book.clone();
        let quote = inner.quotes.get(&order.order().symbol);
        let taken = book.take(order, quote, (self.kind, &self.commission, self.clock.now()), fill);
        let events = taken
            .map_err(|reason| SubmitError::Rejected { id: id.clone(), source: reason.into() })?;
        // A write that failed may have reached the disk all the same.
        self.save(&book)
            .map_err(|error| SubmitError::InDoubt { id: id.clone(), source: error.into() })?;
        inner.book = book;
        Ok(events)
    }

    fn send(&self, events: impl IntoIterator<Item = BrokerEvent>) {
        for event in events {
            // An error says that nobody listens, which is nobody's loss.
            let _ = self.events.send(event);
        }
    }
}

#[async_trait]
impl Broker for PaperBroker {
    async fn account(&self) -> Result<Account, Error> {
        let inner = self.lock();
        inner.book.account(&inner.quotes, self.clock.now())
    }

    async fn positions(&self) -> Result<Vec<Position>, Error> {
        Ok(self.lock().book.positions().cloned().collect())
    }

    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        let id = order.id().clone();
        let ack = OrderAck { id: id.clone(), broker_order_id: None };
        let in_doubt =
            |id| SubmitError::InDoubt { id, source: "the connection broke (scripted)".into() };
        // The lock is held to the end, so that events come in the order of the book.
        let inner = &mut *self.lock();
        match inner.script.take(&order.order().symbol) {
            None => self.send(self.accept(inner, order, Fill::All)?),
            Some(Trouble::NotSent) => {
                return Err(SubmitError::NotSent { id, source: "not connected (scripted)".into() });
            }
            Some(Trouble::Reject { reason }) => {
                return Err(SubmitError::Rejected { id, source: reason.into() });
            }
            Some(Trouble::PartialFill { quantity, then }) => {
                self.send(self.accept(inner, order, Fill::Part(quantity, then))?);
            }
            Some(Trouble::LostBeforeArrival) => return Err(in_doubt(id)),
            Some(Trouble::DropAfterSend) => {
                self.accept(inner, order, Fill::All)?;
                return Err(in_doubt(id));
            }
            Some(Trouble::LateStatus { polls }) => {
                let events = self.accept(inner, order, Fill::All)?;
                inner.script.conceal(&id, polls, events);
            }
            Some(Trouble::DuplicateStatus) => {
                let events = self.accept(inner, order, Fill::All)?;
                // Each twice, and then the first ones again, behind the final one.
                self.send(events.iter().flat_map(|event| [event.clone(), event.clone()]));
                self.send(events);
            }
        }
        Ok(ack)
    }

    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        let inner = &mut *self.lock();
        let mut book = inner.book.clone();
        let Some(snapshot) = book.cancel(id)? else { return Ok(()) };
        self.save(&book)?;
        inner.book = book;
        self.send([BrokerEvent::Order(snapshot)]);
        Ok(())
    }

    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        let inner = &mut *self.lock();
        let Some(snapshot) = inner.book.order(id) else { return Ok(None) };
        if inner.script.is_concealed(id) {
            let revealed = inner.script.poll(id);
            let old = Book::as_submitted(snapshot);
            self.send(revealed);
            return Ok(Some(old));
        }
        Ok(Some(snapshot.clone()))
    }

    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        let inner = self.lock();
        let shown = |order: &OrderSnapshot| match inner.script.conceals(&order.id) {
            true => Book::as_submitted(order),
            false => order.clone(),
        };
        Ok(inner.book.orders().map(shown).filter(|order| !order.state.is_final()).collect())
    }

    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        let inner = self.lock();
        let is_shown =
            |order: &&OrderSnapshot| order.state.is_final() && !inner.script.conceals(&order.id);
        Ok(inner.book.orders().filter(is_shown).cloned().collect())
    }

    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        let inner = self.lock();
        let is_since = |execution: &&Execution| execution.time >= since;
        Ok(inner.book.executions().filter(is_since).cloned().collect())
    }

    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        let next = |mut events: broadcast::Receiver<BrokerEvent>| async move {
            match events.recv().await {
                Ok(event) => Some((event, events)),
                Err(RecvError::Lagged(_)) => Some((BrokerEvent::Gap, events)),
                Err(RecvError::Closed) => None,
            }
        };
        stream::unfold(self.events.subscribe(), next).boxed()
    }

    async fn ping(&self) -> Result<(), Error> {
        Ok(())
    }
}
