use super::*;
use crate::orders::{config, connect, order, orders as approved};
use crate::scripted::{ALL_OPEN_ORDERS, CANCEL_ORDER, CONTRACT, error, open_orders_end};
use decile_ib::IbBroker;
use decile_trade::{Broker, OrderSnapshot, OrderState, SubmitError};
use std::time::Instant;

/// Submits an order for 100 KO and waits for its end.
async fn ended(gateway: &Scripted) -> OrderSnapshot {
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    let is_final = |event: &BrokerEvent| match event {
        BrokerEvent::Order(order) => order.state.is_final() && order.commission.is_some(),
        _ => false,
    };
    match until(&mut events, is_final).await.pop() {
        Some(BrokerEvent::Order(order)) => order,
        other => panic!("{other:?}"),
    }
}

/// What a gateway makes of an order for 100 KO, and how long it takes to know.
async fn refused(gateway: &Scripted) -> (SubmitError, Duration) {
    let ib = connect(ACCOUNT, gateway.port()).await;
    let began = Instant::now();
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    (error, began.elapsed())
}

#[tokio::test]
async fn an_order_goes_out_as_it_was_approved() {
    let gateway = filling();
    let filled = ended(&gateway).await;
    assert_eq!((filled.state, filled.filled.get()), (OrderState::Filled, 100));
    assert_eq!(filled.average_price, Some("50".parse().unwrap()));
    assert_eq!(filled.commission, Some("1".parse().unwrap()));
    let [sent] = &gateway.requests(PLACE_ORDER)[..] else { panic!("one order") };
    let (contract, order) = (sent.part(2).unwrap(), sent.part(3).unwrap());
    let told = scripted::contract("KO");
    let number = message::Request::read(&told.frame(0)[4..]).int(1);
    assert!(number.is_some() && contract.int(1) == number);
    let texts = [(8, "MKT"), (11, "DAY"), (5, "BUY"), (6, "100"), (12, ACCOUNT)];
    for (tag, expected) in texts {
        assert_eq!(order.text(tag).as_deref(), Some(expected), "{tag}");
    }
    assert_eq!(order.text(28).unwrap(), "q-core:DU1234567:20251201:KO:B:1");
    assert_ne!(order.int(19), Some(1), "outside of regular hours");
    assert_ne!(order.int(66), Some(0), "transmit");
}

#[tokio::test]
async fn share_classes_are_spelled_as_the_gateway_does() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    ib.submit(&order(ACCOUNT, "BRK.B", 1)).await.unwrap();
    let sent = gateway.requests(PLACE_ORDER)[0].part(2).unwrap();
    assert_eq!(sent.text(2).as_deref(), Some("BRK B"));
}

#[tokio::test]
async fn a_preset_notice_before_the_first_status_ends_nothing() {
    let gateway = on_order(|told| {
        let text = "Order TIF was set to DAY based on order preset.";
        let mut frames = vec![error(told.order_id, 10349, text)];
        frames.extend(told.fills());
        Reply::Frames(frames)
    });
    assert_eq!(ended(&gateway).await.state, OrderState::Filled);
}

#[tokio::test]
async fn statuses_twice_and_in_the_wrong_order() {
    let gateway = on_order(|told| {
        let mut frames = told.fills();
        frames.extend(told.fills());
        frames.reverse();
        Reply::Frames(frames)
    });
    let filled = ended(&gateway).await;
    assert_eq!((filled.filled.get(), filled.commission), (100, Some("1".parse().unwrap())));
}

#[tokio::test]
async fn an_execution_and_no_status() {
    let gateway = on_order(|told| {
        Reply::Frames(vec![told.paid("a.01.01", 1.0), told.executed("a.01.01", 100)])
    });
    assert_eq!(ended(&gateway).await.state, OrderState::Filled);
}

