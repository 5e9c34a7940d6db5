use super::*;
use crate::message::Message;
use crate::orders::{connect, order};
use crate::scripted::{CANCEL_ORDER, error};
use decile_trade::{Broker, Error, MarginEffect, Margins, SubmitError};
use futures::future::join_all;

/// What a gateway's word on 100 KO comes to.
async fn asked(gateway: &Scripted) -> Result<Margins, Error> {
    let ib = connect(ACCOUNT, gateway.port()).await;
    ib.what_if(&order(ACCOUNT, "KO", 100)).await.map(Option::unwrap)
}

fn telling(state: impl Fn() -> Message + Send + 'static) -> Scripted {
    on_order(move |told| Reply::Frames(vec![told.would(&state())]))
}

#[tokio::test]
async fn what_is_asked_says_that_it_is_no_order_and_what_is_not_told_is_missing() {
    let gateway = telling(|| {
        let state = Message::new().text(1, "PreSubmitted").double(2, 10.5).double(4, f64::MAX);
        state.double(8, 5010.5).double(10, 99.25).double(11, 1.25).text(14, "USD")
    });
    let margins = asked(&gateway).await.unwrap();
    let money = |text: &str| Some(text.parse().unwrap());
    let initial = MarginEffect { before: money("10.5"), change: None, after: money("5010.5") };
    let equity = MarginEffect { before: None, change: None, after: money("99.25") };
    let commission = money("1.25");
    assert_eq!(margins, Margins { initial, equity, commission, ..Margins::default() });
    let [sent] = &gateway.requests(PLACE_ORDER)[..] else { panic!("one question") };
    let order = sent.part(3).unwrap();
    assert_eq!(order.int(65), Some(1), "whatIf");
    assert_eq!(order.text(28).unwrap(), "q-core:DU1234567:20251201:KO:B:1");
    assert!(gateway.requests(CANCEL_ORDER).is_empty());
}

#[tokio::test]
async fn refusals_are_told_apart_from_silence_and_from_a_number_that_is_used() {
    let rejected = "Order rejected - reason:Your Available Funds are insufficient";
    let gateway = on_order(move |told| Reply::Frames(vec![error(told.order_id, 201, rejected)]));
    assert_eq!(asked(&gateway).await.unwrap().refusal, Some(format!("201: {rejected}")));
    let state = || Message::new().text(1, "Inactive").text(26, "not for you").text(28, "beware");
    let margins = asked(&telling(state)).await.unwrap();
    let (refusal, warning) = (Some("not for you".to_owned()), Some("beware".to_owned()));
    assert_eq!((margins.refusal, margins.warning), (refusal, warning));
    let margins = asked(&telling(|| Message::new().text(1, "Inactive"))).await.unwrap();
    assert_eq!(margins.refusal.as_deref(), Some("inactive"));

    let used =
        on_order(|told| Reply::Frames(vec![error(told.order_id, 103, "Duplicate order id")]));
    assert!(matches!(asked(&used).await, Err(Error::Broker { .. })));
    let silent = on_order(|_| Reply::Frames(Vec::new()));
    assert!(matches!(asked(&silent).await, Err(Error::Timeout { request: "margin", .. })));
    // What says that it goes on is waited for.
    let slow = on_order(|told| {
        let closed = "Order Message:\nBUY 100 KO\nWarning: Your order will not be placed at the \
                      exchange until 2025-12-02 09:30:00 US/Eastern.";
        let closed = error(told.order_id, 399, closed);
        Reply::Frames(vec![
            closed,
            told.would(&Message::new().text(1, "PreSubmitted").text(28, "beware")),
        ])
    });
    assert_eq!(asked(&slow).await.unwrap().warning.as_deref(), Some("beware"));
}

#[tokio::test]
async fn a_gateway_that_takes_the_question_for_an_order_is_asked_to_cancel_it() {
    let gateway = on_order(|told| Reply::Frames(vec![told.open("Submitted")]));
    let ib = connect(ACCOUNT, gateway.port()).await;
    let order = order(ACCOUNT, "KO", 100);
    let taken = ib.what_if(&order).await.unwrap_err();
    assert!(in_full(&taken).contains("took a question about the margin for an order"), "{taken}");
    eventually("a cancel", || gateway.requests(CANCEL_ORDER).len() == 1).await;
    let cancelled = gateway.requests(CANCEL_ORDER)[0].int(1);
    assert_eq!(cancelled, gateway.requests(PLACE_ORDER)[0].int(1));
    // Its order may be there already.
    let doubtful = ib.submit(&order).await.unwrap_err();
    assert!(matches!(doubtful, SubmitError::InDoubt { .. }), "{doubtful:?}");
    assert_eq!(gateway.requests(PLACE_ORDER).len(), 1);
}

#[tokio::test]
async fn an_order_whose_question_had_no_answer_is_not_sent() {
    let gateway = on_order(|_| Reply::Frames(Vec::new()));
    let ib = connect(ACCOUNT, gateway.port()).await;
    let order = order(ACCOUNT, "KO", 100);
    // Whoever asked has gone away before the answer.
    let asked = tokio::time::timeout(Duration::from_millis(100), ib.what_if(&order)).await;
    assert!(!matches!(asked, Ok(Ok(_))), "{asked:?}");
    eventually("the question", || gateway.requests(PLACE_ORDER).len() == 1).await;
    let doubtful = ib.submit(&order).await.unwrap_err();
    assert!(matches!(doubtful, SubmitError::InDoubt { .. }), "{doubtful:?}");
    assert_eq!(gateway.requests(PLACE_ORDER).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_and_orders_go_out_in_the_order_of_their_numbers() {
    let gateway = Scripted::start(greeting(), |request| match request.id {
        PLACE_ORDER => {
            let told = Told::of(request, 1);
            let is_question = request.part(3).unwrap().int(65) == Some(1);
            let state = Message::new().text(1, "PreSubmitted");
            Reply::Frames(if is_question { vec![told.would(&state)] } else { told.fills() })
        }
        _ => Reply::Polite,
    });
    let ib = connect(ACCOUNT, gateway.port()).await;
    let names = ["KO", "PEP", "AAPL", "MSFT", "V", "JPM", "META", "NVDA"];
    let orders = crate::orders::orders(ACCOUNT, &names.map(|symbol| (symbol, 10)));
    let symbols = names.map(|symbol| symbol.parse().unwrap());
    ib.resolve(&symbols).await.unwrap();
    // Of other orders: one whose question is out is not sent.
    let asked = crate::orders::orders(ACCOUNT, &names.map(|symbol| (symbol, -10)));
    let questions = join_all(asked.iter().map(|order| ib.what_if(order)));
    let sent = join_all(orders.iter().map(|order| ib.submit(order)));
    let (questions, sent) = futures::join!(questions, sent);
    assert!(questions.iter().all(Result::is_ok) && sent.iter().all(Result::is_ok));
    let told = gateway.requests(PLACE_ORDER);
    let numbers: Vec<_> = told.iter().map(|sent| sent.int(1).unwrap()).collect();
    assert_eq!(numbers.len(), 2 * names.len());
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}
