use super::*;
use chrono::{DateTime, Utc};
use decile_core::{Money, Price, Shares};
use decile_trade::{OrderState, Side};
use proptest::prelude::*;
use proptest::sample::Index;

const CLIENT: i32 = 17;

fn id() -> ClientOrderId {
    "q:DU1:20251201:AAPL:B:1".parse().unwrap()
}

fn facts(order_ref: &str, quantity: i64) -> Facts {
    Facts {
        order_ref: order_ref.to_owned(),
        symbol: "AAPL".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(quantity),
    }
}

fn key(order_id: i32, perm_id: i64) -> Key {
    Key { client_id: CLIENT, order_id, perm_id }
}

fn open(stage: Stage, filled: i64) -> News {
    News::Open(open_of(key(7, 900), facts("not echoed", 100), stage, filled))
}

fn open_of(key: Key, facts: Facts, stage: Stage, filled: i64) -> Open {
    Open { key, facts, stage, filled: Shares::new(filled), commission: None, reason: None }
}

fn status(stage: Stage, filled: i64, average: Option<&str>) -> News {
    let average: Option<Price> = average.map(|text| text.parse().unwrap());
    News::Status(Status { key: key(7, 900), stage, filled: Shares::new(filled), average })
}

fn executed(execution_id: &str, quantity: i64, price: &str) -> News {
    let time: DateTime<Utc> = "2025-12-01T15:00:00Z".parse().unwrap();
    News::Execution(Executed {
        key: key(7, 900),
        execution_id: execution_id.into(),
        order_ref: "not echoed".to_owned(),
        symbol: "AAPL".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(quantity),
        price: price.parse().unwrap(),
        time,
    })
}

fn commission(execution_id: &str, amount: &str) -> News {
    let amount = amount.parse().unwrap();
    News::Commission(Commission { execution_id: execution_id.into(), amount })
}

fn notice(meaning: Meaning, text: &str) -> News {
    News::Notice(Notice { order_id: 7, meaning, text: text.to_owned() })
}

/// Applies news and returns the events.
fn hear(book: &mut Book, news: News) -> Vec<BrokerEvent> {
    let mut events = Vec::new();
    book.apply(CLIENT, news, &mut events);
    events
}

/// A book that has sent one order for 100 shares as number 7.
fn sent() -> Book {
    let mut book = Book::default();
    assert!(book.send(&id(), (CLIENT, 7), facts(&id().to_string(), 100)));
    book
}

/// The order of a name, or all that bear it as one.
fn told_of(book: &Book, id: &ClientOrderId) -> Option<OrderSnapshot> {
    book.snapshots().into_iter().find(|snapshot| snapshot.id == *id)
}

fn after(news: impl IntoIterator<Item = News>) -> Option<OrderSnapshot> {
    let mut book = sent();
    for news in news {
        hear(&mut book, news);
    }
    told_of(&book, &id())
}

fn state(news: impl IntoIterator<Item = News>) -> Option<(OrderState, i64)> {
    after(news).map(|snapshot| (snapshot.state, snapshot.filled.get()))
}

