//! Limits that rest for too long: cancelled, and what is left of them sent anew.

use super::StaleLimit;
use super::recover::Line;
use super::run::Run;
use super::watch::Missed;
use super::window::Sent;
use crate::error::in_full;
use crate::risk::Rest;
use crate::{
    ApprovedOrder, Attempts, ClientOrderId, Execution, OrderKind, OrderSnapshot, OrderState,
    RiskInputs, Side,
};
use decile_core::Shares;
use futures::future::join_all;
use std::time::Duration;
use tokio::time::Instant;

impl Run<'_> {
    /// Sends orders, and what is left of those that rest for too long, so often as is allowed.
    pub(super) async fn send_window(&mut self, orders: Vec<ApprovedOrder>) {
        self.send(orders).await;
        let stale = self.executor.config.stale_limit.as_ref();
        for _ in 0..stale.map_or(0, |stale| stale.reprices_max) {
            let stale = std::mem::take(&mut self.stale);
            if stale.is_empty() {
                return;
            }
            let rests = self.rests(stale).await;
            self.send(rests).await;
        }
        self.stale.clear();
    }

    /// Waits for orders to end, and cancels the limits among them that rest for too long.
    pub(super) async fn follow(&mut self, sent: &[&Sent]) {
        let config = &self.executor.config;
        let ids: Vec<_> = sent.iter().map(|sent| sent.id.clone()).collect();
        let patience = self.executor.patience(sent);
        let Some(stale) = &config.stale_limit else {
            return self.wait(&ids, patience).await;
        };
        let after = stale.after.min(patience);
        self.wait(&ids, after).await;
        let resting: Vec<_> =
            sent.iter().copied().filter(|sent| self.rests_at_broker(sent)).collect();
        let executor = self.executor;
        let cancels =
            resting.iter().map(|sent| executor.ask("cancel", executor.broker.cancel(&sent.id)));
        let answers = join_all(cancels).await;
        // One to whose cancel there is no answer may be cancelled all the same.
        let asked = if resting.is_empty() { Duration::ZERO } else { config.request_timeout };
        self.wait(&ids, (patience - after).max(asked)).await;
        for (sent, answer) in resting.into_iter().zip(answers) {
            let rested = format!("its limit rested for {} s", after.as_secs_f64());
            let remark = match answer {
                Ok(()) => rested,
                Err(error) => format!("{rested}, and the cancel failed: {}", in_full(&error)),
            };
            self.remark(&sent.id, &remark);
            self.stale.push(sent.clone());
        }
    }

    /// Waits for orders to end, and if the connection is lost meanwhile, for that, too, which does not
    /// count as time of theirs.
    async fn wait(&mut self, ids: &[ClientOrderId], most: Duration) {
        let mut left = most;
        loop {
            let began = Instant::now();
            if !self.watch.wait(ids, left).await {
                let is_open = |id: &ClientOrderId| !self.watch.tracker.is_final(id);
                if self.watch.missed() > Some(Missed::News) && ids.iter().any(is_open) {
                    // Their time is up without an answer for them: once there is one, it is known of all.
                    self.recover(None).await;
                }
                return;
            }
            left = left.saturating_sub(began.elapsed());
            // Whatever else stops the run stops it behind what is out, which has its time.
            if self.recover(None).await == Line::GivenUp {
                // The last look before what is known is written down.
                left = Duration::ZERO;
            }
        }
    }

    fn rests_at_broker(&self, sent: &Sent) -> bool {
        let is_limit = matches!(sent.order.kind, OrderKind::Limit { .. });
        is_limit && !self.watch.tracker.is_final(&sent.id)
    }

    /// Returns the orders for what is left of cancelled ones. Where there is none, the report of the
    /// cancelled order says why.
    async fn rests(&mut self, stale: Vec<Sent>) -> Vec<ApprovedOrder> {
        // The journal is read anew for each of them.
        self.settle().await;
        let proofs = self.proofs(&stale).await;
        let halted = self.halted();
        let mut rests = Vec::new();
        for (sent, proof) in stale.into_iter().zip(proofs) {
            let rest = match (&halted, proof) {
                (_, Err(reason)) => Err(reason),
                (Some(halt), _) => Err(halt.clone()),
                (None, Ok(ended)) => self.renew(&sent, &ended).await,
            };
            let remark = match &rest {
                Ok(rest) => format!("{} is for the rest", rest.id()),
                Err(reason) => format!("nothing is sent for the rest, {reason}"),
            };
            self.remark(&sent.id, &remark);
            rests.extend(rest);
        }
        rests
    }

    /// Asks the broker how orders ended, and whether its executions say the same.
    async fn proofs(&mut self, stale: &[Sent]) -> Vec<Result<OrderSnapshot, String>> {
        let executor = self.executor;
        let executions = executor.executions_of(self.terms.approved_at()).await;
        let executions = executions.map_err(|error| in_full(&error));
        let mut proofs = Vec::new();
        for Sent { id, .. } in stale {
            let known = self.watch.tracker.snapshot(id);
            let found = executor.ask("order", executor.broker.find(id)).await;
            let found = found.map_err(|error| in_full(&error));
            let proof = match (&executions, &found) {
                (Ok(executions), Ok(Some(found))) => ended(id, known, found, executions),
                (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
                (_, Ok(None)) => Err("the broker does not show it".to_owned()),
            };
            proofs.push(proof);
        }
        proofs
    }

    async fn renew(&mut self, sent: &Sent, ended: &OrderSnapshot) -> Result<ApprovedOrder, String> {
        let executor = self.executor;
        let attempts = Attempts::replay(&*executor.journal).map_err(|error| in_full(&error))?;
        let (id, quantity) = attempts.rest(&sent.id).map_err(|blocked| blocked.reason)?;
        let account = executor.ask("account", executor.broker.account()).await;
        let account = account.map_err(|error| in_full(&error))?;
        let positions = executor.ask("positions", executor.broker.positions()).await;
        let positions = positions.map_err(|error| in_full(&error))?;
        let quotes = executor.market(std::slice::from_ref(&sent.order.symbol)).await;
        let now = executor.clock.now();
        let approval = self.terms.approval.as_ref().ok_or("the approval is for no rest")?;
        let inputs = RiskInputs {
            account: &account,
            positions: &positions,
            quotes: &quotes,
            now,
            known: approval.known(),
        };
        let rest = Rest { id, quantity, cash_needed: sent.cash_needed, ended };
        let stale = executor.config.stale_limit.as_ref();
        let move_max =
            stale.map_or_else(Default::default, |stale: &StaleLimit| stale.price_move_max);
        let renewed = approval.renew(rest, &inputs, move_max)?;
        if sent.id.side() == Side::Buy {
            // The cancelled part is not bought, so the session has room for it again.
            let cancelled = sent.order.reference.notional(quantity);
            self.day.bought -= cancelled.map_err(|error| error.to_string())?;
        }
        Ok(renewed)
    }
}

/// Returns how an order ended if all agree: what was known, what the broker shows, and its executions.
fn ended(
    id: &ClientOrderId,
    known: Option<OrderSnapshot>,
    found: &OrderSnapshot,
    executions: &[Execution],
) -> Result<OrderSnapshot, String> {
    let known = known.ok_or("nothing is known of it")?;
    if found.state != OrderState::Cancelled || known.state != OrderState::Cancelled {
        return Err("it is not known to be cancelled".to_owned());
    }
    let of_it = executions.iter().filter(|execution| execution.id.ours() == Some(id));
    let executed = of_it.fold(Shares::ZERO, |sum, execution| sum + execution.quantity);
    if found.filled != known.filled || executed != known.filled {
        let (found, known) = (found.filled, known.filled);
        return Err(format!(
            "the broker shows {found} shares filled and executions of {executed}, and told of {known}"
        ));
    }
    Ok(known)
}
