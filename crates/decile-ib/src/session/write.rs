//! The writer: orders go out one after the other, each whole.

use super::Session;
use super::submit::{Draft, Outbound, in_doubt, not_sent};
use super::waiting::Waiter;
use crate::Error;
use crate::book::Facts;
use ibapi::orders::Order;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// The orders that are to be written, in the order in which they were given.
struct Queue {
    given: UnboundedReceiver<Outbound>,
    /// Those that have been given while one was stuck.
    waiting: VecDeque<Outbound>,
    /// How long one may wait for those before it.
    after: Duration,
}

impl Session {
    /// Writes orders until no more can be given.
    ///
    /// Nothing drops it. A message that is stuck in a full socket when its time is up is left to go
    /// out whole: cut off, it would take the connection with it.
    pub(crate) async fn write_orders(self: Arc<Self>, given: UnboundedReceiver<Outbound>) {
        let after = self.config.acknowledge_timeout;
        let mut queue = Queue { given, waiting: VecDeque::new(), after };
        let turn = || async {
            self.rate.turn().await;
            self.link.settled().await;
        };
        while let Some(Outbound { draft, contract, .. }) = queue.next(turn).await {
            // Taken before the order is admitted, so that one that was meant for this connection cannot
            // go to the next.
            let client = self.client();
            let Some((order_id, message)) = self.announce(draft) else { continue };
            let writing = client.submit_order(order_id, &contract, &message);
            match queue.refuse_late(writing).await {
                Ok(()) => self.orders().waiting.written(order_id),
                Err(error) => self.failed(order_id, error),
            }
        }
    }

    /// Gives an order its number, notes it as sent and begins to wait for word of it; the last moment
    /// to say no.
    fn announce(&self, draft: Draft) -> Option<(i32, Box<Order>)> {
        let message = match self.message(&draft.id, &draft.order) {
            Ok(message) => message,
            Err(error) => {
                let refusal = self.refusal(&draft.id, error);
                draft.refuse(refusal);
                return None;
            }
        };
        let mut orders = self.orders();
        let number = || self.ids.take().map_err(|error| not_sent(&draft.id, error));
        let order_id = match self.admit(&draft.id, &orders).and_then(|()| number()) {
            Ok(order_id) => order_id,
            Err(refusal) => {
                // First, so that the orders are free while it is told.
                drop(orders);
                draft.refuse(refusal);
                return None;
            }
        };
        let Draft { id, order, tell } = draft;
        let facts = Facts {
            order_ref: message.order_ref.clone(),
            symbol: order.symbol,
            side: order.side,
            quantity: order.quantity,
        };
        let is_new = orders.book.send(&id, (self.config.client_id, order_id), facts);
        assert!(is_new, "an id that was sent is not admitted");
        let after = self.config.acknowledge_timeout;
        let deadline = Instant::now() + after;
        let waiter = Waiter { id, tell, deadline, after, is_written: false, inactive: None };
        if orders.waiting.begin(order_id, waiter) {
            self.has_waiting.notify_one();
        }
        Some((order_id, message))
    }

    /// Tells what an error of the client library proves, if it is not too late to tell.
    fn failed(&self, order_id: i32, error: ibapi::Error) {
        let waiter = {
            let mut orders = self.orders();
            let Some(waiter) = orders.waiting.take(order_id) else { return };
            if is_unsent(&error) {
                orders.book.unsend(&waiter.id);
            }
            waiter
        };
        let outcome = match is_unsent(&error) {
            true => not_sent(&waiter.id, Error::Client { source: error.into() }),
            false => in_doubt(&waiter.id, Error::Client { source: error.into() }),
        };
        waiter.answer(Err(outcome)).tell();
    }
}

impl Queue {
    /// Returns the next order that has not waited too long, when its turn has come; `None` if there can
    /// be no more.
    async fn next<F: Future<Output = ()>>(&mut self, turn: impl Fn() -> F) -> Option<Outbound> {
        loop {
            if self.waiting.is_empty() {
                let given = self.given.recv().await?;
                self.waiting.push_back(given);
            }
            // Its own time may be up before its turn comes, so it waits with the others.
            self.refuse_late(turn()).await;
            match self.waiting.pop_front() {
                Some(next) if Instant::now() < next.deadline => return Some(next),
                late => self.refuse(late),
            }
        }
    }

    /// Does what an order is waiting for, and refuses those behind it whose time is up meanwhile.
    async fn refuse_late<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            let deadline = self.waiting.front().map(|next| next.deadline);
            let is_open = !self.given.is_closed() || !self.given.is_empty();
            tokio::select! {
                // Most work is done at once, and then nothing is timed.
                biased;
                done = &mut work => return done,
                given = self.given.recv(), if is_open => self.waiting.extend(given),
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    let late = self.waiting.pop_front();
                    self.refuse(late);
                }
            }
        }
    }

    fn refuse(&self, late: Option<Outbound>) {
        if let Some(Outbound { draft, .. }) = late {
            draft.not_sent(Error::Queued { after: self.after });
        }
    }
}

