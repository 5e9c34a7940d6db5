//! Orders: what fills, what rests, what is refused.

use crate::market::{self, clock, money, quote, quotes, session, targets};
use crate::{broker, buy, config, refusal, sell, sell_after};
use decile_core::{Quote, Shares};
use decile_trade::{
    ApprovedOrder, Attempts, Broker, BrokerEvent, Circumstances, Error, Journal, JournalRecord,
    MemoryJournal, OrderState, OrderStyle, PaperBroker, PaperConfig, PlanRules, Released,
    Remainder, RiskInputs, Trouble,
};
use futures::{FutureExt, StreamExt};
use std::collections::BTreeMap;

/// An approved order of a kind, for KO at 50.
fn buy_by(order: OrderStyle) -> ApprovedOrder {
    let (account, quotes) = (market::account("10000"), quotes(&[("KO", "50")]));
    let rules = PlanRules { order, ..PlanRules::default() };
    let plan = market::plan_toward(&targets(&["KO"]), (&account, &[]), &quotes, &rules);
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: market::now(),
        known: &Circumstances::default(),
    };
    let approved = market::wide_limits().approve(plan, &inputs).unwrap();
    let attempts = Attempts::replay(&MemoryJournal::default()).unwrap();
    match approved.into_orders(&attempts).unwrap().remove(0) {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    }
}

#[tokio::test]
async fn a_limit_that_the_market_is_beyond_rests() {
    for (ask, expected) in [("50", OrderState::Filled), ("50.01", OrderState::Working)] {
        let broker = broker("10000");
        let order = buy_by(OrderStyle::MarketableLimit);
        assert_eq!(order.order().kind.limit(), Some("50".parse().unwrap()));
        broker.set_quotes([Quote { ask: ask.parse().ok(), ..quote("KO", "50") }]);
        broker.submit(&order).await.unwrap();
        let found = broker.find(order.id()).await.unwrap().unwrap();
        assert_eq!(found.state, expected);
        assert_eq!(found.filled.is_zero(), expected == OrderState::Working);
        let open = broker.open_orders().await.unwrap();
        assert_eq!(open.len(), usize::from(expected == OrderState::Working));
    }
}

#[tokio::test]
async fn there_is_no_auction_on_paper() {
    for style in [OrderStyle::MarketOnClose, OrderStyle::LimitOnClose] {
        let refused = broker("10000").submit(&buy_by(style)).await.unwrap_err();
        assert_eq!(refusal(refused), "a paper account has no closing auction");
    }
    let adaptive = buy_by(OrderStyle::Adaptive);
    let broker = broker("10000");
    broker.submit(&adaptive).await.unwrap();
    let found = broker.find(adaptive.id()).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Filled);
}

#[tokio::test]
async fn buys_fill_at_the_ask_and_sells_at_the_bid() {
    let broker = broker("10000");
    let spread = |bid: &str, ask: &str| Quote {
        bid: bid.parse().ok(),
        ask: ask.parse().ok(),
        ..quote("KO", "50")
    };
    broker.set_quotes([spread("49.90", "50.10")]);
    broker.submit(&buy()).await.unwrap();
    // 189 x 50.10 = 9,468.90 and 1.00; an average cost of 9,469.90 / 189.
    let account = broker.account().await.unwrap();
    assert_eq!(account.cash, money("530.10"));
    assert_eq!(account.equity, money("9980.10")); // 189 at the last trade of 50
    let position = broker.positions().await.unwrap().remove(0);
    assert_eq!(position.average_cost, money("50.105291"));
    broker.submit(&sell(&broker).await).await.unwrap();
    // 189 x 49.90 = 9,431.10 less 1.00.
    assert_eq!(broker.account().await.unwrap().cash, money("9960.20"));
    assert!(broker.positions().await.unwrap().is_empty());
    assert_eq!(broker.executions(market::now()).await.unwrap().len(), 2);
    assert_eq!(broker.completed_orders().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_a_broker_refuses_is_refused_and_changes_nothing() {
    let poor = broker("9450.99");
    let reason = "9451.00 needed with commission and 9450.99 in cash";
    assert_eq!(refusal(poor.submit(&buy()).await.unwrap_err()), reason);
    assert_eq!(poor.account().await.unwrap().cash, money("9450.99"));
    assert!(poor.find(buy().id()).await.unwrap().is_none());

    let rich = broker("20000");
    rich.set_quotes([]);
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), "KO has no quote");
    rich.set_quotes([Quote { ask: None, ..quote("KO", "50") }]);
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), "KO has no ask");
    rich.set_quotes([quote("KO", "50")]);
    rich.submit(&buy()).await.unwrap();
    let reason = "the id q-core:DU1234567:20251201:KO:B:1 was used before";
    assert_eq!(refusal(rich.submit(&buy()).await.unwrap_err()), reason);
    assert_eq!(rich.account().await.unwrap().cash, money("10549")); // bought once

    // A sale of what another account holds.
    let empty = broker("1");
    let sale = sell(&rich).await;
    assert_eq!(refusal(empty.submit(&sale).await.unwrap_err()), "189 KO to sell and 0 held");
}

