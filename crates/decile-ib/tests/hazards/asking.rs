use super::*;
use crate::orders::{config, connect, now, order};
use crate::scripted::{
    ALL_OPEN_ORDERS, COMPLETED_ORDERS, CURRENT_TIME, EXECUTIONS, error, open_orders_end,
};
use decile_trade::{Broker, Error, OrderName, OrderState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Requests that only these tests look at.
const POSITIONS: u32 = 61;
const SUMMARY: u32 = 62;

fn told(order_ref: &str, order_id: i64, client_id: i64) -> Told {
    Told {
        client_id,
        order_id,
        perm_id: 7_000 + order_id,
        account: ACCOUNT.to_owned(),
        symbol: "KO".to_owned(),
        quantity: 100,
        order_ref: order_ref.to_owned(),
    }
}

/// A gateway whose lists are polite until it is told to leave out the ends of them.
fn cutting(list: u32) -> (Scripted, Arc<AtomicBool>) {
    let cut = Arc::new(AtomicBool::new(false));
    let is_cut = Arc::clone(&cut);
    let gateway = Scripted::start(greeting(), move |request| {
        if request.id == list && is_cut.load(Ordering::SeqCst) {
            return Reply::Frames(Vec::new());
        }
        Reply::Polite
    });
    (gateway, cut)
}

#[tokio::test]
async fn a_list_without_an_end_is_unknown_and_not_empty() {
    let id = order(ACCOUNT, "KO", 100).id().clone();
    for list in [ALL_OPEN_ORDERS, COMPLETED_ORDERS, EXECUTIONS] {
        let (gateway, cut) = cutting(list);
        let ib = connect(ACCOUNT, gateway.port()).await;
        assert_eq!(ib.find(&id).await.unwrap(), None);
        cut.store(true, Ordering::SeqCst);
        assert!(matches!(ib.find(&id).await, Err(Error::Timeout { .. })), "{list}");
    }
}

#[tokio::test]
async fn a_late_end_does_not_end_the_next_list() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        // The first is that of the connecting; the second gets its end with the third.
        ALL_OPEN_ORDERS => match asked.fetch_add(1, Ordering::SeqCst) {
            1 => Reply::Frames(vec![told("", 41, 1).open("Submitted")]),
            _ => Reply::Polite,
        },
        // Any other request brings what was late.
        CURRENT_TIME => Reply::Frames(vec![
            told("", 42, 1).open("Submitted"),
            open_orders_end(),
            message::Message::new().int(1, 1_764_601_200).frame(49),
        ]),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    assert!(matches!(ib.open_orders().await, Err(Error::Timeout { .. })));
    // The turn of the first list is not over, so the next one waits and reads none of it.
    assert!(matches!(ib.open_orders().await, Err(Error::Timeout { .. })));
    assert_eq!(gateway.requests(ALL_OPEN_ORDERS).len(), 2);
    ib.ping().await.unwrap();
    assert_eq!(ib.open_orders().await.unwrap(), []);
}

#[tokio::test]
async fn a_lost_end_does_not_keep_later_lists_from_coming() {
    for list in [ALL_OPEN_ORDERS, COMPLETED_ORDERS, POSITIONS] {
        let lost = Arc::new(AtomicBool::new(false));
        let loses = Arc::clone(&lost);
        let gateway = Scripted::start(greeting(), move |request| match request.id {
            id if id == list && loses.swap(false, Ordering::SeqCst) => Reply::Frames(Vec::new()),
            POSITIONS => Reply::Frames(vec![message::Message::new().frame(62)]),
            _ => Reply::Polite,
        });
        let config = config(ACCOUNT, gateway.port()).request_timeout(Duration::from_millis(200));
        let ib = decile_ib::IbBroker::connect(config).await.unwrap();
        lost.store(true, Ordering::SeqCst);
        let ask = async || match list {
            POSITIONS => ib.positions().await.map(|held| held.len()),
            COMPLETED_ORDERS => ib.completed_orders().await.map(|orders| orders.len()),
            _ => ib.open_orders().await.map(|orders| orders.len()),
        };
        // Unknown at first, and known again in a time that is bounded, on the same connection.
        assert!(matches!(ask().await, Err(Error::Timeout { .. })), "{list}");
        let began = std::time::Instant::now();
        let known = loop {
            match ask().await {
                Err(Error::Timeout { .. }) if began.elapsed() < Duration::from_secs(10) => {}
                known => break known,
            }
        };
        assert_eq!(known.unwrap(), 0, "{list}");
        assert_eq!(gateway.connections(), 1);
    }
}