/// The sequences of the recordings, with the prints of one order split in two.
fn recorded() -> Vec<(&'static str, Vec<News>, OrderState)> {
    use OrderState::{Cancelled, Filled, Rejected};
    use Stage as S;
    let fill = || {
        vec![
            open(S::Working, 0),
            status(S::Working, 0, None),
            executed("0000e0d5.5a1768f8.01.01", 40, "309.10"),
            executed("0000e0d5.5a1768f9.01.01", 60, "309.20"),
            open(S::Filled, 100),
            status(S::Filled, 100, Some("309.16")),
            open(S::Filled, 100),
            status(S::Filled, 100, Some("309.16")),
            commission("0000e0d5.5a1768f8.01.01", "1.000003"),
            commission("0000e0d5.5a1768f9.01.01", "0.3"),
        ]
    };
    let mut preset = vec![notice(Meaning::Information, "10349: Order TIF was set to DAY")];
    preset.extend(fill());
    let mut corrected = fill();
    corrected.push(executed("0000e0d5.5a1768f9.01.02", 60, "309.30"));
    corrected.push(commission("0000e0d5.5a1768f9.01.02", "0.4"));
    vec![
        ("fill", fill(), Filled),
        ("10349 first", preset, Filled),
        ("correction", corrected, Filled),
        (
            "rest and cancel",
            vec![
                notice(Meaning::Information, "399: Warning"),
                open(S::Working, 0),
                status(S::Working, 0, None),
                status(S::Working, 0, None),
                status(S::Cancelled, 0, None),
                notice(Meaning::Cancelled, "202: Order Canceled - reason:"),
            ],
            Cancelled,
        ),
        (
            "refused by the broker",
            vec![
                open(S::Inactive, 0),
                status(S::Inactive, 0, None),
                notice(Meaning::Refused, "201: Order rejected - reason:margin"),
                open(S::Inactive, 0),
                status(S::Inactive, 0, None),
            ],
            Rejected,
        ),
        (
            "refused by the gateway",
            vec![notice(Meaning::Refused, "321: Error validating request.")],
            Rejected,
        ),
        (
            "partly filled, then cancelled",
            vec![
                open(S::Working, 0),
                executed("a.01.01", 30, "309"),
                status(S::Working, 30, Some("309")),
                commission("a.01.01", "1"),
                status(S::Cancelled, 30, Some("309")),
                notice(Meaning::Cancelled, "202: Order Canceled - reason:"),
            ],
            Cancelled,
        ),
    ]
}