#[tokio::test]
async fn shares_that_an_open_order_may_sell_are_not_sold_again() {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let first = sell(&broker).await;
    let trouble = Trouble::PartialFill { quantity: Shares::new(9), then: Remainder::Works };
    broker.trouble_at(0, trouble);
    broker.submit(&first).await.unwrap();
    // A journal that wrongly says that the first sale never left.
    let (id, order, at) = (first.id().clone(), first.order().clone(), market::now());
    let intent = JournalRecord::Intent { id: id.clone(), order, arrival: None, at };
    let journal = MemoryJournal::default();
    let reason = "lost".to_owned();
    journal.append(&[intent, JournalRecord::NotSent { id, reason, at }]).unwrap();
    let second = sell_after(&broker, &journal).await;
    assert_eq!((second.id().attempt(), second.order().quantity), (2, Shares::new(180)));
    assert_eq!(refusal(broker.submit(&second).await.unwrap_err()), "180 KO to sell and 0 held");
}

#[tokio::test]
async fn open_orders_can_be_cancelled_and_expire() {
    let broker = broker("10000");
    let trouble = Trouble::PartialFill { quantity: Shares::new(9), then: Remainder::Works };
    broker.trouble_at(0, trouble);
    let order = buy();
    assert!(matches!(broker.cancel(order.id()).await, Err(Error::UnknownOrder { .. })));
    broker.submit(&order).await.unwrap();
    assert_eq!(broker.open_orders().await.unwrap()[0].filled, Shares::new(9));
    let tomorrow = session().succ_opt().unwrap();
    broker.roll_to(tomorrow, &[], &BTreeMap::new()).unwrap();
    let ended = broker.find(order.id()).await.unwrap().unwrap();
    assert_eq!(ended.state, OrderState::Cancelled);
    assert_eq!(ended.reason.as_deref(), Some("expired at the end of its session"));
    broker.cancel(order.id()).await.unwrap(); // final already
}

#[tokio::test]
async fn a_reader_that_is_behind_is_told_of_the_gap() {
    let config = PaperConfig { event_capacity: 2, ..config("10000") };
    let broker = PaperBroker::new(config, clock());
    broker.set_quotes([quote("KO", "50")]);
    let mut events = broker.events();
    broker.submit(&buy()).await.unwrap(); // submitted, execution, filled: one too many
    let heard: Vec<_> = std::iter::from_fn(|| events.next().now_or_never().flatten()).collect();
    assert_eq!(heard[0], BrokerEvent::Gap);
    assert!(
        matches!(&heard[1], BrokerEvent::Execution(execution) if execution.quantity.get() == 189)
    );
    assert!(matches!(&heard[2], BrokerEvent::Order(order) if order.state == OrderState::Filled));
    assert_eq!(heard.len(), 3);
}