#[tokio::test]
async fn an_order_is_found_by_its_reference_in_all_three_lists() {
    let id = order(ACCOUNT, "KO", 100).id().clone();
    let name = id.to_string();
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        // One of its executions is in no other list, as after a restart of both sides.
        EXECUTIONS => {
            let number = request.int(1).unwrap();
            let ours = told(&name, 41, 5);
            Reply::Frames(vec![
                ours.execution(number, "a.01.01", 30),
                ours.execution(number, "b.01.01", 20),
                ours.execution(number, "b.01.02", 25),
                ours.paid("a.01.01", 1.0),
                ours.paid("b.01.02", 0.5),
                message::Message::new().int(1, number).frame(55),
            ])
        }
        ALL_OPEN_ORDERS => {
            let foreign = told("typed by hand", 0, 0);
            let ours = told(&name, 41, 5);
            Reply::Frames(vec![
                foreign.open("Submitted"),
                foreign.status("Submitted", 0),
                ours.open("Submitted"),
                ours.status("Submitted", 30),
                open_orders_end(),
            ])
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let found = ib.find(&id).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::PartiallyFilled, 55));
    assert_eq!(found.average_price, Some("50".parse().unwrap()));
    assert_eq!(found.commission, Some("1.5".parse().unwrap()));

    let open = ib.open_orders().await.unwrap();
    let names: Vec<_> = open.iter().map(|order| order.id.clone()).collect();
    assert_eq!(names, [OrderName::Ours(id), OrderName::Foreign("permId 7000".to_owned())]);

    let executions = ib.executions(now() - chrono::TimeDelta::hours(1)).await.unwrap();
    let ids: Vec<_> = executions.iter().map(|done| done.execution_id.as_str()).collect();
    assert_eq!(ids, ["a.01", "b.01"]);
    assert_eq!(executions[1].quantity.get(), 25);
    assert_eq!(ib.executions(now() + chrono::TimeDelta::hours(1)).await.unwrap(), []);
}

#[tokio::test]
async fn two_orders_behind_one_reference_show() {
    let id = order(ACCOUNT, "KO", 100).id().clone();
    let name = id.to_string();
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        ALL_OPEN_ORDERS => Reply::Frames(vec![
            told(&name, 41, 5).open("Submitted"),
            told(&name, 42, 5).open("Submitted"),
            open_orders_end(),
        ]),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let found = ib.find(&id).await.unwrap().unwrap();
    assert_eq!(found.quantity.get(), 200);
    assert!(found.reason.unwrap().contains("7041 and 7042"));
}

#[tokio::test]
async fn orders_of_other_accounts_are_left_out() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        ALL_OPEN_ORDERS => {
            let theirs = Told { account: "DU7654321".to_owned(), ..told("", 41, 1) };
            Reply::Frames(vec![theirs.open("Submitted"), open_orders_end()])
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    assert_eq!(ib.open_orders().await.unwrap(), []);
}

#[tokio::test]
async fn an_execution_that_cannot_be_read_makes_the_list_an_error() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        EXECUTIONS => {
            let number = request.int(1).unwrap();
            let execution = message::Message::new().int(1, 41).text(2, "a.01.01");
            let execution = execution.text(3, "yesterday").text(4, ACCOUNT).text(6, "BOT");
            let execution = execution.text(7, "100").double(8, 50.0).int(9, 7041);
            let row = message::Message::new().int(1, number).part(2, &scripted::contract("KO"));
            Reply::Frames(vec![
                row.part(3, &execution).frame(11),
                message::Message::new().int(1, number).frame(55),
            ])
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let error = ib.executions(now()).await.unwrap_err();
    assert!(in_full(&error).contains("yesterday"), "{}", in_full(&error));
}

#[tokio::test]
async fn a_refused_request_is_an_error() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        SUMMARY => {
            let text = "Error processing request.-'Q' : cause - Maximum number of account summary \
                        requests exceeded";
            Reply::Frames(vec![error(request.int(1).unwrap(), 322, text)])
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let error = ib.account().await.unwrap_err();
    assert!(in_full(&error).contains("322"), "{}", in_full(&error));
}