#[test]
fn recorded_sequences_end_as_they_did() {
    for (name, news, expected) in recorded() {
        let snapshot = after(news).unwrap();
        assert_eq!(snapshot.state, expected, "{name}");
        assert_eq!(snapshot.id, id(), "{name}");
    }
    let filled = after(recorded().swap_remove(0).1).unwrap();
    // (40 x 309.10 + 60 x 309.20) / 100
    assert_eq!(filled.average_price, Some("309.16".parse().unwrap()));
    assert_eq!(filled.commission, Some("1.300003".parse().unwrap()));
    assert_eq!(filled.reason, None);
    let corrected = after(recorded().swap_remove(2).1).unwrap();
    // The second print at 309.30.
    assert_eq!(corrected.average_price, Some("309.22".parse().unwrap()));
    assert_eq!(corrected.commission, Some("1.400003".parse().unwrap()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_and_any_repetition_end_in_the_same_snapshot(
        case in any::<Index>(),
        order in proptest::collection::vec(any::<u64>(), 24),
        repeated in proptest::collection::vec(any::<Index>(), 0..8),
    ) {
        let mut cases = recorded();
        let (name, news, _) = cases.swap_remove(case.index(cases.len()));
        let expected = after(news.clone());
        let mut all = news.clone();
        all.extend(repeated.iter().map(|index| news[index.index(news.len())].clone()));
        let mut shuffled: Vec<_> = order.into_iter().chain(0..).zip(all).collect();
        shuffled.sort_by_key(|(place, _)| *place);
        let ended = after(shuffled.into_iter().map(|(_, news)| news));
        prop_assert_eq!(ended, expected, "{}", name);
    }
}

#[test]
fn a_status_alone_or_an_execution_alone_proves_a_fill() {
    use OrderState::{Filled, PartiallyFilled};
    assert_eq!(state([status(Stage::Filled, 100, Some("5"))]), Some((Filled, 100)));
    assert_eq!(state([executed("a", 100, "5")]), Some((Filled, 100)));
    assert_eq!(state([executed("a", 40, "5")]), Some((PartiallyFilled, 40)));
    assert_eq!(state([status(Stage::Working, 40, None)]), Some((PartiallyFilled, 40)));
    // What the status says is more than the executions that came through.
    let both = after([executed("a", 40, "5"), status(Stage::Working, 60, Some("6"))]).unwrap();
    assert_eq!((both.filled.get(), both.average_price), (60, Some("6".parse().unwrap())));
    assert_eq!(both.commission, None);
}

#[test]
fn what_was_not_shown_is_not_known() {
    assert_eq!(after([]), None);
    assert_eq!(after([notice(Meaning::Information, "10349: preset")]), None);
    assert_eq!(after([notice(Meaning::Doubt, "9999: what?")]), None);
}

#[test]
fn messages_end_nothing_that_lives() {
    for meaning in [Meaning::Information, Meaning::Doubt, Meaning::Refused, Meaning::Cancelled] {
        let news = [status(Stage::Working, 0, None), notice(meaning, "said")];
        assert_eq!(state(news), Some((OrderState::Working, 0)), "{meaning:?}");
    }
    // Refused, and then it lives all the same.
    let late = [notice(Meaning::Refused, "said"), status(Stage::Working, 0, None)];
    assert_eq!(state(late), Some((OrderState::Working, 0)));
}

#[test]
fn inactive_means_refused_only_if_a_status_or_a_reason_says_so() {
    assert_eq!(state([open(Stage::Inactive, 0)]), Some((OrderState::Submitted, 0)));
    // Held while shares are located: the status of such an order comes in as working.
    let held = [open(Stage::Inactive, 0), status(Stage::Working, 0, None)];
    assert_eq!(state(held), Some((OrderState::Working, 0)));
    let told = [open(Stage::Inactive, 0), notice(Meaning::Refused, "201: no")];
    let told = after(told).unwrap();
    assert_eq!((told.state, told.reason.as_deref()), (OrderState::Rejected, Some("201: no")));
    assert_eq!(told.commission, Some(Money::ZERO));
    assert_eq!(state([status(Stage::Inactive, 0, None)]), Some((OrderState::Rejected, 0)));
    assert_eq!(state([status(Stage::Inactive, 5, None)]), Some((OrderState::Cancelled, 5)));
}

fn signs(news: impl IntoIterator<Item = News>) -> Vec<Option<Sign>> {
    let mut book = sent();
    let mut sign = |news| {
        book.apply(CLIENT, news, &mut Vec::new()).map(|(order_id, sign)| {
            assert_eq!(order_id, 7);
            sign
        })
    };
    news.into_iter().map(&mut sign).collect()
}

#[test]
fn signs_tell_an_acknowledgement_from_a_refusal_and_from_doubt() {
    let refused = || notice(Meaning::Refused, "no");
    let no = Some(Sign::Refused("no".to_owned()));
    assert_eq!(signs([refused()]), std::slice::from_ref(&no));
    assert_eq!(signs([executed("a", 1, "5")]), [Some(Sign::Shown(900))]);
    let seen = signs([notice(Meaning::Information, "10349"), status(Stage::Pending, 0, None)]);
    assert_eq!(seen, [None, Some(Sign::Shown(900))]);
    let seen = signs([open(Stage::Inactive, 0), status(Stage::Inactive, 0, None), refused()]);
    assert_eq!(seen, [Some(Sign::Inactive(900)), Some(Sign::Inactive(900)), no]);
    let seen = signs([status(Stage::Working, 0, None), refused()]);
    assert_eq!(seen[1], Some(Sign::Doubt("no".to_owned())));
    assert_eq!(signs([notice(Meaning::Doubt, "9999")]), [Some(Sign::Doubt("9999".to_owned()))]);
    assert_eq!(signs([notice(Meaning::CancelAnswer, "10147")]), [None]);
}

#[test]
fn each_change_is_told_once() {
    let mut book = sent();
    let mut events = |news| hear(&mut book, news);
    assert_eq!(events(open(Stage::Working, 0)).len(), 1);
    assert!(events(status(Stage::Working, 0, None)).is_empty());
    let fill = events(executed("a.01.01", 100, "5"));
    let [BrokerEvent::Execution(execution), BrokerEvent::Order(order)] = &fill[..] else {
        panic!("{fill:?}");
    };
    assert_eq!((execution.execution_id.as_str(), execution.commission), ("a.01", None));
    assert_eq!((order.state, order.commission), (OrderState::Filled, None));
    assert!(events(executed("a.01.01", 100, "5")).is_empty());
    assert!(events(status(Stage::Filled, 100, Some("5"))).is_empty());
    let paid = events(commission("a.01.01", "1"));
    assert_eq!(paid.len(), 2, "{paid:?}");
    assert!(events(commission("a.01.01", "1")).is_empty());
    // A correction bears the name of what it corrects, so that nobody counts it on top.
    let corrected = events(executed("a.01.02", 100, "6"));
    let [BrokerEvent::Execution(execution), BrokerEvent::Order(order)] = &corrected[..] else {
        panic!("{corrected:?}");
    };
    assert_eq!(execution.execution_id, "a.01");
    assert_eq!((order.average_price, order.commission), (Some("6".parse().unwrap()), None));
    assert!(events(executed("a.01.01", 100, "5")).is_empty());
}

#[test]
fn a_hint_at_an_end_that_no_status_tells_is_a_gap() {
    let mut book = sent();
    hear(&mut book, status(Stage::Working, 0, None));
    let events = hear(&mut book, notice(Meaning::Doubt, "what?"));
    assert!(events.contains(&BrokerEvent::Gap), "{events:?}");
    hear(&mut book, status(Stage::Cancelled, 0, None));
    let events = hear(&mut book, notice(Meaning::Cancelled, "202"));
    assert!(!events.contains(&BrokerEvent::Gap), "{events:?}");
}

#[test]
fn two_orders_under_one_number_are_kept_apart() {
    // The gateway has lost count and gave out number 7 again; the other order is a stranger's.
    let mut book = sent();
    hear(&mut book, open(Stage::Working, 0));
    let other = open_of(key(7, 901), facts("not echoed", 5), Stage::Filled, 5);
    hear(&mut book, News::Open(other));
    assert_eq!(told_of(&book, &id()).unwrap().state, OrderState::Working);
    let names: Vec<_> = book.snapshots().into_iter().map(|order| order.id.to_string()).collect();
    assert_eq!(names, [id().to_string(), "permId 901".to_owned()]);
}

#[test]
fn two_orders_behind_one_name_are_added_up_and_said() {
    let mut book = Book::default();
    let name = id().to_string();
    let orders = [(7, 900, Stage::Filled, 100), (8, 901, Stage::Working, 30)];
    for (order_id, perm_id, stage, filled) in orders {
        let open = open_of(key(order_id, perm_id), facts(&name, 100), stage, filled);
        hear(&mut book, News::Open(open));
    }
    let both = told_of(&book, &id()).unwrap();
    assert_eq!((both.quantity.get(), both.filled.get()), (200, 130));
    assert_eq!(both.state, OrderState::PartiallyFilled);
    let reason = both.reason.unwrap();
    assert!(reason.contains("900 and 901"), "{reason}");
    assert_eq!(book.snapshots().len(), 1);
}

#[test]
fn an_id_is_sent_once() {
    let mut book = sent();
    assert!(!book.send(&id(), (CLIENT, 8), facts("", 100)));
    book.unsend(&id());
    assert_eq!(told_of(&book, &id()), None);
    assert!(book.send(&id(), (CLIENT, 8), facts("", 100)));
    assert_eq!(book.order_id(&id()), Some(8));
}

#[test]
fn lists_are_named_by_the_session_that_sent_the_order() {
    let mut session = sent();
    hear(&mut session, status(Stage::Working, 0, None));
    let mut lists = Book::default();
    lists.complete(open_of(key(-1, 900), facts("not echoed", 100), Stage::Cancelled, 0));
    hear(&mut lists, executed("a", 20, "5"));
    lists.learn_names(&session);
    assert_eq!(lists.snapshots()[0].id, id());
    assert_eq!(lists.executions()[0].id, id());
    // And looked up: what the session knows and what the lists say, together.
    let mut found = session.extract(&HashSet::from([&id()]));
    found.complete(open_of(key(-1, 900), facts("not echoed", 100), Stage::Cancelled, 0));
    let found = told_of(&found, &id()).unwrap();
    assert_eq!((found.state, found.id), (OrderState::Cancelled, id().into()));
}

#[test]
fn nothing_filled_of_no_quantity_is_not_filled() {
    // A row of the completed orders that leaves the quantity out.
    let mut row = match open(Stage::Cancelled, 0) {
        News::Open(row) => row,
        other => panic!("{other:?}"),
    };
    row.facts.quantity = Shares::ZERO;
    let mut book = Book::default();
    book.complete(row);
    let snapshot = book.snapshots().remove(0);
    assert_eq!((snapshot.state, snapshot.filled), (OrderState::Cancelled, Shares::ZERO));
}

#[test]
fn a_permanent_number_given_out_again_is_the_newer_orders() {
    let mut book = sent();
    for news in [open(Stage::Filled, 100), executed("a", 100, "5")] {
        hear(&mut book, news);
    }
    let other: ClientOrderId = "q:DU1234567:20251201:PEP:B:1".parse().unwrap();
    let facts = Facts {
        order_ref: other.to_string(),
        symbol: "PEP".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(25),
    };
    assert!(book.send(&other, (CLIENT, 8), facts.clone()));
    // The gateway has forgotten everything, and begins with the same permanent number.
    let row = match open(Stage::Working, 0) {
        News::Open(row) => Open { key: Key { order_id: 8, ..row.key }, facts, ..row },
        unexpected => panic!("{unexpected:?}"),
    };
    hear(&mut book, News::Open(row));
    assert_eq!(book.order_id(&id()), Some(7));
    assert_eq!(book.order_id(&other), Some(8));
    assert_eq!(told_of(&book, &other).unwrap().filled, Shares::ZERO);
    assert_eq!(told_of(&book, &id()).unwrap().filled, Shares::new(100));
}

/// The name of an order that was sent before the gateway lost count.
const OTHER: &str = "q:DU1:20251128:AAPL:B:1";

/// An execution of that order, under the number of ours.
fn stranger(perm_id: i64) -> Executed {
    let News::Execution(executed) = executed("s", 30, "5") else { panic!("an execution") };
    Executed { key: key(7, perm_id), order_ref: OTHER.to_owned(), ..executed }
}

#[test]
fn a_reference_that_contradicts_is_another_order_whatever_its_numbers() {
    // Its permanent number is one of its own, or ours, and comes before ours or after it.
    for (perm_id, is_first) in [(800, true), (800, false), (900, true), (900, false)] {
        let mut book = sent();
        let ours = Facts { order_ref: id().to_string(), ..facts("", 100) };
        let ours = News::Open(open_of(key(7, 900), ours, Stage::Working, 0));
        let theirs = || News::Execution(stranger(perm_id));
        let row = open_of(key(7, perm_id), facts(OTHER, 30), Stage::Filled, 30);
        let mut news = vec![theirs(), News::Open(row.clone()), theirs(), News::Open(row)];
        news.insert(if is_first { 4 } else { 0 }, ours);
        let mut events = Vec::new();
        for news in news {
            book.apply(CLIENT, news, &mut events);
        }
        let told = |name: &OrderName| *name == id();
        let of_ours = events.iter().filter(|event| match event {
            BrokerEvent::Order(order) => told(&order.id) && !order.filled.is_zero(),
            BrokerEvent::Execution(execution) => told(&execution.id),
            _ => false,
        });
        assert_eq!(of_ours.count(), 0, "{perm_id} {is_first}");
        let snapshot = told_of(&book, &id()).unwrap();
        assert_eq!((snapshot.state, snapshot.filled), (OrderState::Working, Shares::ZERO));
        // What bears no reference goes by its numbers.
        if perm_id == 800 {
            let end = |perm_id, stage, filled| {
                let filled = Shares::new(filled);
                News::Status(Status { key: key(7, perm_id), stage, filled, average: None })
            };
            hear(&mut book, end(800, Stage::Filled, 30));
            assert!(told_of(&book, &id()).unwrap().filled.is_zero());
            hear(&mut book, end(900, Stage::Filled, 100));
            assert_eq!(told_of(&book, &id()).unwrap().filled, Shares::new(100));
        }
        let executions = book.executions();
        assert_eq!(executions.len(), 1, "{executions:?}");
        assert_eq!(executions[0].id.to_string(), OTHER);
        assert_eq!(book.snapshots().len(), 2);
    }
}
