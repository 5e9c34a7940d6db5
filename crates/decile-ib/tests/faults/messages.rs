//! Messages that are lost, late, doubled, overtaken, or cannot be read.

use super::*;
use OrderStatus::{Filled, NotSent, Unknown};
use chrono::TimeDelta;
use decile_gateway::Message;
use decile_trade::{JournalRecord, OrderState, SubmitError};
use futures::future::join_all;

/// What is told of an order.
const OF_ORDERS: [Message; 4] =
    [Message::OpenOrder, Message::OrderStatus, Message::ExecDetails, Message::CommissionReport];

/// What answers the questions of a run.
const ANSWERS: [Message; 8] = [
    Message::AccountSummary,
    Message::AccountSummaryEnd,
    Message::CompletedOrdersEnd,
    Message::ContractDetails,
    Message::ContractDetailsEnd,
    Message::CurrentTime,
    Message::ExecDetailsEnd,
    Message::OpenOrderEnd,
];

/// The whole plan fills although every message of a kind meets a fault.
async fn fills(fault: Fault) {
    let desk = Desk::new([fault.clone()]).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{fault:?}: {report:?}");
    desk.gateway.set_faults(Faults::default());
    desk.is_done().await;
}

#[tokio::test]
async fn any_one_kind_of_word_of_an_order_may_be_lost() {
    join_all(OF_ORDERS.map(|message| fills(Fault::of(Trouble::Drop).message(message)))).await;
}

#[tokio::test]
async fn words_of_an_order_may_come_late() {
    join_all(
        OF_ORDERS.map(|message| fills(Fault::of(Trouble::Delay).message(message).delay_ms(200))),
    )
    .await;
}

#[tokio::test]
async fn anything_may_come_twice() {
    let all = OF_ORDERS.into_iter().chain(ANSWERS);
    join_all(all.map(|message| fills(Fault::of(Trouble::Duplicate).message(message)))).await;
}

#[tokio::test]
async fn words_of_an_order_may_overtake_each_other() {
    join_all(OF_ORDERS.map(|message| fills(Fault::of(Trouble::Reorder).message(message)))).await;
}

#[tokio::test]
async fn a_word_that_cannot_be_read_loses_no_order() {
    for message in OF_ORDERS {
        let desk = Desk::new([Fault::of(Trouble::Garble).message(message).order(2).times(1)]).await;
        let report = desk.run().await;
        // What came with it may be lost, too; then the order is looked up.
        let [first, second, _] = statuses(&report)[..] else { panic!("three orders") };
        assert_eq!((first, second), (Filled, Filled), "{message}: {report:?}");
        desk.again().await;
        desk.is_done().await;
    }
}

#[tokio::test]
async fn an_account_that_is_not_told_stops_the_run() {
    for message in [Message::AccountSummary, Message::AccountSummaryEnd] {
        let lost = Fault::of(Trouble::Drop).message(message);
        let desk = Desk::new([lost.clone()]).await;
        let report = desk.run().await;
        assert_eq!(statuses(&report), [NotSent; 3], "{message}: {report:?}");
        let reason = report.orders[0].reason.as_deref().unwrap();
        assert!(reason.starts_with("the account is not known"), "{reason}");
        assert_eq!(statuses(&desk.again().await), [Filled; 3]);
        desk.is_done().await;
        // It is asked for twice.
        let desk = Desk::new([lost.times(1)]).await;
        assert_eq!(statuses(&desk.run().await), [Filled; 3], "{message}");
        desk.is_done().await;
    }
}

#[tokio::test]
async fn a_contract_that_is_not_told_keeps_its_order_back() {
    for message in [Message::ContractDetails, Message::ContractDetailsEnd] {
        let desk = Desk::new([Fault::of(Trouble::Drop).message(message).times(1)]).await;
        let report = desk.run().await;
        assert_eq!(statuses(&report), [NotSent, Filled, Filled], "{message}: {report:?}");
        assert_eq!(statuses(&desk.again().await), [Filled, NotSent, NotSent]);
        desk.is_done().await;
    }
}

#[tokio::test]
async fn a_sign_of_life_that_is_lost_makes_the_connection_anew_before_anything_is_sent() {
    let lost = || Fault::of(Trouble::Drop).message(Message::CurrentTime).times(1);
    let desk = Desk::new([lost()]).await;
    let mut events = desk.ib.events();
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{report:?}");
    assert_eq!(events.next().await, Some(BrokerEvent::Disconnected));
    assert_eq!(events.next().await, Some(BrokerEvent::Reconnected));
    desk.is_done().await;

    let impatient = ExecutorConfig { reconnect_max: Duration::ZERO, ..waits() };
    let desk = Desk::with(gateway_config(), |config| config, impatient).await.faulty([lost()]);
    let report = desk.run().await;
    assert_eq!(statuses(&report), [NotSent; 3], "{report:?}");
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("the broker gives no sign of life"), "{reason}");
}

