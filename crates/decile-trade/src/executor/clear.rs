//! What a person says of an order of which nobody knows.

use super::Executor;
use super::report::{OrderReport, OrderStatus};
use super::resolve::{Found, Resolution, report};
use super::tracker::Tracker;
use crate::journal::{Standing, check_account};
use crate::{
    Attempts, Clearance, ClientOrderId, Error, JournalRecord, OrderName, OrderSnapshot, OrderState,
};
use decile_core::Shares;

impl Executor {
    /// Writes down what a person says became of an order that is open by the journal, and returns what it
    /// counts as from then on. For an order of which neither the broker nor a later run tells anything: the
    /// person has looked at the broker's own program.
    ///
    /// One that never arrived counts as one that was not sent: the same may be ordered again in the
    /// session, under the next id. One that has ended counts as cancelled with what has filled of it, or
    /// as filled. The broker is asked first, for a sign of life, its account, its open and completed
    /// orders, its executions and the order itself, and must answer all of it. What it shows of the order
    /// is written down, and it is not cleared, unless all that is shown are executions, and of as many
    /// shares as the person says. Nor does a person say less than the journal has.
    ///
    /// The broker's word is the stronger truth, whenever it comes. [`resolve`](Self::resolve) takes in
    /// what it tells later, and an order that it shows as open, or of which more has filled, is unknown
    /// again.
    ///
    /// To be called while no run uses the journal. One call at a time: another, or a run, waits. Dropping
    /// the future is free; what it has not written was not cleared.
    ///
    /// ```
    /// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
    /// # use market::*;
    /// use decile_trade::{
    ///     Clearance, Executor, MemoryJournal, OrderStatus, PaperBroker, PaperConfig, StopSignal, Trouble,
    /// };
    /// use std::sync::Arc;
    ///
    /// # block_on(async {
    /// let config = PaperConfig::new("DU1234567".parse()?, money("10000"), session());
    /// let broker = Arc::new(PaperBroker::new(config, clock()));
    /// broker.set_quotes([quote("KO", "50")]);
    /// broker.trouble_for(symbol("KO"), Trouble::LostBeforeArrival);
    /// let journal = Arc::new(MemoryJournal::default());
    /// let executor = Executor::new(broker, journal, clock(), Default::default());
    /// let report = executor.execute(approved("10000", &[("KO", "50")]), &StopSignal::new()).await?;
    /// assert_eq!(report.orders[0].status, OrderStatus::Unknown);
    ///
    /// let (id, said) = (&report.orders[0].id, ("ada", "TWS has no such order and no trade"));
    /// let cleared = executor.clear(id, Clearance::NeverArrived, said).await?;
    /// assert_eq!(cleared.status, OrderStatus::NotSent);
    /// assert!(executor.resolve().await?.is_clear());
    /// # Ok::<(), decile_trade::Error>(())
    /// # }).expect("a paper account");
    /// ```
    ///
    /// # Errors
    /// [`Error::NothingToClear`] if the order is not open by the journal, [`Error::InvalidClearance`] if
    /// it cannot have ended so, or if nobody says who or why, [`Error::BrokerShowsOrder`] if the broker
    /// says otherwise, [`Error::Timeout`] or [`Error::Broker`] if it does not answer,
    /// [`Error::ForeignJournal`] if it is at another account than the journal, and whatever keeps the
    /// journal from being read or written. In each case the order is not cleared.
    pub async fn clear(
        &self,
        id: &ClientOrderId,
        clearance: Clearance,
        (by, reason): (&str, &str),
    ) -> Result<OrderReport, Error> {
        let invalid = |problem| Error::InvalidClearance { id: id.clone(), problem };
        let (by, reason) = (by.trim().to_owned(), reason.trim().to_owned());
        if by.is_empty() || reason.is_empty() {
            return Err(invalid("say who clears it, and why".to_owned()));
        }
        let _turn = self.turn.lock().await;
        let records = self.journal.replay()?;
        // What the broker gave a number has arrived there.
        let is_numbered = |record: &JournalRecord| match record {
            JournalRecord::Acknowledged { numbers, .. } => numbers.contains_key(id),
            _ => false,
        };
        let has_arrived = records.iter().any(is_numbered);
        self.ask("sign of life", self.broker.ping()).await?;
        check_account(&records, &self.ask("account", self.broker.account()).await?.id)?;
        let attempts = Attempts::of(records)?;
        let to_clear = attempts.to_clear(id);
        let standing = to_clear.map_err(|end| Error::NothingToClear { id: id.clone(), end })?;

        let mut tracker = Tracker::default();
        self.take_up((id, standing), &mut tracker);
        let shown = self.look_everywhere((id, standing), &mut tracker).await?;
        let news = self.news((id, standing), &mut tracker);
        if !news.is_empty() {
            self.journal.append(&news)?;
        }
        let (known, filled) = (tracker.snapshot(id), standing.after(&news).kept());
        let is_same = matches!(clearance, Clearance::Ended { filled: said, .. } if said == filled);
        let contradicts = match shown {
            Shown::Nothing => tracker.is_final(id),
            Shown::Executions => tracker.is_final(id) || !is_same,
            Shown::Order => true,
        };
        if contradicts {
            return Err(Error::BrokerShowsOrder {
                id: id.clone(),
                shown: told(known.as_ref(), filled),
            });
        }
        let has_arrived = has_arrived || known.is_some();
        check(&clearance, (standing.order.quantity, filled), has_arrived).map_err(invalid)?;

        let why = format!("cleared by {by}: {reason}");
        let at = self.clock.now();
        let (id, said) = (id.clone(), clearance.clone());
        let record = JournalRecord::Cleared { id: id.clone(), clearance: said, by, reason, at };
        self.journal.append(&[record])?;
        Ok(counted((&id, standing), &clearance, why))
    }

