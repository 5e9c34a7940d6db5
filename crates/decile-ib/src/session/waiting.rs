//! Those who wait for word of an order that was sent.

use super::Session;
use super::submit::{Outcome, ack, in_doubt};
use crate::Error;
use crate::book::Sign;
use decile_trade::{ClientOrderId, SubmitError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// How long a gateway that shows an order as inactive may take to say why. Recordings show the
/// reason within 50 ms.
const REASON_WAIT: Duration = Duration::from_millis(500);

/// How long the watch over them sleeps when nobody waits. It is woken when somebody does.
const IDLE: Duration = Duration::from_secs(3600);

#[derive(Debug, Default)]
pub(super) struct Waiting {
    by_order_id: HashMap<i32, Waiter>,
    /// When the watch over them looks next; never, while it waits to be woken.
    looks_at: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) id: ClientOrderId,
    pub(super) tell: oneshot::Sender<Outcome>,
    pub(super) deadline: Instant,
    /// How long it is waited in all.
    pub(super) after: Duration,
    /// Whether all of the order is in the hands of the operating system.
    pub(super) is_written: bool,
    /// The permanent number of an order that the gateway shows as doing nothing.
    pub(super) inactive: Option<i64>,
}

/// An answer that is ready to be told.
#[derive(Debug)]
pub(super) struct Answer {
    tell: oneshot::Sender<Outcome>,
    outcome: Outcome,
}

impl Answer {
    pub(super) fn tell(self) {
        // An error says that nobody waits any more.
        let _ = self.tell.send(self.outcome);
    }
}

impl Waiter {
    pub(super) fn answer(self, outcome: Outcome) -> Answer {
        Answer { tell: self.tell, outcome }
    }
}

impl Waiting {
    /// Begins to wait; tells whether the watch would look too late, and must be woken.
    pub(super) fn begin(&mut self, order_id: i32, waiter: Waiter) -> bool {
        let is_unwatched = self.looks_at.is_none_or(|at| waiter.deadline < at);
        self.by_order_id.insert(order_id, waiter);
        is_unwatched
    }

    pub(super) fn written(&mut self, order_id: i32) {
        if let Some(waiter) = self.by_order_id.get_mut(&order_id) {
            waiter.is_written = true;
        }
    }

    pub(super) fn take(&mut self, order_id: i32) -> Option<Waiter> {
        self.by_order_id.remove(&order_id)
    }

    /// Takes in what was shown of an order; returns the answer, once it is one.
    pub(super) fn hear(&mut self, order_id: i32, sign: Sign) -> Option<Answer> {
        let waiter = self.by_order_id.get_mut(&order_id)?;
        if let Sign::Inactive(perm_id) = sign {
            if waiter.inactive.is_none() {
                waiter.inactive = Some(perm_id);
                waiter.deadline = waiter.deadline.min(Instant::now() + REASON_WAIT);
            }
            return None;
        }
        let waiter = self.take(order_id)?;
        let id = waiter.id.clone();
        let outcome = match (sign, waiter.inactive) {
            (Sign::Shown(perm_id) | Sign::Inactive(perm_id), _)
            | (Sign::Doubt(_), Some(perm_id)) => Ok(ack(id, perm_id)),
            (Sign::Refused(text), _) => Err(SubmitError::Rejected { id, source: text.into() }),
            (Sign::Doubt(text), None) => Err(SubmitError::InDoubt { id, source: text.into() }),
        };
        Some(waiter.answer(outcome))
    }

    /// Returns the answers of those who have waited long enough.
    fn expired(&mut self, now: Instant) -> Vec<Answer> {
        self.give_up(
            |waiter| waiter.deadline <= now,
            |order_id, waiter| Error::NoAcknowledgement { order_id, after: waiter.after },
        )
    }

    /// Returns the answers of all whose orders were sent, as the connection is lost. Those whose
    /// orders were not yet sent are told by what their sending comes to.
    pub(super) fn lost(&mut self) -> Vec<Answer> {
        self.give_up(|waiter| waiter.is_written, |order_id, _| Error::LostAfterSending { order_id })
    }