#[tokio::test]
async fn positions_that_are_not_told_keep_a_sale_back() {
    let desk = Desk::new([]).await;
    desk.buy(&PLAN[..1]).await;
    let lost = Fault::of(Trouble::Drop).message(Message::PositionEnd).times(1);
    desk.gateway.set_faults(Faults::new([lost]));
    let report = desk.buy(&[("KO", -10)]).await;
    assert_eq!(statuses(&report), [NotSent], "{report:?}");
    let reason = report.orders[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("the positions are not known"), "{reason}");
    // The list is asked for again until it ends, and then it is known once more.
    let known = async {
        while desk.ib.positions().await.is_err() {}
        desk.held().await
    };
    let held = timeout(Duration::from_secs(10), known).await.unwrap();
    assert_eq!(held, BTreeMap::from([("KO".into(), 10)]));
}

#[tokio::test]
async fn a_list_whose_end_is_lost_is_unknown_and_not_empty() {
    let ends = [Message::OpenOrderEnd, Message::CompletedOrdersEnd, Message::ExecDetailsEnd];
    join_all(ends.map(async |message| {
        let desk = Desk::new([second(Trouble::SwallowOrder)]).await;
        assert_eq!(statuses(&desk.run().await), [Filled, Unknown, NotSent]);
        // An order that no list shows lapses with its session, and this list shows nothing.
        desk.clock.advance(TimeDelta::days(1));
        desk.gateway.set_faults(Faults::new([Fault::of(Trouble::Drop).message(message)]));
        let resolution = desk.executor.resolve().await.unwrap();
        assert!(resolution.lapsed.is_empty(), "{message}: {resolution:?}");
        assert_eq!(resolution.unknown.len(), 1, "{message}");
    }))
    .await;
}

#[tokio::test]
async fn commissions_that_no_message_told_are_asked_for_by_the_next_run() {
    let lost = [Message::CommissionReport, Message::OpenOrder];
    let desk = Desk::new(lost.map(|message| Fault::of(Trouble::Drop).message(message))).await;
    let report = desk.run().await;
    assert_eq!(statuses(&report), [Filled; 3], "{report:?}");
    assert_eq!(report.commission(), None);
    let known = || {
        let told = |record| match record {
            JournalRecord::Seen { snapshot, .. } => Some((snapshot.symbol, snapshot.commission)),
            _ => None,
        };
        let told: BTreeMap<_, _> =
            desk.journal.replay().unwrap().into_iter().filter_map(told).collect();
        told.into_values().collect::<Vec<_>>()
    };
    assert_eq!(known(), [None; 3]);
    desk.gateway.set_faults(Faults::default());
    assert!(desk.executor.resolve().await.unwrap().is_clear());
    assert_eq!(known(), [Some("1".parse().unwrap()); 3]);
    desk.is_done().await;
}

#[tokio::test]
async fn a_greeting_that_is_not_whole_is_no_connection() {
    for message in [Message::ManagedAccounts, Message::NextValidId] {
        let gateway = Gateway::start(gateway_config()).unwrap();
        let lost = Fault::of(Trouble::Drop).message(message);
        gateway.set_faults(Faults::new([lost]));
        let config = || config(ACCOUNT, gateway.port()).connect_timeout(Duration::from_secs(1));
        let error = IbBroker::connect(config()).await.unwrap_err();
        assert!(matches!(error, decile_ib::Error::ConnectTimeout { .. }), "{message}: {error:?}");
        gateway.set_faults(Faults::default());
        // The client id is free once the gateway has seen the end of the first.
        tokio::time::sleep(Duration::from_millis(200)).await;
        IbBroker::connect(config()).await.unwrap().ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_whose_words_are_lost_is_a_refusal_by_its_status() {
    let poor = gateway_config().cash("100".parse().unwrap());
    let desk = Desk::with(poor, |config| config, waits()).await;
    let desk = desk.faulty([Fault::of(Trouble::Drop).message(Message::Error).code(201)]);
    let order = orders::order(ACCOUNT, "KO", 10);
    let outcome = desk.ib.submit(&order).await;
    assert!(matches!(outcome, Ok(_) | Err(SubmitError::Rejected { .. })), "{outcome:?}");
    let found = desk.ib.find(order.id()).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::Rejected, 0));
}