    /// Asks the broker for whatever may show an order, and takes it in. All of it must be answered.
    async fn look_everywhere(
        &self,
        (id, standing): (&ClientOrderId, &Standing),
        tracker: &mut Tracker,
    ) -> Result<Shown, Error> {
        let is_it = |name: &OrderName| name.ours() == Some(id);
        // The open ones first: what ends meanwhile is among the completed ones.
        let open = self.ask("open orders", self.broker.open_orders()).await?;
        let completed = self.ask("completed orders", self.broker.completed_orders()).await?;
        let executions = self.executions_of(standing.intended_at).await?;
        let found = self.ask("order", self.broker.find(id)).await?;
        let listed: Vec<_> =
            open.into_iter().chain(completed).filter(|order| is_it(&order.id)).collect();
        let executions: Vec<_> = executions.into_iter().filter(|it| is_it(&it.id)).collect();
        // Brokers make an order up of executions that they show.
        let is_made_up = |order: &OrderSnapshot| {
            order.state == OrderState::PartiallyFilled && !executions.is_empty()
        };
        let shown = match (&listed[..], &found) {
            ([], None) if executions.is_empty() => Shown::Nothing,
            ([], None) => Shown::Executions,
            ([], Some(order)) if is_made_up(order) => Shown::Executions,
            _ => Shown::Order,
        };
        executions.into_iter().for_each(|execution| tracker.execute(execution));
        listed.into_iter().chain(found).for_each(|order| tracker.see(order));
        Ok(shown)
    }

    /// Takes in what the broker says of an order that a person has cleared: returns what the journal
    /// lacks, and tells what does not agree.
    pub(super) fn revise(
        &self,
        (id, standing): (&ClientOrderId, &Standing),
        open: &[OrderSnapshot],
        tracker: &mut Tracker,
        resolution: &mut Resolution,
    ) -> Vec<JournalRecord> {
        let open: Vec<_> = open.iter().filter(|order| order.id.ours() == Some(id)).collect();
        open.iter().for_each(|order| tracker.see((*order).clone()));
        let is_open = !open.is_empty();
        let mut news = self.news((id, standing), tracker);
        let is_state = |record: &JournalRecord| matches!(record, JournalRecord::Seen { .. });
        if is_open && !news.iter().any(is_state) {
            // Even if it is where it was before it was cleared.
            let at = self.clock.now();
            news.extend(tracker.snapshot(id).map(|snapshot| JournalRecord::Seen { snapshot, at }));
        } else if !is_open && !tracker.is_final(id) {
            let mut executed = news.clone();
            executed.retain(|record| !is_state(record));
            // Executions that are part of what was said do not open the order again.
            if standing.after(&executed).is_cleared() {
                return executed;
            }
        }
        let Some(known) = tracker.snapshot(id).filter(|_| !news.is_empty()) else { return news };
        let told =
            report((id, standing), tracker, &Found::Order, self.may_wait(standing.order.kind));
        if known.filled != standing.filled() {
            resolution.late.push(told.clone());
        }
        if !known.state.is_final() {
            resolution.unknown.push(told);
        }
        news
    }
}

/// What a broker shows of an order.
enum Shown {
    Nothing,
    /// Not the order itself, or made up of these.
    Executions,
    Order,
}

/// Makes sure that an order may have ended so, by how many shares it asked for and how many are known to
/// have filled.
fn check(
    clearance: &Clearance,
    (quantity, known): (Shares, Shares),
    has_arrived: bool,
) -> Result<(), String> {
    match clearance {
        Clearance::NeverArrived if has_arrived => Err(format!(
            "it did arrive, by the broker's own word; say that it ended, with {known} or more filled"
        )),
        Clearance::NeverArrived => Ok(()),
        Clearance::Ended { filled, .. } if *filled < known || *filled > quantity => {
            Err(format!("{filled} shares cannot have filled; say {known} to {quantity}"))
        }
        Clearance::Ended { filled, average_price: Some(_) } if filled.is_zero() => {
            Err("nothing that has not filled has a price; leave it out".to_owned())
        }
        Clearance::Ended { .. } => Ok(()),
    }
}

/// What the broker shows of an order, and what is to be done.
fn told(known: Option<&OrderSnapshot>, filled: Shares) -> String {
    let Some(OrderSnapshot { state, quantity, .. }) = known else {
        return "an order of another name: look at the broker's own program".to_owned();
    };
    let (state, what) = match state {
        OrderState::Filled => ("filled", "nothing is left to clear"),
        OrderState::Cancelled => ("cancelled", "nothing is left to clear"),
        OrderState::Rejected => ("refused", "nothing is left to clear"),
        OrderState::Submitted | OrderState::Working | OrderState::PartiallyFilled => {
            ("not ended", "cancel it if it is open there, else say that as many have filled")
        }
    };
    format!("{state}, {filled} of {quantity} shares filled, which the journal has now: {what}")
}

/// What an order counts as once it is cleared.
fn counted(
    (id, standing): (&ClientOrderId, &Standing),
    clearance: &Clearance,
    why: String,
) -> OrderReport {
    let order = &standing.order;
    let counted = match clearance {
        Clearance::NeverArrived => OrderReport::blank(id, order, OrderStatus::NotSent, Some(why)),
        Clearance::Ended { filled, average_price } => {
            let ended = OrderSnapshot::unfilled(id, order, OrderState::Cancelled);
            let (filled, average_price) = (*filled, *average_price);
            let snapshot = OrderSnapshot { filled, average_price, reason: Some(why), ..ended };
            OrderReport::of(id, order, snapshot, false)
        }
    };
    OrderReport { arrival: standing.arrival, ..counted }
}
