//! What real gateways were recorded saying, said to decile-ib.
//!
//! The messages about orders go over the wire byte for byte as they were recorded. The test supplies
//! what the recordings leave out: a greeting that makes the order ids agree, and answers to what this
//! adapter asks besides. Replies to requests get the number of the request that they answer.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/capture.rs"]
mod capture;
#[path = "support/message.rs"]
mod message;
#[path = "support/orders.rs"]
mod orders;
#[path = "support/scripted.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod scripted;

use capture::{number, stretches};
use decile_core::source::QuoteSource;
use decile_ib::{IbBroker, MarketData};
use decile_trade::{
    Broker, BrokerEvent, ClientOrderId, OrderName, OrderSnapshot, OrderState, SubmitError,
};
use futures::StreamExt;
use message::{Message, renumbered};
use orders::{config, connect, order};
use scripted::{
    CANCEL_ORDER, COMPLETED_ORDERS, CONTRACT, EXECUTIONS, Greeting, PLACE_ORDER, Reply, Scripted,
};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;

const ACCOUNT: &str = "DU9000001";
const POSITIONS: u32 = 61;
const SUMMARY: u32 = 62;
const MARKET_DATA: u32 = 1;

type Frames = Vec<Vec<u8>>;

/// A gateway whose next order id is `next`, and that answers every order and every cancel with the
/// next of its recorded stretches.
fn replaying(next: i64, orders: Vec<Frames>, cancels: Vec<Frames>) -> Scripted {
    let details = stretches("grounded_contract_details_aapl.txt").remove(1);
    let (mut orders, mut cancels) = (VecDeque::from(orders), VecDeque::from(cancels));
    Scripted::start(Greeting::new(ACCOUNT, next), move |request| match request.id {
        PLACE_ORDER => Reply::Frames(orders.pop_front().unwrap()),
        CANCEL_ORDER => Reply::Frames(cancels.pop_front().unwrap()),
        CONTRACT => Reply::Frames(answer(&details, request.int(1).unwrap())),
        _ => Reply::Polite,
    })
}

/// Puts the number of a request into the recorded replies that bear one.
fn answer(frames: &[Vec<u8>], request: i64) -> Frames {
    frames.iter().map(|frame| renumbered(frame, request)).collect()
}

/// Tells the states of one order until it is final and paid for, or silence.
async fn states(ib: &IbBroker, change: i64) -> (Result<String, SubmitError>, Vec<OrderSnapshot>) {
    let mut events = ib.events();
    let order = order(ACCOUNT, "AAPL", change);
    let outcome = ib.submit(&order).await.map(|ack| ack.broker_order_id.unwrap());
    let mut told = Vec::new();
    let listen = async {
        while let Some(event) = events.next().await {
            if let BrokerEvent::Order(snapshot) = event {
                assert_eq!(snapshot.id, *order.id());
                told.push(snapshot);
            }
        }
    };
    // The replay says all it has at once.
    assert!(timeout(Duration::from_millis(700), listen).await.is_err());
    (outcome, told)
}

