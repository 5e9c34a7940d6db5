use super::*;
use crate::orders::{connect, order};
use crate::scripted::{ALL_OPEN_ORDERS, CURRENT_TIME, error};
use decile_trade::{Broker, SubmitError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LOST: &str = "Connectivity between IBKR and Trader Workstation has been lost.";
const RESTORED: &str =
    "Connectivity between IBKR and Trader Workstation has been restored - data maintained.";

#[tokio::test]
async fn a_cut_connection_is_told_and_made_again() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (mut first, mut second) = (ib.events(), ib.events());
    gateway.cut();
    until(&mut first, |event| *event == BrokerEvent::Disconnected).await;
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    assert!(ib.account().await.is_err());
    until(&mut first, |event| *event == BrokerEvent::Reconnected).await;
    until(&mut second, |event| *event == BrokerEvent::Reconnected).await;
    assert_eq!(gateway.connections(), 2);
    // What was not sent may be tried again.
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    assert_eq!(gateway.requests(PLACE_ORDER).len(), 1);
}

#[tokio::test]
async fn a_gateway_that_comes_back_for_another_account_gets_no_orders() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    // Somebody signs in to real money at the same port.
    gateway.greet_with(crate::scripted::Greeting::new("U7654321", 1));
    gateway.cut();
    until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
    crate::eventually("it hangs up on the stranger", || {
        gateway.connections() == 2 && gateway.open_connections() == 0
    })
    .await;
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    assert!(ib.positions().await.is_err() && ib.open_orders().await.is_err());
    assert!(gateway.requests(PLACE_ORDER).is_empty());
}

#[tokio::test]
async fn an_order_that_waits_for_its_turn_is_not_sent_to_the_next_account() {
    let gateway = filling();
    let config = crate::orders::config(ACCOUNT, gateway.port())
        .messages_per_second(Some(2))
        .acknowledge_timeout(Duration::from_secs(10));
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    ib.resolve(&["KO".parse().unwrap()]).await.unwrap();
    let mut events = ib.events();
    // Five others are before it, so its turn comes once the connection is made again.
    let others = async { futures::future::join_all((0..5).map(|_| ib.account())).await };
    let order = order(ACCOUNT, "KO", 100);
    let cut = async {
        gateway.greet_with(crate::scripted::Greeting::new("U7654321", 1));
        gateway.cut();
        until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
        crate::eventually("the stranger is there", || gateway.connections() == 2).await;
    };
    let (_, outcome, ()) = futures::join!(others, ib.submit(&order), cut);
    assert!(matches!(outcome, Err(SubmitError::NotSent { .. })), "{outcome:?}");
    crate::eventually("it hangs up", || gateway.open_connections() == 0).await;
    assert!(gateway.requests(PLACE_ORDER).is_empty());
}

#[tokio::test]
async fn a_connection_that_is_not_made_again_says_so() {
    let gateway = filling();
    let config = crate::orders::config(ACCOUNT, gateway.port()).reconnect_attempts(0);
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    let mut events = ib.events();
    gateway.cut();
    until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let error = ib.ping().await.unwrap_err();
    assert!(in_full(&error).contains("has ended: connect anew"), "{}", in_full(&error));
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
}

#[tokio::test]
async fn a_gateway_without_its_broker_gets_no_orders() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    // Farms come and go, and mean nothing.
    gateway.say(&[error(-1, 2103, "Market data farm connection is broken:usfarm")]);
    gateway.say(&[error(-1, 1100, LOST), error(-1, 1100, LOST)]);
    let seen = until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let not_sent = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(not_sent, SubmitError::NotSent { .. }), "{not_sent:?}");
    assert!(in_full(&not_sent).contains(LOST), "{}", in_full(&not_sent));
    assert!(ib.ping().await.is_err());
    gateway.say(&[error(-1, 1102, RESTORED)]);
    // The second 1100 was no news.
    let seen = until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    ib.ping().await.unwrap();
}

#[tokio::test]
async fn one_probe_serves_all_who_ask_within_five_seconds() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let pings = futures::future::join_all((0..10).map(|_| ib.ping())).await;
    assert!(pings.iter().all(Result::is_ok));
    ib.ping().await.unwrap();
    assert_eq!(gateway.requests(CURRENT_TIME).len(), 1);
}

/// A gateway that leaves the first questions for the time unanswered.
fn silent(count: usize) -> Scripted {
    let mut asked = 0;
    Scripted::start(greeting(), move |request| match request.id {
        CURRENT_TIME => {
            asked += 1;
            if asked > count { Reply::Polite } else { Reply::Frames(Vec::new()) }
        }
        PLACE_ORDER => Reply::Frames(Told::of(request, 1).fills()),
        _ => Reply::Polite,
    })
}

#[tokio::test]
async fn a_connection_that_gives_no_sign_of_life_gets_no_orders_and_is_made_again() {
    let gateway = silent(1);
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    assert!(matches!(ib.ping().await, Err(decile_trade::Error::Timeout { .. })));
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    // It is not repeated at once.
    for _ in 0..3 {
        assert!(ib.ping().await.is_err());
    }
    assert_eq!(gateway.requests(CURRENT_TIME).len(), 1);
    let seen = until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    assert_eq!(seen, [BrokerEvent::Disconnected, BrokerEvent::Reconnected]);
    // Another connection, so what the last one did not answer does not count.
    ib.ping().await.unwrap();
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    assert_eq!((gateway.connections(), gateway.requests(PLACE_ORDER).len()), (2, 1));
}