#[tokio::test]
async fn a_commission_that_is_not_told_is_not_0() {
    let gateway = on_order(|told| {
        // A report without its amount, and then one with it.
        let absent = message::Message::new().text(1, "a.01.01").text(3, "USD").frame(59);
        let executed = told.executed("a.01.01", 100);
        let paid = told.paid("a.01.01", 1.0);
        Reply::Frames(vec![told.open("Submitted"), absent, executed, paid])
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    let is_paid = |event: &BrokerEvent| match event {
        BrokerEvent::Order(order) => order.commission.is_some(),
        _ => false,
    };
    let seen = until(&mut events, is_paid).await;
    let costs = seen.iter().filter_map(|event| match event {
        BrokerEvent::Order(order) if order.state == OrderState::Filled => Some(order.commission),
        _ => None,
    });
    assert_eq!(costs.collect::<Vec<_>>(), [None, Some("1".parse().unwrap())]);
}

#[tokio::test]
async fn an_order_that_cost_nothing_says_so_with_its_state() {
    let gateway = on_order(|told| {
        let free = told.paid("a.01.01", 0.0);
        let state = message::Message::new().text(1, "Filled").double(11, 0.0).text(14, "USD");
        let filled = told.row_in(&state).frame(5);
        let status = told.status("Filled", 100);
        Reply::Frames(vec![told.executed("a.01.01", 100), free, status, filled])
    });
    assert_eq!(ended(&gateway).await.commission, Some("0".parse().unwrap()));
}

#[tokio::test]
async fn silence_after_the_order_is_doubt() {
    let gateway = on_order(|_| Reply::Frames(Vec::new()));
    let (error, took) = refused(&gateway).await;
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    assert!((Duration::from_secs(1)..Duration::from_secs(2)).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_gateway_that_freezes_after_the_order_is_doubt() {
    let gateway = on_order(|_| Reply::Freeze);
    let ib = connect(ACCOUNT, gateway.port()).await;
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    // And whatever is asked is unknown, not empty.
    let id = order(ACCOUNT, "KO", 100).id().clone();
    assert!(matches!(ib.find(&id).await, Err(decile_trade::Error::Timeout { .. })));
    assert!(matches!(ib.ping().await, Err(decile_trade::Error::Timeout { .. })));
}

#[tokio::test]
async fn a_gateway_that_dies_after_the_order_is_doubt_at_once() {
    let gateway = on_order(|_| Reply::Close);
    let (error, took) = refused(&gateway).await;
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    assert!(in_full(&error).contains("connection was lost after"), "{}", in_full(&error));
    assert!(took < Duration::from_millis(800), "{took:?}");
}

#[tokio::test]
async fn what_is_not_listed_is_doubt() {
    let gateway = on_order(|told| Reply::Frames(vec![error(told.order_id, 9876, "Oh.")]));
    let (error, took) = refused(&gateway).await;
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    assert!(in_full(&error).contains("9876: Oh."), "{}", in_full(&error));
    assert!(took < Duration::from_millis(800), "{took:?}");
}

#[tokio::test]
async fn refusals_before_and_after_the_order_was_shown() {
    let text = "Order rejected - reason:no margin";
    let inactive = |told: &Told| vec![told.open("Inactive"), told.status("Inactive", 0)];
    let local = on_order(|told| {
        Reply::Frames(vec![error(told.order_id, 10052, "Invalid time in force:Empty")])
    });
    let late = on_order(move |told| {
        let message = vec![error(told.order_id, 201, text)];
        Reply::Frames([inactive(&told), message, inactive(&told)].concat())
    });
    let early = on_order(move |told| {
        let message = vec![error(told.order_id, 201, text)];
        Reply::Frames([message, inactive(&told)].concat())
    });
    for (gateway, reason) in [(local, "Invalid time"), (late, "no margin"), (early, "no margin")] {
        let (error, _) = refused(&gateway).await;
        assert!(matches!(error, SubmitError::Rejected { .. }), "{error:?}");
        assert!(in_full(&error).contains(reason), "{}", in_full(&error));
    }
}

#[tokio::test]
async fn unknown_and_ambiguous_stocks_are_not_sent() {
    let unknown = Scripted::start(greeting(), |request| match request.id {
        CONTRACT => {
            let text = "No security definition has been found for the request";
            Reply::Frames(vec![error(request.int(1).unwrap(), 200, text)])
        }
        _ => Reply::Polite,
    });
    let several = Scripted::start(greeting(), |request| match request.id {
        CONTRACT => {
            let number = message::Message::new().int(1, request.int(1).unwrap());
            let details = message::Message::new().text(1, "NMS").text(2, "0.01");
            let row = |contract, exchange| {
                let contract = message::Message::new().int(1, contract).text(2, "KO");
                let contract = contract.text(3, "STK").text(8, "SMART").text(9, exchange);
                let contract = contract.text(10, "USD");
                number.clone().part(2, &contract).part(3, &details).frame(10)
            };
            Reply::Frames(vec![row(7, "NYSE"), row(8, "ARCA"), number.clone().frame(52)])
        }
        _ => Reply::Polite,
    });
    for (gateway, reason) in [(unknown, "no US stock KO"), (several, "NYSE, ARCA")] {
        let (error, _) = refused(&gateway).await;
        assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
        assert!(in_full(&error).contains(reason), "{}", in_full(&error));
        assert!(gateway.requests(PLACE_ORDER).is_empty());
    }
}

#[tokio::test]
async fn an_order_for_another_account_is_not_sent() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let error = ib.submit(&order("DU7654321", "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotSent { .. }), "{error:?}");
    assert!(gateway.requests(PLACE_ORDER).is_empty());
}

#[tokio::test]
async fn an_id_is_sent_once() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap();
    let error = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(error, SubmitError::InDoubt { .. }), "{error:?}");
    assert_eq!(gateway.requests(PLACE_ORDER).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_at_once() {
    let gateway = filling();
    let names: Vec<_> = (0..40).map(|number| format!("S{number}")).collect();
    let changes: Vec<_> = names.iter().map(|name| (name.as_str(), 10)).collect();
    let first = connect(ACCOUNT, gateway.port()).await;
    let handles = [first.clone(), first];
    let sent = approved(ACCOUNT, &changes).into_iter().enumerate().map(|(turn, order)| {
        let ib: IbBroker = handles[turn % 2].clone();
        tokio::spawn(async move { ib.submit(&order).await.unwrap() })
    });
    let acks = futures::future::join_all(sent.collect::<Vec<_>>()).await;
    assert_eq!(acks.into_iter().filter(Result::is_ok).count(), 40);
    let requests = gateway.requests(PLACE_ORDER);
    let mut ids: Vec<_> = requests.iter().map(|request| request.int(1).unwrap()).collect();
    ids.dedup();
    assert_eq!(ids, (1..=40).collect::<Vec<_>>(), "each its own number, in rising order");
}

#[tokio::test]
async fn a_dropped_future_sends_the_whole_order() {
    let gateway = filling();
    let ib = connect(ACCOUNT, gateway.port()).await;
    let order = order(ACCOUNT, "KO", 100);
    {
        let mut submit = std::pin::pin!(ib.submit(&order));
        // Once polled, it is on its way, and may even be answered.
        let _ = futures::poll!(&mut submit);
    }
    drop(ib);
    eventually("the order is there", || gateway.requests(PLACE_ORDER).len() == 1).await;
    eventually("the connection is closed", || gateway.open_connections() == 0).await;
}

#[tokio::test]
async fn cancels_are_heard_of() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        PLACE_ORDER => {
            let told = Told::of(request, 1);
            Reply::Frames(vec![told.open("Submitted"), told.status("Submitted", 0)])
        }
        CANCEL_ORDER => {
            let order_id = request.int(1).unwrap();
            let told = Told {
                client_id: 1,
                order_id,
                perm_id: 900_000 + order_id,
                account: ACCOUNT.to_owned(),
                symbol: "KO".to_owned(),
                quantity: 100,
                order_ref: String::new(),
            };
            Reply::Frames(vec![
                told.status("PendingCancel", 0),
                told.status("Cancelled", 0),
                error(order_id, 202, "Order Canceled - reason:"),
            ])
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let order = order(ACCOUNT, "KO", 100);
    let mut events = ib.events();
    ib.submit(&order).await.unwrap();
    ib.cancel(order.id()).await.unwrap();
    until(
        &mut events,
        |event| matches!(event, BrokerEvent::Order(order) if order.state == OrderState::Cancelled),
    )
    .await;
    // Again is harmless, and what nobody knows is not known.
    ib.cancel(order.id()).await.unwrap();
    let other = crate::orders::order(ACCOUNT, "PEP", 1).id().clone();
    let error = ib.cancel(&other).await.unwrap_err();
    assert!(matches!(error, decile_trade::Error::UnknownOrder { id } if id == other));
}

#[tokio::test]
async fn an_order_of_another_client_is_not_ours_to_cancel() {
    let order = order(ACCOUNT, "KO", 100);
    let theirs = Told {
        client_id: 9,
        order_id: 493,
        perm_id: 77,
        account: ACCOUNT.to_owned(),
        symbol: "KO".to_owned(),
        quantity: 100,
        order_ref: order.id().to_string(),
    };
    let gateway = Scripted::start(greeting(), move |request| match request.id {
        ALL_OPEN_ORDERS => Reply::Frames(vec![theirs.open("Submitted"), open_orders_end()]),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let error = ib.cancel(order.id()).await.unwrap_err();
    assert!(in_full(&error).contains("client id 9"), "{}", in_full(&error));
    assert!(gateway.requests(CANCEL_ORDER).is_empty());
    let found = ib.find(order.id()).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Working);
}

#[tokio::test]
async fn orders_wait_for_their_turn_in_the_rate() {
    let gateway = filling();
    let config = config(ACCOUNT, gateway.port()).messages_per_second(Some(20));
    let ib = IbBroker::connect(config).await.unwrap();
    let names: Vec<_> = (0..20).map(|number| format!("S{number}")).collect();
    let symbols: Vec<_> = names.iter().map(|name| name.parse().unwrap()).collect();
    let changes: Vec<_> = names.iter().map(|name| (name.as_str(), 10)).collect();
    ib.resolve(&symbols).await.unwrap();
    let began = Instant::now();
    let orders = approved(ACCOUNT, &changes);
    let outcomes = futures::future::join_all(orders.iter().map(|order| ib.submit(order))).await;
    // 20 a second: those that had to wait longer than the second that an acknowledgement may take
    // were not sent, and say so.
    let sent = gateway.requests(PLACE_ORDER).len();
    let is_acked = |outcome: &&Result<_, SubmitError>| outcome.is_ok();
    assert_eq!(outcomes.iter().filter(is_acked).count(), sent);
    let is_proven = |outcome: &Result<_, SubmitError>| {
        matches!(outcome, Ok(_) | Err(SubmitError::NotSent { .. }))
    };
    assert!(outcomes.iter().all(is_proven), "{outcomes:?}");
    assert!(sent >= 10 && began.elapsed() > Duration::from_millis(500), "{sent}");
}

#[tokio::test]
async fn an_order_whose_contract_is_known_too_late_is_given_up_and_never_written() {
    // Longer than an order may wait, and less than a request may take.
    let slow = Duration::from_millis(1500);
    let gateway = Scripted::start(greeting(), move |request| {
        if request.id == CONTRACT {
            std::thread::sleep(slow);
        }
        match request.id {
            PLACE_ORDER => Reply::Frames(Told::of(request, 1).fills()),
            _ => Reply::Polite,
        }
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let began = Instant::now();
    let given_up = ib.submit(&order(ACCOUNT, "KO", 100)).await.unwrap_err();
    assert!(matches!(given_up, SubmitError::NotSent { .. }), "{given_up:?}");
    assert!(in_full(&given_up).contains("order waited for 1 s"), "{}", in_full(&given_up));
    assert!(began.elapsed() < 2 * slow, "{:?}", began.elapsed());
    // The contract is known now, so the next goes out at once, and is the only one.
    let next = order(ACCOUNT, "KO", -5);
    ib.submit(&next).await.unwrap();
    let sent = gateway.requests(PLACE_ORDER);
    let names: Vec<_> = sent.iter().map(|sent| sent.part(3).unwrap().text(28).unwrap()).collect();
    assert_eq!(names, [next.id().to_string()]);
}

#[tokio::test]
async fn a_fill_of_another_order_under_the_same_number_is_not_ours() {
    // The gateway has lost count, and an order of another day bears the number of ours.
    let gateway = on_order(|told| {
        let order_ref = "q-core:DU1234567:20251128:KO:B:1".to_owned();
        let other = Told { order_ref, perm_id: 7, ..told.clone() };
        let mut frames = vec![other.executed("0000e0d5.00000007.01.01", 100)];
        frames.extend([other.open("Filled"), other.status("Filled", 100)]);
        frames.extend([told.open("Submitted"), told.status("Submitted", 0)]);
        frames.push(other.status("Filled", 100));
        Reply::Frames(frames)
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let mut events = ib.events();
    let order = order(ACCOUNT, "KO", 100);
    ib.submit(&order).await.unwrap();
    let is_ours = |event: &BrokerEvent| match event {
        BrokerEvent::Order(told) => told.id == *order.id(),
        BrokerEvent::Execution(told) => told.id == *order.id(),
        _ => false,
    };
    let seen = until(&mut events, is_ours).await;
    let Some(BrokerEvent::Order(ours)) = seen.last() else { panic!("{seen:?}") };
    assert_eq!((ours.state, ours.filled.get()), (OrderState::Working, 0));
}