/// Tells whether an error proves that no byte of the order has left. See the table of the crate.
fn is_unsent(error: &ibapi::Error) -> bool {
    matches!(
        error,
        ibapi::Error::OrderIdInRequestRange { .. }
            | ibapi::Error::ServerVersion(..)
            | ibapi::Error::ConnectionReset
            | ibapi::Error::ConnectionFailed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::Shares;
    use decile_trade::{OrderKind, PlannedOrder, Side, SubmitError, TimeInForce};
    use ibapi::contracts::Contract;
    use std::future::ready;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
    use tokio::sync::oneshot::{self, error::TryRecvError};
    use tokio::time::sleep;

    const AFTER: Duration = Duration::from_secs(8);

    fn queue() -> (UnboundedSender<Outbound>, Queue) {
        let (outbox, given) = unbounded_channel();
        (outbox, Queue { given, waiting: VecDeque::new(), after: AFTER })
    }

    /// Gives an order that has waited for a time, and returns where its end is told.
    fn give(
        outbox: &UnboundedSender<Outbound>,
        symbol: &str,
        waited: Duration,
    ) -> oneshot::Receiver<Result<decile_trade::OrderAck, SubmitError>> {
        let (tell, told) = oneshot::channel();
        let order = PlannedOrder {
            symbol: symbol.parse().unwrap(),
            side: Side::Buy,
            quantity: Shares::new(1),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
            reference: "50".parse().unwrap(),
            notional: "50".parse().unwrap(),
        };
        let id = format!("q:DU1:20251201:{symbol}:B:1").parse().unwrap();
        let draft = Draft { id, order, tell };
        let contract = Arc::new(Contract::default());
        outbox
            .send(Outbound { draft, contract, deadline: Instant::now() + AFTER - waited })
            .unwrap();
        told
    }

    async fn next(queue: &mut Queue) -> Option<String> {
        queue.next(|| ready(())).await.map(|next| next.draft.order.symbol.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn those_behind_one_that_is_stuck_are_refused_in_time_and_never_written() {
        let (outbox, mut queue) = queue();
        let mut late = give(&outbox, "KO", Duration::from_secs(5));
        let mut early = give(&outbox, "PEP", Duration::ZERO);
        let began = Instant::now();
        let stuck = async {
            sleep(Duration::from_secs(2)).await;
            assert!(matches!(late.try_recv(), Err(TryRecvError::Empty)));
            sleep(Duration::from_secs(2)).await;
            // Three seconds after it was given, while the other is still stuck.
            let refused = late.try_recv().unwrap();
            assert!(matches!(refused, Err(SubmitError::NotSent { .. })), "{refused:?}");
            drop(give(&outbox, "MSFT", Duration::ZERO));
        };
        queue.refuse_late(stuck).await;
        assert_eq!(began.elapsed(), Duration::from_secs(4));
        assert!(matches!(early.try_recv(), Err(TryRecvError::Empty)));
        assert_eq!(next(&mut queue).await.as_deref(), Some("PEP"));
        assert_eq!(next(&mut queue).await.as_deref(), Some("MSFT"));
        drop(outbox);
        assert_eq!(next(&mut queue).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_order_that_has_waited_too_long_is_not_written() {
        let (outbox, mut queue) = queue();
        let late = give(&outbox, "KO", AFTER);
        drop(outbox);
        assert_eq!(next(&mut queue).await, None);
        let refused = late.await.unwrap().unwrap_err();
        assert!(matches!(refused, SubmitError::NotSent { .. }), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn work_goes_on_when_no_more_can_be_given() {
        let (outbox, mut queue) = queue();
        drop(outbox);
        queue.refuse_late(sleep(Duration::from_secs(60))).await;
        assert_eq!(next(&mut queue).await, None);
    }

    #[test]
    fn only_what_was_never_written_is_not_sent() {
        use ibapi::Error as E;
        assert!(is_unsent(&E::ConnectionReset));
        assert!(is_unsent(&E::ConnectionFailed));
        assert!(is_unsent(&E::OrderIdInRequestRange { order_id: 1_500_000_000 }));
        assert!(is_unsent(&E::ServerVersion(224, 213, "post only".to_owned())));
        let io = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        for error in [E::Io(io), E::Shutdown, E::Timeout, E::Simple("?".to_owned())] {
            assert!(!is_unsent(&error), "{error:?}");
        }
    }
}
