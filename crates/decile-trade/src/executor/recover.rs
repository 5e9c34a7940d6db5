//! A connection that was lost in a run: nothing is sent until it is back and what is out is known.

use super::run::Run;
use super::watch::Missed;
use crate::error::in_full;
use crate::{Error, Execution, JournalRecord, OrderName, OrderSnapshot};
use chrono::TimeDelta;
use decile_core::Symbol;
use futures::future::try_join;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long after an attempt the next one is made.
const PAUSE: Duration = Duration::from_secs(1);

/// How often the connection may be lost in a run. A line that keeps breaking is none to send orders on.
const LOSSES_MAX: usize = 10;

/// What it is called if there is no sign of life.
const SILENT: &str = "the broker gives no sign of life";

/// Whether the broker is still waited for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It is back, or the run does not go on whether it comes back or not.
    Kept,
    /// It has not come back in time, or never will.
    GivenUp,
}

/// What speaks against going on, and why.
type Obstacle = (&'static str, Error);

impl Run<'_> {
    /// Waits until the broker gives a sign of life and has told what became of all that is out, as long
    /// as the configuration says; else nothing more is sent. `silence` is a question that it has not
    /// answered.
    pub(super) async fn recover(&mut self, silence: Option<Error>) -> Line {
        let began = Instant::now();
        let patience = self.executor.config.reconnect_max.saturating_sub(self.lost_for);
        let reason = match (&silence, self.watch.missed()) {
            (Some(error), _) => in_full(error),
            (None, Some(missed)) => missed.in_words().to_owned(),
            (None, None) => return Line::Kept,
        };
        if silence.is_some() || self.watch.missed() > Some(Missed::News) {
            self.losses += 1;
        }
        let mut line = Line::Kept;
        let mut obstacle = silence.map(|error| (SILENT, error));
        while self.halted().is_none() {
            if self.losses > LOSSES_MAX {
                self.halt = Some(format!("the connection was lost {} times", self.losses));
                break;
            }
            let met = match obstacle.take() {
                Some(obstacle) => Err(obstacle),
                None => self.reconcile().await,
            };
            let Err((what, error)) = met else {
                self.alive_at = Some(Instant::now());
                self.recoveries += 1;
                let at = self.executor.clock.now();
                let mut records = self.watch.tracker.all_news(at);
                records.push(JournalRecord::Recovered { reason, at });
                self.record(records).await;
                break;
            };
            if matches!(error, Error::BrokerGone { .. }) || began.elapsed() >= patience {
                self.halt = Some(format!("{what}: {}", in_full(&error)));
                line = Line::GivenUp;
                break;
            }
            sleep(PAUSE).await;
        }
        self.lost_for += began.elapsed();
        line
    }

    /// Takes in what has happened to all that is out, once the broker gives a sign of life; and stops the
    /// run if somebody else has traded its stocks since it was approved.
    async fn reconcile(&mut self) -> Result<(), Obstacle> {
        let executor = self.executor;
        let silent = |error| (SILENT, error);
        executor.ask("sign of life", executor.broker.ping()).await.map_err(silent)?;
        if let Some(error) = executor.skewed() {
            self.halt = Some(in_full(&error));
        }
        // What is lost from here on is lost anew.
        self.watch.listen_anew();
        let unclear = |error| ("what became of the orders is not known", error);
        let executions = executor.executions_of(self.terms.approved_at());
        let open = executor.ask("open orders", executor.broker.open_orders());
        let (executions, open) = try_join(executions, open).await.map_err(unclear)?;
        if let Some(intruder) = self.intruder(&executions, &open) {
            self.halt.get_or_insert(intruder);
        }
        executions.into_iter().for_each(|execution| self.watch.tracker.execute(execution));
        open.into_iter().for_each(|snapshot| self.watch.tracker.see(snapshot));
        let out = self.watch.tracker.incomplete();
        self.watch.look_up_all(&out).await;
        match self.watch.missed().filter(|missed| *missed > Missed::News) {
            Some(missed) => {
                let source = missed.in_words().into();
                Err(unclear(Error::Broker { request: "orders", source }))
            }
            None => Ok(()),
        }
    }

    /// Returns what others have done with the stocks of the plan since it was approved, if anything: the
    /// plan has not seen it.
    fn intruder(&self, executions: &[Execution], open: &[OrderSnapshot]) -> Option<String> {
        let (terms, tracker) = (&self.terms, &self.watch.tracker);
        let is_other = |name: &OrderName, symbol: &Symbol| {
            terms.symbols.contains(symbol) && !tracker.knows(name)
        };
        // By the broker's clock, which may be behind ours.
        let behind = self.executor.broker.clock_skew().unwrap_or_default().min(TimeDelta::zero());
        let approved_at = terms.approved_at();
        let approved_at = approved_at.checked_add_signed(behind).unwrap_or(approved_at);
        let is_new = |execution: &&Execution| {
            execution.time > approved_at && is_other(&execution.id, &execution.symbol)
        };
        let traded = executions.iter().find(is_new).map(|execution| {
            format!("{} was traded by {} after the approval", execution.symbol, execution.id)
        });
        let is_opened = |order: &&OrderSnapshot| {
            !terms.open_orders.contains(&order.id) && is_other(&order.id, &order.symbol)
        };
        let opened = || open.iter().find(is_opened);
        traded.or_else(|| {
            opened().map(|order| {
                format!("{} for {} is open and was not at the approval", order.id, order.symbol)
            })
        })
    }
}