    fn give_up(
        &mut self,
        is_over: impl Fn(&Waiter) -> bool,
        why: impl Fn(i32, &Waiter) -> Error,
    ) -> Vec<Answer> {
        let over = self.by_order_id.extract_if(|_, waiter| is_over(waiter));
        over.map(|(order_id, waiter)| {
            let outcome = match waiter.inactive {
                Some(perm_id) => Ok(ack(waiter.id.clone(), perm_id)),
                None => Err(in_doubt(&waiter.id, why(order_id, &waiter))),
            };
            waiter.answer(outcome)
        })
        .collect()
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.by_order_id.values().map(|waiter| waiter.deadline).min()
    }
}

impl Session {
    /// Watches over the deadlines of all who wait. One watch for all: a timer for each order would
    /// cost more than the order.
    pub(super) async fn watch_waiting(self: Arc<Self>) {
        loop {
            let (answers, next) = {
                let waiting = &mut self.orders().waiting;
                let answers = waiting.expired(Instant::now());
                waiting.looks_at = waiting.next_deadline();
                (answers, waiting.looks_at)
            };
            answers.into_iter().for_each(Answer::tell);
            let next = next.unwrap_or_else(|| Instant::now() + IDLE);
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.has_waiting.notified() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(is_written: bool) -> (Waiting, oneshot::Receiver<Outcome>, Instant) {
        let (tell, told) = oneshot::channel();
        let (now, after) = (Instant::now(), Duration::from_secs(8));
        let id = "q:DU1:20251201:KO:B:1".parse().unwrap();
        let deadline = now + after;
        let waiter = Waiter { id, tell, deadline, after, is_written, inactive: None };
        let mut waiting = Waiting::default();
        assert!(waiting.begin(7, waiter));
        (waiting, told, now)
    }

    fn told(answer: Option<Answer>) -> Outcome {
        answer.expect("an answer").outcome
    }

    #[test]
    fn what_is_shown_is_acknowledged_and_what_is_refused_refused() {
        let (mut waiting, _told, _) = waiting(true);
        let ack = told(waiting.hear(7, Sign::Shown(900))).unwrap();
        assert_eq!(ack.broker_order_id.as_deref(), Some("900"));
        assert!(waiting.hear(7, Sign::Shown(900)).is_none());
        let (mut waiting, _told, _) = self::waiting(true);
        let refused = told(waiting.hear(7, Sign::Refused("no".to_owned())));
        assert!(matches!(refused, Err(SubmitError::Rejected { .. })));
        let (mut waiting, _told, _) = self::waiting(true);
        let doubt = told(waiting.hear(7, Sign::Doubt("what?".to_owned())));
        assert!(matches!(doubt, Err(SubmitError::InDoubt { .. })));
    }

    #[test]
    fn an_inactive_order_gets_time_to_say_why() {
        let (mut waiting, _told, now) = waiting(true);
        assert!(waiting.hear(7, Sign::Inactive(900)).is_none());
        assert!(waiting.expired(now + Duration::from_millis(400)).is_empty());
        let refused = waiting.hear(7, Sign::Refused("margin".to_owned()));
        assert!(matches!(told(refused), Err(SubmitError::Rejected { .. })));
        let (mut waiting, _told, now) = self::waiting(true);
        assert!(waiting.hear(7, Sign::Inactive(900)).is_none());
        let ended = waiting.expired(now + 2 * REASON_WAIT).pop();
        assert!(told(ended).is_ok());
    }

    #[test]
    fn silence_and_a_lost_connection_are_doubt() {
        let (mut waiting, _told, now) = waiting(true);
        assert!(waiting.expired(now).is_empty());
        assert_eq!(waiting.next_deadline(), Some(now + Duration::from_secs(8)));
        let silence = told(waiting.expired(now + Duration::from_secs(8)).pop());
        assert!(matches!(silence, Err(SubmitError::InDoubt { .. })));
        assert_eq!(waiting.next_deadline(), None);
        let (mut waiting, _told, _) = self::waiting(true);
        assert!(matches!(told(waiting.lost().pop()), Err(SubmitError::InDoubt { .. })));
        // Not yet written: its own error will tell more.
        let (mut waiting, _told, _) = self::waiting(false);
        assert!(waiting.lost().is_empty());
    }
}
