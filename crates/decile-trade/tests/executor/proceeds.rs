//! Buys that are paid with what sells bring.

use crate::desk::{Desk, PRICES, named, statuses};
use crate::line::{Behind, Line};
use crate::market::money;
use async_trait::async_trait;
use decile_core::Money;
use decile_trade::OrderStatus::{Filled, NotSent};
use decile_trade::{
    Account, ApprovedOrder, Broker, Error, ExecutionReport, OrderAck, PaperBroker, Side,
    StopSignal, SubmitError,
};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// The account shows what a sale has brought only after so many seconds.
#[derive(Debug)]
struct Slow {
    seconds: u64,
    sold: Mutex<Option<(Instant, Money)>>,
}

#[async_trait]
impl Line for Slow {
    async fn account(&self, paper: &PaperBroker) -> Result<Account, Error> {
        let account = paper.account().await?;
        Ok(match *self.sold.lock().unwrap() {
            Some((at, cash)) if at.elapsed().as_secs() < self.seconds => {
                Account { cash, ..account }
            }
            _ => account,
        })
    }
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        if order.order().side == Side::Sell {
            let cash = paper.account().await.expect("a paper account").cash;
            *self.sold.lock().unwrap() = Some((Instant::now(), cash));
        }
        paper.submit(order).await
    }
}

/// From all in A to all in B.
async fn rotate(seconds: u64) -> (ExecutionReport, u64) {
    let desk = Desk::new();
    assert!(desk.trade(&["A"]).await.is_complete());
    let line = Slow { seconds, sold: Mutex::default() };
    let executor = desk.executor_at(Arc::new(Behind { paper: desk.broker.clone(), line }));
    let approved = desk.approved(&["B"]).await;
    let began = Instant::now();
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    (report, began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn what_sells_have_brought_is_waited_for_but_not_for_ever() {
    assert_eq!(PRICES[0], ("A", "10"));
    let (report, seconds) = rotate(4).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", Filled)]));
    assert_eq!(seconds, 4);
    // After ten seconds the account is believed.
    let (report, seconds) = rotate(60).await;
    assert_eq!(statuses(&report), named(&[("A", Filled), ("B", NotSent)]));
    assert_eq!(seconds, 10);
    assert_eq!(report.orders[1].commission, Some(money("0")));
}