#[tokio::test]
async fn a_frozen_gateway_is_noticed_by_itself() {
    let gateway = silent(1);
    let beat = Some(Duration::from_millis(200));
    let config = crate::orders::config(ACCOUNT, gateway.port()).heartbeat(beat);
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    let mut events = ib.events();
    until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    assert_eq!(gateway.connections(), 2);
}

#[tokio::test]
async fn probes_do_not_wait_for_their_turn_among_the_messages() {
    let gateway = filling();
    let config = crate::orders::config(ACCOUNT, gateway.port()).messages_per_second(Some(2));
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    // Ten seconds of messages are before it, and it may take half a second.
    let others = async { futures::future::join_all((0..20).map(|_| ib.account())).await };
    let probe = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ib.ping().await.unwrap();
    };
    futures::join!(others, probe);
    assert_eq!(gateway.connections(), 1);
}

#[tokio::test]
async fn no_order_is_sent_in_the_nightly_reset() {
    let gateway = filling();
    // 23:50 in New York.
    let clock = Arc::new(decile_core::ManualClock::new("2025-12-02T04:50:00Z".parse().unwrap()));
    let config = crate::orders::config(ACCOUNT, gateway.port()).clock(clock.clone());
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    assert!(in_full(&error).contains("23:40 to 00:10"), "{}", in_full(&error));
    assert!(gateway.requests(PLACE_ORDER).is_empty());
    clock.advance(chrono::TimeDelta::minutes(20));
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
}

#[tokio::test]
async fn orders_wait_until_the_lists_have_been_looked_at_after_a_gap() {
    let lists = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&lists);
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        PLACE_ORDER => {
            let told = Told::of(request, 1);
            let looked = seen.load(Ordering::SeqCst);
            // Under the number above the one that the second look has shown.
            let expected = if looked == 1 { 1 } else { 701 };
            assert_eq!(told.order_id, expected);
            Reply::Frames(told.fills())
        }
        ALL_OPEN_ORDERS => {
            let looked = seen.fetch_add(1, Ordering::SeqCst);
            let mut rows = vec![crate::scripted::open_orders_end()];
            if looked > 0 {
                rows.insert(0, told_of(700).open("Submitted"));
            }
            Reply::Frames(rows)
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    gateway.say(&[error(-1, 1100, LOST), error(-1, 1102, RESTORED)]);
    until(&mut events, |event| *event == BrokerEvent::Disconnected).await;
    until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    assert_eq!(lists.load(Ordering::SeqCst), 2);
    ib.submit(&order(ACCOUNT, "PEP", 100)).await.unwrap();
    assert_eq!(gateway.requests(PLACE_ORDER).len(), 2);
}

/// An order of this client that this session has not sent.
fn told_of(order_id: i64) -> Told {
    Told {
        client_id: 1,
        order_id,
        perm_id: 7_000_000 + order_id,
        account: ACCOUNT.to_owned(),
        symbol: "MSFT".to_owned(),
        quantity: 10,
        order_ref: String::new(),
    }
}

#[tokio::test]
async fn a_listener_that_falls_behind_is_told_of_the_gap() {
    let gateway = filling();
    let config = crate::orders::config(ACCOUNT, gateway.port()).event_capacity(1);
    let ib = decile_ib::IbBroker::connect(config).await.unwrap();
    let mut slow = ib.events();
    // What is heard at once is told at once, so a few orders may make no more than one message.
    for number in 0..20 {
        ib.submit(&order(ACCOUNT, &format!("S{number}"), 100)).await.unwrap();
    }
    let seen = until(&mut slow, |event| *event == BrokerEvent::Gap).await;
    assert_eq!(seen, [BrokerEvent::Gap]);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_a_gap_and_no_more() {
    let gateway = on_order(|told| {
        // A status without its quantities, which the client library gives up on.
        let torn = message::Message::new().int(1, told.order_id).text(2, "Submitted").frame(3);
        let mut frames = vec![torn];
        frames.extend(told.fills());
        Reply::Frames(frames)
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    let order = order(ACCOUNT, "KO", 100);
    // What came behind it in one piece may be lost with it: then nobody knows.
    let outcome = ib.submit(&order).await;
    assert!(matches!(outcome, Ok(_) | Err(SubmitError::InDoubt { .. })), "{outcome:?}");
    until(&mut events, |event| *event == BrokerEvent::Gap).await;
    // The next one is heard of.
    ib.ping().await.unwrap();
    gateway.say(&[Told {
        client_id: 1,
        order_id: 1,
        perm_id: 900_001,
        account: ACCOUNT.to_owned(),
        symbol: "KO".to_owned(),
        quantity: 100,
        order_ref: order.id().to_string(),
    }
    .status("Filled", 100)]);
    until(&mut events, |event| matches!(event, BrokerEvent::Order(told) if told.id == *order.id()))
        .await;
}
