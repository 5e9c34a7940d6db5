//! Orders that wait at the broker, and orders that its algorithm works.

use super::*;
use OrderStatus::{Filled, NotSent, Unknown, Working};
use chrono::TimeDelta;
use decile_trade::OrderStyle;
use orders::plan_of;

/// A desk whose gateway goes by a clock that can be moved on.
async fn at_a_clock(cash: &str) -> (Desk, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(now()));
    let gateway = gateway_config().cash(cash.parse().unwrap()).clock(clock.clone());
    (Desk::with(gateway, |config| config, waits()).await, clock)
}

impl Desk {
    async fn trade(&self, order: OrderStyle, changes: &[(&str, i64)]) -> ExecutionReport {
        let plan = plan_of(order, ACCOUNT, changes);
        self.executor.execute(plan, &StopSignal::new()).await.unwrap()
    }
}

#[tokio::test]
async fn orders_for_the_close_go_out_in_one_run_and_the_next_tells_how_they_ended() {
    for order in [OrderStyle::MarketOnClose, OrderStyle::LimitOnClose] {
        let (desk, clock) = at_a_clock("1000000").await;
        let report = desk.trade(order, &PLAN).await;
        assert_eq!(statuses(&report), [Working; 3], "{report:?}");
        assert!(!report.is_complete());
        // A second run sends none of them again.
        let earlier = desk.executor.resolve().await.unwrap();
        let told: Vec<_> = earlier.unknown.iter().map(|order| order.status).collect();
        assert_eq!(told, [Working; 3]);
        assert_eq!(statuses(&desk.trade(order, &PLAN).await), [Unknown; 3]);
        assert_eq!(desk.ib.open_orders().await.unwrap().len(), 3);

        // To the closing bell.
        clock.advance(TimeDelta::hours(6));
        desk.clock.advance(TimeDelta::hours(6));
        desk.gateway.pass_time();
        let ended = desk.executor.resolve().await.unwrap();
        let told: Vec<_> = ended.resolved.iter().map(|order| order.status).collect();
        assert_eq!(told, [Filled; 3]);
        assert!(ended.is_clear());
        let planned = PLAN.map(|(name, quantity)| (name.to_owned(), quantity));
        assert_eq!(desk.held().await, BTreeMap::from(planned));
    }
}

#[tokio::test]
async fn what_a_sale_on_the_close_will_bring_buys_nothing_in_the_same_run() {
    let (desk, _) = at_a_clock("1000").await;
    assert_eq!(statuses(&desk.buy(&[("KO", 10)]).await), [Filled]);
    // Some 499 are left, and the sale is worth 500 more once it has filled.
    let changes = [("KO", -10), ("MSFT", 15)];
    let report = desk.trade(OrderStyle::MarketOnClose, &changes).await;
    assert_eq!(statuses(&report), [Working, NotSent], "{report:?}");
    let reason = report.orders[1].reason.as_deref().unwrap();
    assert!(reason.starts_with("it needs 75"), "{reason}");
}

#[tokio::test]
async fn an_order_for_the_close_whose_gateway_is_gone_is_unknown() {
    let desk = Desk::new([Fault::of(Trouble::DisconnectAfter).skip(1).times(1)]).await;
    let report = desk.trade(OrderStyle::MarketOnClose, &PLAN).await;
    let told = statuses(&report);
    // The connection comes back or not while it is looked up: it is never called refused or not sent.
    assert!(matches!(told[1], Working | Unknown), "{report:?}");
    let Desk { gateway, executor, .. } = desk;
    gateway.stop().unwrap();
    let earlier = executor.resolve().await.unwrap();
    assert!(earlier.unknown.iter().all(|order| order.status == Unknown), "{earlier:?}");
    assert!(!earlier.unknown.is_empty());
}

#[tokio::test]
async fn the_algorithm_works_an_order_from_end_to_end() {
    let desk = Desk::new([]).await;
    assert_eq!(statuses(&desk.trade(OrderStyle::Adaptive, &PLAN).await), [Filled; 3]);
    desk.is_done().await;
}
