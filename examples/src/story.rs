//! What a journal tells about a run.

use crate::tables::costs;
use crate::trading::is_sqlite;
use chrono::{DateTime, Utc};
use decile::store::JournalStore;
use decile::trade::{
    Attempts, Check, ClientOrderId, Error as TradeError, Execution, ExecutionReport, FileJournal,
    Journal, JournalRecord, MemoryJournal, OrderReport, OrderSnapshot, OrderStatus, RunRecord,
};
use std::error::Error;
use std::path::Path;

/// Reads a journal of either kind, which a run may be writing at the same time.
///
/// # Errors
/// If it is not there or cannot be read.
pub fn read(path: &Path) -> Result<Vec<JournalRecord>, Box<dyn Error>> {
    Ok(match is_sqlite(path) {
        true => JournalStore::read(path)?,
        false => FileJournal::read(path)?,
    })
}

/// Returns the orders of which nobody knows, and what the journal tells of each, a line for everything.
///
/// # Errors
/// If the records contradict one another.
pub fn unknown(records: &[JournalRecord]) -> Result<Vec<(ClientOrderId, Vec<String>)>, TradeError> {
    let journal = MemoryJournal::default();
    journal.append(records)?;
    let attempts = Attempts::replay(&journal)?;
    let story = |id: &ClientOrderId| {
        let is_of_it = |record: &&JournalRecord| match record {
            JournalRecord::Acknowledged { numbers, .. } => numbers.contains_key(id),
            other => other.order_id() == Some(id),
        };
        let lines = records.iter().filter(is_of_it).flat_map(|record| told(record, ""));
        (id.clone(), lines.collect())
    };
    Ok(attempts.unresolved().map(story).collect())
}

/// One run: what was approved, and everything until the next one, or why it sent nothing.
///
/// ```
/// use decile_examples::story::Story;
///
/// assert!(Story::all(Vec::new()).is_empty());
/// ```
#[derive(Debug)]
pub struct Story {
    /// What was approved; `None` of a run that ended before it began to send.
    run: Option<RunRecord>,
    /// What this run found out about orders of earlier ones, before it began.
    before: Vec<JournalRecord>,
    records: Vec<JournalRecord>,
    has_ended: bool,
}

impl Story {
    /// Cuts a journal into its runs, the oldest first.
    #[must_use]
    pub fn all(records: Vec<JournalRecord>) -> Vec<Self> {
        let mut stories: Vec<Self> = Vec::new();
        let mut before = Vec::new();
        for record in records {
            match record {
                JournalRecord::Began { run, .. } => {
                    let before = std::mem::take(&mut before);
                    let (run, records) = (Some(*run), Vec::new());
                    stories.push(Self { run, before, records, has_ended: false });
                }
                JournalRecord::Refused { .. } => {
                    // A plan that was shown stands before the run that it is approved for.
                    let is_look =
                        |record: &JournalRecord| matches!(record, JournalRecord::Proposed { .. });
                    let own = before.iter().rposition(is_look).map_or(0, |look| look + 1);
                    let mut records = before.split_off(own);
                    records.push(record);
                    stories.push(Self { run: None, before: Vec::new(), records, has_ended: true });
                }
                record => match stories.last_mut() {
                    Some(story) if !story.has_ended => {
                        story.has_ended = matches!(record, JournalRecord::Ended { .. });
                        story.records.push(record);
                    }
                    // The last words of a run are how what it holds compares.
                    Some(story)
                        if story.run.is_some()
                            && matches!(record, JournalRecord::Reconciled { .. }) =>
                    {
                        story.records.append(&mut before);
                        story.records.push(record);
                    }
                    // A person speaks of an order of some run.
                    _ if matches!(record, JournalRecord::Cleared { .. }) => {
                        match stories.iter_mut().rfind(|story| story.intends(&record)) {
                            Some(story) => story.records.push(record),
                            None => before.push(record),
                        }
                    }
                    // What else comes behind the end was looked up by the next run.
                    _ => before.push(record),
                },
            }
        }
        stories
    }

    /// Tells whether it sent the order that a record is of.
    fn intends(&self, record: &JournalRecord) -> bool {
        let is_it = |sent: &JournalRecord| {
            matches!(sent, JournalRecord::Intent { .. }) && sent.order_id() == record.order_id()
        };
        self.records.iter().any(is_it)
    }

    /// Returns the run in a line.
    #[must_use]
    pub fn title(&self) -> String {
        let Some(RunRecord { strategy, account, session, as_of, orders, .. }) = &self.run else {
            return self.records.last().and_then(of_the_account).map_or_else(
                || "nothing is known of it".to_owned(),
                |(at, what)| format!("{}, {what}", at.format("%Y-%m-%d %H:%M:%S")),
            );
        };
        let end = self.records.iter().rev().find_map(|record| match record {
            JournalRecord::Ended { orders, .. } => Some(counts(orders)),
            _ => None,
        });
        let end = end.unwrap_or_else(|| "did not end".to_owned());
        format!(
            "{strategy} at {account} for {session}, on closes of {as_of}: {} orders, {end}",
            orders.len()
        )
    }

    /// Returns the story, a line for everything that happened.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let earlier = self.before.iter().flat_map(|record| told(record, "earlier: "));
        let approval = self.run.iter().flat_map(approval);
        let story = self.records.iter().flat_map(|record| told(record, ""));
        earlier.chain(approval).chain(story)
    }
}

