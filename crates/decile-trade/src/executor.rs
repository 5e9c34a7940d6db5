mod admission;
mod clear;
mod config;
mod execution;
mod known;
mod margin;
mod market;
mod purse;
mod recover;
mod report;
mod resolve;
mod run;
mod scribe;
mod sending;
mod slippage;
mod stale;
mod stop;
mod terms;
mod tracker;
mod watch;
mod window;
mod working;

pub use config::{ExecutorConfig, StaleLimit};
pub use execution::ExecutionReport;
pub use report::{OrderReport, OrderStatus};
pub use resolve::Resolution;
pub use slippage::{Difference, Slippage};
pub use stop::StopSignal;

use crate::journal::check_owner;
use crate::{
    ApprovedPlan, Attempts, Broker, ClientOrderId, Error, Journal, JournalRecord, KillSwitch,
    OrderSnapshot, RunRecord,
};
use decile_core::Clock;
use decile_core::source::QuoteSource;
use run::Run;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use terms::Terms;

/// Sends approved orders, each at most once, and reports what became of them.
///
/// An order goes intent, send, wait: its intent is durable in the journal before the broker sees
/// it. An answer that does not come leaves the order unknown; it is looked up and never sent again,
/// not even by a later run with the same journal, until its fate is proven. What has filled is done
/// for its session: a second approval of the same plan trades nothing.
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{Executor, MemoryJournal, OrderStatus, PaperBroker, PaperConfig, StopSignal};
/// use std::sync::Arc;
///
/// # block_on(async {
/// let config = PaperConfig::new("DU1234567".parse()?, money("10000"), session());
/// let broker = Arc::new(PaperBroker::new(config, clock()));
/// broker.set_quotes([quote("KO", "50")]);
/// let journal = Arc::new(MemoryJournal::default());
/// let executor = Executor::new(broker, journal, clock(), Default::default());
///
/// assert!(executor.resolve().await?.is_clear());
/// let report = executor.execute(approved("10000", &[("KO", "50")]), &StopSignal::new()).await?;
/// assert!(report.is_complete());
/// assert_eq!(report.orders[0].status, OrderStatus::Filled);
/// assert_eq!(report.orders[0].commission, Some(money("1.00")));
/// # Ok::<(), decile_trade::Error>(())
/// # }).expect("a paper account");
/// ```
#[derive(Debug)]
pub struct Executor {
    broker: Arc<dyn Broker>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    config: ExecutorConfig,
    quotes: Option<Arc<dyn QuoteSource>>,
    kill: Option<KillSwitch>,
    /// Held through a whole run: what is replayed stays true until the run has written its part.
    turn: tokio::sync::Mutex<()>,
}

impl Executor {
    /// Makes an executor. The journal is that of the account and strategy of every plan it gets.
    #[must_use]
    pub fn new(
        broker: Arc<dyn Broker>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        config: ExecutorConfig,
    ) -> Self {
        let turn = tokio::sync::Mutex::default();
        Self { broker, journal, clock, config, quotes: None, kill: None, turn }
    }

    /// Gives the executor quotes. Before each window it asks for those of its stocks, once and at most
    /// for [`request_timeout`](ExecutorConfig::request_timeout), to say what the market was when the
    /// orders went out; without an answer they go all the same. So it should answer at once.
    #[must_use]
    pub fn with_quotes(self, quotes: Arc<dyn QuoteSource>) -> Self {
        Self { quotes: Some(quotes), ..self }
    }

    /// Gives it a file that stops it. It looks before every order, its intent written down or
    /// not, and every second while it waits for one; once the file is there, it sends nothing more, and at the end of the run it cancels those
    /// orders of the run that are still open.
    #[must_use]
    pub fn with_kill_switch(self, kill: KillSwitch) -> Self {
        Self { kill: Some(kill), ..self }
    }

    /// Returns why nothing may be sent, if the kill switch says so.
    fn killed(&self) -> Option<String> {
        self.kill.as_ref().and_then(KillSwitch::engaged)
    }

    /// Returns why the clocks of the broker and of this machine are too far apart, if they are.
    fn skewed(&self) -> Option<Error> {
        let (ahead, most) = (self.broker.clock_skew()?, self.config.clock_skew_max);
        let apart = ahead.abs().to_std().unwrap_or(Duration::MAX);
        (apart > most).then_some(Error::ClockSkew { ahead, most })
    }

