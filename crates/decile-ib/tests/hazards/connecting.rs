use super::*;
use crate::orders::{account_id, config, connect, order};
use crate::scripted::{ALL_OPEN_ORDERS, COMPLETED_ORDERS, EXECUTIONS, IDS, error, open_orders_end};
use decile_ib::{Error, IbBroker, IbConfig};
use decile_trade::{Broker, SubmitError};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

#[tokio::test]
async fn nobody_at_the_port() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = IbBroker::connect(config(ACCOUNT, port)).await.unwrap_err();
    assert!(matches!(&error, Error::Connect { .. }), "{error:?}");
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[tokio::test]
async fn somebody_who_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let began = Instant::now();
    let config = config(ACCOUNT, port).connect_timeout(Duration::from_millis(300));
    let error = IbBroker::connect(config).await.unwrap_err();
    assert!(matches!(error, Error::ConnectTimeout { .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_gateway_that_greets_and_then_says_nothing() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        COMPLETED_ORDERS => Reply::Frames(Vec::new()),
        _ => Reply::Polite,
    });
    let error = IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { request: "completed orders", .. }), "{error:?}");
}

#[tokio::test]
async fn a_client_id_that_is_taken() {
    let gateway = Scripted::start(greeting(), |_| {
        let text =
            "Unable connect as the client id is already in use. Retry with a unique client id.";
        Reply::Frames(vec![error(-1, 326, text)])
    });
    let error = IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap_err();
    assert!(matches!(error, Error::ClientIdInUse { client_id: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn the_wrong_account_is_refused_and_the_connection_closed() {
    for (managed, is_live) in [("DU7654321", false), ("U1234567", false), ("DU1234567,U1", true)] {
        let gateway = Scripted::start(Greeting::new(managed, 1), |_| Reply::Polite);
        let error = IbBroker::connect(config(ACCOUNT, gateway.port())).await.unwrap_err();
        assert_eq!(matches!(error, Error::LiveGateway { .. }), is_live, "{error:?}");
        assert_eq!(matches!(error, Error::NotManaged { .. }), !is_live, "{error:?}");
        assert!(gateway.requests(PLACE_ORDER).is_empty());
        eventually("the connection is closed", || gateway.open_connections() == 0).await;
    }
}

#[tokio::test]
async fn the_wrong_port_is_not_even_dialled() {
    for (config, port) in [
        (IbConfig::paper(account_id("DU1")).unwrap(), 4001),
        (IbConfig::paper(account_id("DU1")).unwrap(), 7496),
        (IbConfig::live(account_id("U1")).unwrap(), 4002),
        (IbConfig::live(account_id("U1")).unwrap(), 5000),
    ] {
        // Nobody listens there either: the guard speaks first.
        let error = IbBroker::connect(config.port(port)).await.unwrap_err();
        let is_guard = matches!(
            error,
            Error::LivePort { .. } | Error::PaperPort { .. } | Error::UnusualPort { .. }
        );
        assert!(is_guard, "{error:?}");
    }
    let zero = IbConfig::paper(account_id("DU1")).unwrap().client_id(0);
    let error = IbBroker::connect(zero).await.unwrap_err();
    assert!(matches!(error, Error::InvalidSetting { setting: "client_id", .. }), "{error:?}");
}

#[test]
fn a_program_without_a_runtime() {
    let gateway = filling();
    let ib = IbBroker::connect_blocking(config(ACCOUNT, gateway.port())).unwrap();
    let order = order(ACCOUNT, "KO", 100);
    let ack = futures::executor::block_on(ib.submit(&order)).unwrap();
    assert_eq!(ack.broker_order_id.as_deref(), Some("900001"));
    futures::executor::block_on(ib.ping()).unwrap();
}

#[tokio::test]
async fn the_last_handle_ends_the_connection() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let other = ib.clone();
    drop(ib);
    other.ping().await.unwrap();
    assert_eq!(gateway.open_connections(), 1);
    drop(other);
    eventually("the connection is closed", || gateway.open_connections() == 0).await;
}

/// An order of an earlier day under so high a number.
fn earlier(order_id: i64, client_id: i64) -> Told {
    Told {
        client_id,
        order_id,
        perm_id: 5_000 + order_id,
        account: ACCOUNT.to_owned(),
        symbol: "PEP".to_owned(),
        quantity: 10,
        order_ref: String::new(),
    }
}

#[tokio::test]
async fn order_ids_go_on_above_every_one_that_was_used() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        ALL_OPEN_ORDERS => {
            let frames = [earlier(41, 1), earlier(900, 2)].map(|told| told.open("Submitted"));
            Reply::Frames([frames.to_vec(), vec![open_orders_end()]].concat())
        }
        EXECUTIONS => {
            let number = request.int(1).unwrap();
            let frames = vec![
                earlier(57, 1).execution(number, "a.01.01", 10),
                earlier(901, 2).execution(number, "b.01.01", 10),
                message::Message::new().int(1, number).frame(55),
            ];
            Reply::Frames(frames)
        }
        PLACE_ORDER => Reply::Frames(Told::of(request, 1).fills()),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    let mut events = ib.events();
    // The gateway restarts and has lost count.
    gateway.cut();
    until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    ib.submit(&order(ACCOUNT, "AAPL", 100)).await.unwrap();
    let sent = gateway.requests(PLACE_ORDER);
    let ids: Vec<_> = sent.iter().map(|request| request.int(1).unwrap()).collect();
    assert_eq!(ids, [58, 59]);
    // And one that counts on from above is followed.
    gateway.greet_with(Greeting::new(ACCOUNT, 400));
    gateway.cut();
    until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    ib.submit(&order(ACCOUNT, "MSFT", 100)).await.unwrap();
    assert_eq!(gateway.requests(PLACE_ORDER)[2].int(1), Some(400));
}

#[tokio::test]
async fn sixty_open_orders_do_not_hide_the_account() {
    let pairs = |told: Told| [told.open("PreSubmitted"), told.status("PreSubmitted", 0)];
    let orders = || (1..=60).map(|order_id| earlier(order_id, 1)).flat_map(pairs);
    let mut before: Vec<_> = orders().collect();
    before.push(open_orders_end());
    let greeting = Greeting { before, ..Greeting::new(ACCOUNT, 61) };
    let rows: Vec<_> = orders().chain([open_orders_end()]).collect();
    let gateway = Scripted::start(greeting, move |request| match request.id {
        ALL_OPEN_ORDERS => Reply::Frames(rows.clone()),
        PLACE_ORDER => Reply::Frames(Told::of(request, 1).fills()),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    assert_eq!(ib.open_orders().await.unwrap().len(), 60);
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    assert_eq!(gateway.requests(PLACE_ORDER)[0].int(1), Some(61));
    // The same again on the way back.
    let mut events = ib.events();
    gateway.cut();
    until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
    assert_eq!(ib.open_orders().await.unwrap().len(), 60);
}

/// A gateway that takes no orders as long as it is told so, and has one of an earlier day.
fn read_only() -> (Scripted, Arc<AtomicBool>) {
    let read_only = Arc::new(AtomicBool::new(true));
    let is_read_only = Arc::clone(&read_only);
    let earlier = Told { order_ref: order(ACCOUNT, "PEP", 10).id().to_string(), ..earlier(41, 1) };
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        IDS | ALL_OPEN_ORDERS | COMPLETED_ORDERS if is_read_only.load(Ordering::SeqCst) => {
            let text = "Error validating request.-'aa' : cause - The API interface is currently \
                        in Read-Only mode.";
            Reply::Frames(vec![error(-1, 321, text)])
        }
        ALL_OPEN_ORDERS => Reply::Frames(vec![earlier.open("Submitted"), open_orders_end()]),
        PLACE_ORDER => Reply::Frames(Told::of(request, 1).fills()),
        _ => Reply::Polite,
    });
    (gateway, read_only)
}

#[tokio::test]
async fn a_read_only_gateway_shows_what_it_has_and_takes_no_order() {
    let (gateway, _) = read_only();
    let ib = connect(ACCOUNT, gateway.port()).await;
    ib.ping().await.unwrap();
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    assert!(in_full(&error).contains("Read-Only API"), "{}", in_full(&error));
    assert!(in_full(&ib.open_orders().await.unwrap_err()).contains("read-only"));
    assert!(gateway.requests(PLACE_ORDER).is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_read_only_no_more_takes_orders_after_a_reconnect() {
    let (gateway, read_only) = read_only();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    for is_read_only in [true, false] {
        read_only.store(is_read_only, Ordering::SeqCst);
        gateway.cut();
        until(&mut events, |event| *event == BrokerEvent::Reconnected).await;
        let outcome = ib.submit(&order(ACCOUNT, "KO", 100)).await;
        match is_read_only {
            true => assert!(matches!(outcome, Err(SubmitError::NotSent { .. })), "{outcome:?}"),
            false => assert!(outcome.is_ok(), "{outcome:?}"),
        }
    }
    // What could not be looked at while connecting is known now.
    let again = ib.submit(&order(ACCOUNT, "PEP", 10)).await.unwrap_err();
    assert!(matches!(again, SubmitError::InDoubt { .. }), "{again:?}");
    let sent = gateway.requests(PLACE_ORDER);
    assert_eq!(sent.iter().map(|request| request.int(1).unwrap()).collect::<Vec<_>>(), [42]);
}