fn approval(run: &RunRecord) -> impl Iterator<Item = String> {
    let RunRecord { approved_at, checks, orders, cash_after, agreed, .. } = run;
    let approval = format!("{}  approved by {} checks", time(*approved_at), checks.len());
    let plan = orders.iter().map(|order| format!("          to {order}"));
    let cash = format!("          which leaves {cash_after:.2} in cash");
    let agreed = agreed.iter().map(|id| format!("          a person agreed to plan {id}"));
    [approval].into_iter().chain(checks.iter().map(check)).chain(plan).chain([cash]).chain(agreed)
}

fn check(check: &Check) -> String {
    format!("          {check}")
}

/// How many orders ended in each way.
fn counts(orders: &[OrderReport]) -> String {
    let all = [
        OrderStatus::Filled,
        OrderStatus::Partial,
        OrderStatus::Working,
        OrderStatus::Rejected,
        OrderStatus::NotSent,
        OrderStatus::Unknown,
    ];
    let count = |status: OrderStatus| orders.iter().filter(|order| order.status == status).count();
    let told = all.into_iter().map(|status| (status, count(status)));
    let told: Vec<_> = told
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    if told.is_empty() { "nothing to do".to_owned() } else { told.join(", ") }
}

/// Returns what a record says, a line for each thing.
fn told(record: &JournalRecord, prefix: &str) -> Vec<String> {
    let line = |at: &DateTime<Utc>, id: &dyn std::fmt::Display, what: String| {
        vec![format!("{}  {prefix}{id}: {what}", time(*at))]
    };
    match record {
        JournalRecord::Intent { id, order, arrival, at } => {
            let market =
                arrival.map_or_else(String::new, |price| format!(", which trades at {price}"));
            line(at, id, format!("about to {order}{market}"))
        }
        JournalRecord::Acknowledged { numbers, at } => {
            let taken = |(id, number): (&ClientOrderId, &String)| {
                line(at, id, format!("taken by the broker, as its {number}"))
            };
            numbers.iter().flat_map(taken).collect()
        }
        JournalRecord::NotSent { id, reason, at } => line(at, id, format!("not sent, {reason}")),
        JournalRecord::Unknown { id, reason, at } => line(at, id, format!("unknown, {reason}")),
        JournalRecord::Lapsed { id, at } => line(at, id, "lapsed with its session".to_owned()),
        JournalRecord::Cleared { id, clearance, by, reason, at } => {
            let day = at.date_naive();
            line(at, id, format!("it {clearance}, said {by} on {day}: {reason}"))
        }
        JournalRecord::Seen { snapshot, at } => line(at, &snapshot.id, seen(snapshot)),
        JournalRecord::Executed { execution } => {
            line(&execution.time, &execution.id, executed(execution))
        }
        JournalRecord::Ended { orders, at } => {
            let mut lines = vec![format!("{}  ended: {}", time(*at), counts(orders))];
            let report = ExecutionReport { orders: orders.clone(), ..ExecutionReport::default() };
            lines.push(format!("          {}", costs(&report)));
            lines.extend(orders.iter().filter_map(left_over));
            lines
        }
        record => of_the_account(record)
            .map(|(at, what)| format!("{}  {prefix}{what}", time(at)))
            .into_iter()
            .collect(),
    }
}

/// What a record says that is about no order.
fn of_the_account(record: &JournalRecord) -> Option<(DateTime<Utc>, String)> {
    Some(match record {
        JournalRecord::Proposed { plan, at, .. } => (*at, format!("plan {plan} was shown")),
        JournalRecord::Refused { reason, at } => (*at, format!("nothing was sent: {reason}")),
        JournalRecord::Recovered { reason, at } => {
            // Whether the run goes on, what it has found decides.
            (*at, format!("all is known again: {reason}"))
        }
        JournalRecord::Equity { equity, at } => (*at, format!("the account is worth {equity}")),
        JournalRecord::LossLatched { reason, at } => (*at, format!("no more buys: {reason}")),
        JournalRecord::LossReset { reason, at } => (*at, format!("buys are allowed: {reason}")),
        JournalRecord::Adopted { positions, reason, at } => {
            (*at, format!("{} positions were adopted: {reason}", positions.len()))
        }
        JournalRecord::Reconciled { breaks, at } if breaks.is_empty() => {
            (*at, "what is held is what was held and traded".to_owned())
        }
        JournalRecord::Reconciled { breaks, at } => (*at, format!("BREAK: {}", breaks.join(", "))),
        _ => return None,
    })
}

fn seen(snapshot: &OrderSnapshot) -> String {
    let OrderSnapshot { state, filled, quantity, average_price, commission, reason, .. } = snapshot;
    let state = format!("{state:?}").to_lowercase();
    let mut text = format!("{state}, {filled} of {quantity}");
    if let Some(price) = average_price {
        text += &format!(" at {price}");
    }
    if let Some(commission) = commission {
        text += &format!(", commission {commission}");
    }
    if let Some(reason) = reason {
        text += &format!(" ({reason})");
    }
    text
}

fn executed(execution: &Execution) -> String {
    let Execution { execution_id, side, quantity, price, .. } = execution;
    let commission = match execution.commission {
        Some(commission) => format!("commission {commission}"),
        None => "commission not known yet".to_owned(),
    };
    format!("{side} {quantity} at {price}, {commission}, execution {execution_id}")
}

/// An order that has not simply filled, and why.
fn left_over(order: &OrderReport) -> Option<String> {
    let id: &ClientOrderId = &order.id;
    let reason = order.reason.as_deref().unwrap_or("no reason is known");
    (order.status != OrderStatus::Filled)
        .then(|| format!("          {id}: {}, {reason}", order.status))
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}