fn id(change: i64) -> ClientOrderId {
    order(ACCOUNT, "AAPL", change).id().clone()
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn a_purchase_and_a_sale_fill() {
    let recorded = stretches("api_order_fill_aapl.txt");
    // Greeting; the purchase; an answer to a question for the time; the sale.
    let [_, bought, _, sold] = &recorded[..] else { panic!("{}", recorded.len()) };
    let gateway = replaying(600, vec![bought.clone(), sold.clone()], Vec::new());
    let ib = connect(ACCOUNT, gateway.port()).await;

    let (ack, told) = states(&ib, 1).await;
    assert_eq!(ack.unwrap(), "9000000600");
    let last = told.last().unwrap();
    assert_eq!((last.state, last.filled.get()), (OrderState::Filled, 1));
    assert_eq!(last.average_price, Some("309.16".parse().unwrap()));
    assert_eq!(last.commission, Some("1.000003".parse().unwrap()));
    assert_eq!(told[0].state, OrderState::Working);

    let (ack, told) = states(&ib, -1).await;
    assert!(ack.is_ok());
    let last = told.last().unwrap();
    assert_eq!((last.state, last.filled.get()), (OrderState::Filled, 1));
    assert_eq!(last.average_price, Some("309.15".parse().unwrap()));
    assert_eq!(last.commission, Some("1.006566".parse().unwrap()));
    // What the session has heard is found, though the lists of this gateway are empty.
    let found = ib.find(&id(-1)).await.unwrap().unwrap();
    assert_eq!(&found, last);
    let sent = gateway.requests(PLACE_ORDER);
    assert_eq!(sent.iter().map(|order| order.int(1).unwrap()).collect::<Vec<_>>(), [600, 601]);
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn a_bad_order_an_unknown_stock_and_one_that_rests_until_it_is_cancelled() {
    let recorded = stretches("api_order_rejects_and_rest_cancel_excerpt.txt");
    // Greeting; data types and snapshots (4); bad order; resting order; its cancel; stop; unknown.
    let [greeting, _, _, _, _, bad, rests, cancelled, stop, unknown] = &recorded[..] else {
        panic!("{}", recorded.len())
    };
    let one = |next, frames: &Frames| replaying(next, vec![frames.clone()], Vec::new());

    let refused = one(510, bad);
    // As it was recorded: open orders first, unasked, then accounts and order id.
    let (before, _) = greeting.split_at(4);
    refused.greet_with(Greeting { before: before.to_vec(), ..Greeting::new(ACCOUNT, 510) });
    let ib = connect(ACCOUNT, refused.port()).await;
    let (outcome, told) = states(&ib, 1).await;
    assert!(matches!(outcome, Err(SubmitError::Rejected { .. })), "{outcome:?}");
    assert_eq!(told.last().unwrap().state, OrderState::Rejected);

    let gateway = replaying(511, vec![rests.clone()], vec![cancelled.clone()]);
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (outcome, told) = states(&ib, 1).await;
    assert!(outcome.is_ok());
    let last = told.last().unwrap();
    assert_eq!(last.state, OrderState::Working);
    assert!(last.reason.as_ref().unwrap().contains("will not be placed at the exchange until"));
    let mut events = ib.events();
    ib.cancel(&id(1)).await.unwrap();
    // It is heard of on another thread than the answer to the request.
    let is_cancelled = |event: &BrokerEvent| matches!(event, BrokerEvent::Order(told) if told.state == OrderState::Cancelled);
    let heard = async { while !events.next().await.is_some_and(|event| is_cancelled(&event)) {} };
    timeout(Duration::from_secs(2), heard).await.unwrap();
    let found = ib.find(&id(1)).await.unwrap().unwrap();
    assert_eq!((found.state, found.filled.get()), (OrderState::Cancelled, 0));

    let gateway = one(515, stop);
    let (outcome, told) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(outcome.is_ok());
    assert_eq!(told.last().unwrap().state, OrderState::Working);

    let gateway = one(512, unknown);
    let (outcome, _) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(matches!(outcome, Err(SubmitError::Rejected { .. })), "{outcome:?}");
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn a_reckoning_of_margin_is_no_order() {
    let recorded = stretches("api_whatif_margin_aapl.txt");
    let [_, unknown, display, margin] = &recorded[..] else { panic!("{}", recorded.len()) };
    for (next, frames) in [(558, unknown), (559, display)] {
        let gateway = replaying(next, vec![frames.clone()], Vec::new());
        let (outcome, _) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
        assert!(matches!(outcome, Err(SubmitError::Rejected { .. })), "{outcome:?}");
    }
    // It looks like an open order and is none: an order that gets only that was not acknowledged.
    let gateway = replaying(560, vec![margin.clone()], Vec::new());
    let (outcome, told) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(matches!(outcome, Err(SubmitError::InDoubt { .. })), "{outcome:?}");
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn what_an_order_would_do_is_read_from_its_recording() {
    let recorded = stretches("api_whatif_margin_aapl.txt");
    let [_, unknown, display, margin] = &recorded[..] else { panic!("{}", recorded.len()) };
    let asked = async |next, frames: &Frames| {
        let gateway = replaying(next, vec![frames.clone()], Vec::new());
        let ib = connect(ACCOUNT, gateway.port()).await;
        ib.what_if(&order(ACCOUNT, "AAPL", 100)).await.unwrap().unwrap()
    };
    for (next, frames, code) in [(558, unknown, "200: "), (559, display, "10255: ")] {
        let refusal = asked(next, frames).await.refusal.unwrap();
        assert!(refusal.starts_with(code), "{refusal}");
    }
    let margins = asked(560, margin).await;
    assert_eq!(margins.refusal, None);
    assert_eq!(margins.warning, None);
    let told = [margins.initial, margins.maintenance, margins.equity];
    assert_eq!(told.map(|effect| effect.after().is_some()), [true; 3]);
    for effect in told {
        let sum = effect.before.unwrap() + effect.change.unwrap();
        assert_eq!(sum.to_cents(), effect.after.unwrap().to_cents());
    }
    // The account is in euro, the commission in dollars.
    assert!(margins.commission.is_some_and(|amount| amount > decile_core::Money::ZERO));
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn times_in_force_that_end_at_once() {
    let recorded = stretches("ioc_fok_gtd_reject_excerpt.txt");
    let [first, after_cancel] = &recorded[..] else { panic!("{}", recorded.len()) };
    // Immediate or cancel (4), fill or kill (3), good till date (2).
    let (immediate, rest) = first.split_at(4);
    let (kill, dated) = rest.split_at(3);

    let gateway = replaying(501, vec![immediate.to_vec()], Vec::new());
    let (outcome, told) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(outcome.is_ok());
    assert_eq!(told.last().unwrap().state, OrderState::Cancelled);

    let gateway = replaying(502, vec![kill.to_vec()], Vec::new());
    let (outcome, told) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(matches!(outcome, Err(SubmitError::Rejected { .. })), "{outcome:?}");
    let last = told.last().unwrap();
    assert_eq!(last.state, OrderState::Rejected);
    assert!(last.reason.as_ref().unwrap().contains("time-in-force FOK is invalid"));

    // The order was inactive without a status; then the cancel is told that it is over.
    let (too_late, cancelling) = after_cancel.split_at(1);
    let gateway = replaying(582, vec![dated.to_vec()], vec![too_late.to_vec()]);
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (outcome, _) = states(&ib, 1).await;
    assert!(matches!(outcome, Err(SubmitError::Rejected { .. })), "{outcome:?}");
    ib.cancel(&id(1)).await.unwrap();

    let gateway = replaying(684, vec![cancelling.to_vec()], Vec::new());
    let (outcome, told) = states(&connect(ACCOUNT, gateway.port()).await, 1).await;
    assert!(outcome.is_ok());
    assert_eq!(told.last().unwrap().state, OrderState::Working);
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn a_global_cancel_by_somebody_else() {
    let recorded = stretches("cross_client_global_cancel_excerpt.txt");
    let [_, global, list, not_found] = &recorded[..] else { panic!("{}", recorded.len()) };
    assert_eq!(number(&list[0]), 53, "a list without orders");
    // The order of the recording was number 486; messages about numbers 474 and 460 come with it.
    let gateway = replaying(486, vec![global.clone()], Vec::new());
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (outcome, told) = states(&ib, 1).await;
    assert!(outcome.is_ok());
    let last = told.last().unwrap();
    assert_eq!((last.state, last.filled.get()), (OrderState::Cancelled, 0));

    // Another client's order is not found by its number.
    let gateway = replaying(493, vec![Vec::new()], vec![not_found.clone()]);
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (outcome, _) = states(&ib, 1).await;
    assert!(matches!(outcome, Err(SubmitError::InDoubt { .. })), "{outcome:?}");
    let error = ib.cancel(&id(1)).await.unwrap_err();
    assert!(matches!(error, decile_trade::Error::UnknownOrder { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn completed_orders_after_statuses_of_old_ones() {
    let rows = stretches("completed_orders_excerpt.txt").remove(1);
    let gateway = Scripted::start(Greeting::new(ACCOUNT, 600), move |request| match request.id {
        COMPLETED_ORDERS => {
            let mut rows = rows.clone();
            rows.push(Message::new().frame(102));
            Reply::Frames(rows)
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let completed = ib.completed_orders().await.unwrap();
    assert_eq!(completed.len(), 2);
    for order in &completed {
        assert_eq!((order.state, order.filled.get()), (OrderState::Cancelled, 0));
        assert!(matches!(&order.id, OrderName::Foreign(name) if name.starts_with("permId ")));
        assert!(order.reason.as_ref().unwrap().starts_with("Cancelled by "), "{order:?}");
    }
    assert_eq!(ib.find(&id(1)).await.unwrap(), None);
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn executions_in_futures_are_left_out() {
    let rows = stretches("executions_sv225.txt").remove(1);
    let gateway = Scripted::start(Greeting::new(ACCOUNT, 600), move |request| match request.id {
        EXECUTIONS => {
            let number = request.int(1).unwrap();
            let patched = |frame: &Vec<u8>| match capture::number(frame) {
                // Commissions bear no number.
                59 => frame.clone(),
                _ => renumbered(frame, number),
            };
            Reply::Frames(rows.iter().map(patched).collect())
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    assert_eq!(ib.executions(orders::now()).await.unwrap(), []);
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn a_read_only_gateway_takes_no_order_and_shows_its_positions() {
    let recorded = stretches("read_only_and_positions.txt");
    let [farms, refusal, rows] = &recorded[..] else { panic!("{}", recorded.len()) };
    let (farms, refusal, rows) = (farms.clone(), refusal.clone(), rows.clone());
    let gateway = Scripted::start(Greeting::new(ACCOUNT, 1), move |request| match request.id {
        scripted::IDS => Reply::Frames([farms.clone(), refusal.clone()].concat()),
        POSITIONS => Reply::Frames(rows.clone()),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let (outcome, _) = states(&ib, 1).await;
    assert!(matches!(outcome, Err(SubmitError::NotSent { .. })), "{outcome:?}");
    assert!(gateway.requests(PLACE_ORDER).is_empty());
    // A future that was closed today is no holding; a stock in euro is, and cannot be told.
    let error = ib.positions().await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("holds 40 ASML STK in EUR"), "{cause}");
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn an_account_in_euro() {
    let rows = stretches("account_summary.txt").remove(1);
    let gateway = Scripted::start(Greeting::new(ACCOUNT, 1), move |request| match request.id {
        SUMMARY => Reply::Frames(answer(&rows, request.int(1).unwrap())),
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let account = ib.account().await.unwrap();
    assert_eq!(account.currency, "EUR".parse().unwrap());
    assert_eq!(account.equity, "36992.49".parse().unwrap());
    assert_eq!(account.cash, "-1441.67".parse().unwrap());
}

#[tokio::test]
#[ignore = "needs DECILE_SHARED"]
async fn quotes_delayed_and_without_a_subscription() {
    let ticks = stretches("quote_snapshot_sv206.txt").remove(2);
    let not_subscribed = stretches("api_order_rejects_and_rest_cancel_excerpt.txt").remove(2);
    for (frames, is_told) in [(ticks, true), (not_subscribed, false)] {
        let details = stretches("grounded_contract_details_aapl.txt").remove(1);
        let greeting = Greeting::new(ACCOUNT, 1);
        let gateway = Scripted::start(greeting, move |request| match request.id {
            MARKET_DATA => Reply::Frames(answer(&frames, request.int(1).unwrap())),
            CONTRACT => Reply::Frames(answer(&details, request.int(1).unwrap())),
            _ => Reply::Polite,
        });
        let config = config(ACCOUNT, gateway.port()).market_data(MarketData::Delayed);
        let ib = IbBroker::connect(config).await.unwrap();
        let quotes = ib.quotes(&["AAPL".parse().unwrap()]).await;
        if is_told {
            let [quote] = &quotes.unwrap()[..] else { panic!("one quote") };
            assert_eq!(quote.bid, Some("314.9".parse().unwrap()));
            assert_eq!(quote.ask, Some("315.05".parse().unwrap()));
            assert_eq!(quote.last, Some("315".parse().unwrap()));
            assert_eq!(quote.previous_close, Some("316.22".parse().unwrap()));
            assert_eq!(quote.time, orders::now());
        } else {
            let error = quotes.unwrap_err();
            let is_denied = matches!(error, decile_core::source::SourceError::Denied { .. });
            assert!(is_denied, "{error:?}");
        }
    }
}