    /// Sends the orders of a plan, at most [`in_flight_max`](ExecutorConfig::in_flight_max) at once,
    /// and waits for them before it sends more. Buys wait until the last sell has ended, or has had its
    /// time.
    ///
    /// What was approved is looked at again before each of these windows, because time has passed. The
    /// broker gives a sign of life, unless it has within
    /// [`probe_interval`](ExecutorConfig::probe_interval). The account is read anew, and for a sell the
    /// positions. A sell of more than is held is not sent. A buy that the cash does not pay for is made as
    /// small as the cash beyond the plan's buffer, or is not sent if that is less than the plan's least
    /// order or if its number of shares was fixed. Nothing more is sent if the broker is at another account
    /// or does not say, if its clock is further from ours than
    /// [`clock_skew_max`](ExecutorConfig::clock_skew_max), if the approval is older than
    /// [`approval_age_max`](ExecutorConfig::approval_age_max), if the date in New York is not that
    /// of the plan's session, after the stop signal or the kill switch, after a write of the journal that failed, or
    /// after more than [`unknown_max`](ExecutorConfig::unknown_max) orders that ended unknown, or after
    /// [`rejects_max`](ExecutorConfig::rejects_max) in a row that the broker refused. The
    /// report gives the reason of each order that is not sent. What is still open
    /// when its time is up stays at the broker, and [`resolve`](Self::resolve) tells its end.
    ///
    /// A connection that is lost, or a broker that is silent, is waited for, as long as
    /// [`reconnect_max`](ExecutorConfig::reconnect_max) in all. Once there is a sign of life, executions,
    /// open orders and every order of the run that is not known to have ended are looked up, and then it
    /// goes on: with the next orders, and with those that the loss kept back if that is proven, each as a
    /// further attempt. What is not found then ends unknown, as ever. If executions or open orders of
    /// others in its stocks have come since the approval, nothing more is sent. The same look follows
    /// events that were lost on a connection that stands.
    ///
    /// Nothing is bought while the journal says that too much was lost
    /// ([`LossLimits`](crate::LossLimits)).
    ///
    /// Cash is the smaller of what the account shows and our own count, in which a buy whose
    /// commission is not known yet costs at least what it was approved with. What buys of earlier
    /// runs may still take, because they are open or nobody knows, is not spent.
    ///
    /// One call at a time: another one, or `resolve`, waits. Two executors on one journal are kept
    /// apart by the journal, which takes an intent once.
    ///
    /// Needs a tokio runtime with time. Dropping the future sends nothing more; an order that was
    /// being sent goes on in a task of its own, and its intent is in the journal.
    ///
    /// Before the first order goes out with real money, the broker is asked once for each what it would do
    /// to the margin ([`Broker::what_if`]); on paper it is if
    /// [`margin_check`](ExecutorConfig::margin_check) says so. The initial margin after each buy, with
    /// the changes of the orders before it, must not be above the equity with loan. A broker that would
    /// refuse an order denies the run, and so does, for real money, one that does not answer; on paper
    /// the report says so.
    ///
    /// # Errors
    /// Whatever keeps the journal from being read, [`Error::ForeignJournal`] if it is that of another
    /// strategy or account, and [`Error::MarginDenied`] and [`Error::Consent`], if nobody has
    /// [agreed](crate::Consent) to trade real money, of which the journal keeps a
    /// [`Refused`](crate::JournalRecord::Refused); nothing was sent then. What happens later is part of the
    /// report.
    pub async fn execute(
        &self,
        approved: ApprovedPlan,
        stop: &StopSignal,
    ) -> Result<ExecutionReport, Error> {
        let _turn = self.turn.lock().await;
        let records = self.journal.replay()?;
        check_owner(&records, (approved.plan().strategy(), approved.plan().account()))?;
        let attempts = Attempts::of(records)?;
        let terms = Terms::of(&approved, &self.config);
        let mut run = Run::new(self, terms, &attempts, stop);
        let mut record = RunRecord::of(&approved);
        let released =
            approved.into_orders(&attempts).map_err(|error| self.refused(error.into()))?;
        // Above every number that an order of this journal can have, whatever the broker remembers.
        let number = || self.broker.number_from(attempts.numbers_end().unwrap_or_default());
        // What the margin check numbers its questions with is not an order's, either.
        number();
        let margin = self.check_margin(&record.account, &released).await?;
        record.numbers_from = number();
        record.checks.extend(margin.clone());
        run.begin(record);
        run.send_all(released).await;
        Ok(ExecutionReport { margin, ..run.finish().await })
    }

    /// Writes down that nothing was sent, and why. Returns that, or what keeps it from being written.
    fn refused(&self, error: Error) -> Error {
        let (reason, at) = (error.to_string(), self.clock.now());
        match self.journal.append(&[JournalRecord::Refused { reason, at }]) {
            Ok(()) => error,
            Err(failed) => failed,
        }
    }

    /// Looks up orders at once; an answer for other than all of them is none.
    async fn find_all(&self, ids: &[ClientOrderId]) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        let found = self.ask("orders", self.broker.find_all(ids)).await?;
        match found.len() == ids.len() {
            true => Ok(found),
            false => {
                let source = format!("{} answers for {} orders", found.len(), ids.len()).into();
                Err(Error::Broker { request: "orders", source })
            }
        }
    }

    /// Waits for an answer, but not for ever.
    async fn ask<T>(
        &self,
        request: &'static str,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let after = self.config.request_timeout;
        match tokio::time::timeout(after, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::Timeout { request, after }),
        }
    }
}
