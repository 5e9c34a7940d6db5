//! The end of a run: the orders go out, and what the account holds then is held against them.

use crate::console::{Console, one_line};
use crate::desk::{Desk, no_buys};
use crate::summary::Summary;
use crate::tables;
use crate::trading::Trading;
use decile::prelude::*;
use decile::trade::{Error, ExecutionReport, JournalRecord, LossLimits, position_breaks};
use std::time::Duration;

/// How often it is looked whether the positions show what has filled, and how far apart.
const SETTLE_LOOKS: u32 = 5;
const SETTLE_PAUSE: Duration = Duration::from_secs(1);

/// How far the orders of a plan have come.
///
/// ```
/// assert_ne!(decile_examples::finish::Traded::InFull, decile_examples::finish::Traded::Denied);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traded {
    /// All of them, and the account shows it.
    InFull,
    /// Not all of them, or nobody knows.
    InPart,
    /// The broker's margin check denied them, or nobody has agreed: none was sent.
    Denied,
}

impl Desk {
    /// Sends the orders and tells whether everything is filled, this time and before. Orders may be
    /// out, so from here on nothing is called bad input; but the broker may deny all of them before.
    pub async fn trade(
        &self,
        approved: ApprovedPlan,
        (losses, console): (&LossLimits, Console),
        summary: &mut Summary,
    ) -> Traded {
        let report = match self.executor.execute(approved, &stop_at_interrupt()).await {
            Ok(report) => report,
            Err(error @ (Error::MarginDenied { .. } | Error::Consent(_))) => {
                console.say(format!("Nothing was sent: {error}"));
                return Traded::Denied;
            }
            Err(error) => {
                let error = one_line(&error);
                console.say(format!("error: {error}"));
                // What keeps it from being written is what was said.
                let _ = self.refuse(error);
                return Traded::InPart;
            }
        };
        if let Some(margin) = &report.margin {
            console.say(format!("\n  {margin}"));
        }
        match self.account_for(&report, (losses, console), summary).await {
            true => Traded::InFull,
            false => Traded::InPart,
        }
    }

    /// Shows what has filled and what the account holds now, and tells whether all of it agrees.
    async fn account_for(
        &self,
        report: &ExecutionReport,
        (losses, console): (&LossLimits, Console),
        summary: &mut Summary,
    ) -> bool {
        if !report.orders.is_empty() {
            console.say(format!("\nFills\n{}\n{}", tables::fills(report), tables::costs(report)));
            tables::clears(&report.orders).iter().for_each(|line| console.say(line));
        }
        let broker = &self.trading.broker;
        match (broker.account().await, self.settled(report).await) {
            (Ok(after), Ok((held, breaks))) => {
                breaks.iter().for_each(|line| console.say(format!("BREAK: {line}")));
                let at = self.trading.clock.now();
                let judged = self.judge(losses, console).await;
                let reconciled = JournalRecord::Reconciled { breaks: breaks.clone(), at };
                let written = self.trading.journal.append(&[reconciled]);
                if let Err(error) = judged.and(written) {
                    console.say(format!("error: {}", one_line(&error)));
                    return false;
                }
                let before = (&self.account, &self.positions[..]);
                console.say(format!("\n{}", tables::accounts(before, (&after, &held))));
                summary.executed(report, Some((&after, &held)));
                report.is_complete() && self.earlier.is_clear() && breaks.is_empty()
            }
            (Err(error), _) | (_, Err(error)) => {
                console.say(format!("error: orders are out, but {}", one_line(&error)));
                summary.executed(report, None);
                false
            }
        }
    }

    /// What is held once the broker shows what has filled, and what does not agree even then.
    async fn settled(
        &self,
        report: &ExecutionReport,
    ) -> Result<(Vec<Position>, Vec<String>), Error> {
        let mut looks = 0;
        loop {
            let held = self.trading.broker.positions().await?;
            let breaks = position_breaks(report, &self.positions, &held);
            looks += 1;
            if breaks.is_empty() || looks == SETTLE_LOOKS {
                return Ok((held, breaks));
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    /// Looks at what the account is worth once the orders are done, and says so if that is too little.
    async fn judge(&self, losses: &LossLimits, console: Console) -> Result<(), Error> {
        let Trading { broker, journal, clock, .. } = &self.trading;
        let state = losses.watch(&**broker, &**journal, &**clock).await?;
        let was_latched = self.known.history.latched().is_some();
        if let Some(reason) = state.latched().filter(|_| !was_latched) {
            console.say(no_buys(reason));
        }
        Ok(())
    }
}

/// Stops between orders when the user interrupts; the one under way is seen through.
fn stop_at_interrupt() -> StopSignal {
    let stop = StopSignal::new();
    let interrupt = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.stop();
        }
    });
    stop
}
