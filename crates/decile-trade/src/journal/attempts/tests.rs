use super::*;
use crate::{Clearance, MemoryJournal, OrderSnapshot, OrderState};

fn order() -> PlannedOrder {
    PlannedOrder {
        symbol: "KO".parse().unwrap(),
        side: Side::Buy,
        quantity: decile_core::Shares::new(100),
        kind: crate::OrderKind::Market,
        time_in_force: crate::TimeInForce::Day,
        reference: "50".parse().unwrap(),
        notional: "5000".parse().unwrap(),
    }
}

fn id(attempt: u32) -> ClientOrderId {
    format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap()
}

fn next(records: &[JournalRecord]) -> Result<ClientOrderId, Blocked> {
    let journal = MemoryJournal::default();
    journal.append(records).unwrap();
    let attempts = Attempts::replay(&journal).unwrap();
    attempts.next(id(1), DateTime::UNIX_EPOCH)
}

fn intent(attempt: u32) -> JournalRecord {
    let at = DateTime::UNIX_EPOCH;
    JournalRecord::Intent { id: id(attempt), order: order(), arrival: None, at }
}

fn seen(attempt: u32, state: OrderState) -> JournalRecord {
    let snapshot = OrderSnapshot::unfilled(&id(attempt), &order(), state);
    JournalRecord::Seen { snapshot, at: DateTime::UNIX_EPOCH }
}

#[test]
fn attempts_rise_only_past_what_is_final() {
    assert_eq!(next(&[]).unwrap(), id(1));
    assert!(matches!(next(&[intent(1)]), Err(Blocked { id: by, .. }) if by == id(1)));
    let working = [intent(1), seen(1, OrderState::Working)];
    assert!(matches!(next(&working), Err(Blocked { .. })));
    for state in [OrderState::Cancelled, OrderState::Rejected] {
        let done = [intent(1), seen(1, state), seen(1, OrderState::Working)];
        assert_eq!(next(&done).unwrap(), id(2));
    }
    let reason = "stopped".to_owned();
    let not_sent = JournalRecord::NotSent { id: id(1), reason, at: DateTime::UNIX_EPOCH };
    assert_eq!(next(&[intent(1), not_sent.clone()]).unwrap(), id(2));
    let records = [intent(1), not_sent, intent(2)];
    assert!(matches!(next(&records), Err(Blocked { id: by, .. }) if by == id(2)));
}

#[test]
fn what_is_open_from_another_session_stands_in_the_way_until_it_lapses() {
    let yesterday: ClientOrderId = "q:DU1:20251128:KO:B:1".parse().unwrap();
    let at = DateTime::UNIX_EPOCH;
    let sent = JournalRecord::Intent { id: yesterday.clone(), order: order(), arrival: None, at };
    let blocked = next(std::slice::from_ref(&sent)).unwrap_err();
    assert_eq!((blocked.id, blocked.status), (yesterday.clone(), OrderStatus::Unknown));
    let working = OrderSnapshot::unfilled(&yesterday, &order(), OrderState::Working);
    let seen = JournalRecord::Seen { snapshot: working, at };
    assert!(next(&[sent.clone(), seen]).is_err());
    let lapsed = JournalRecord::Lapsed { id: yesterday.clone(), at };
    assert_eq!(next(&[sent.clone(), lapsed]).unwrap(), id(1));
    let done = OrderSnapshot::unfilled(&yesterday, &order(), OrderState::Cancelled);
    assert_eq!(next(&[sent, JournalRecord::Seen { snapshot: done, at }]).unwrap(), id(1));
}

#[test]
fn what_filled_in_the_session_is_done() {
    let records = [
        intent(1),
        seen(1, OrderState::Rejected),
        intent(2),
        seen(2, OrderState::Filled),
        seen(2, OrderState::Working),
    ];
    let blocked = next(&records).unwrap_err();
    assert_eq!((blocked.id, blocked.status), (id(2), OrderStatus::NotSent));
    assert_eq!(blocked.reason, "filled earlier in this session as q:DU1:20251201:KO:B:2");
}

/// A journal that lets through what a [`MemoryJournal`] refuses.
#[derive(Debug)]
struct Lax(Vec<JournalRecord>);

impl Journal for Lax {
    fn append(&self, _: &[JournalRecord]) -> Result<(), Error> {
        Ok(())
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        Ok(self.0.clone())
    }
}

#[test]
fn a_journal_that_forgot_or_repeats_an_intent_is_refused() {
    let replayed = |records| Attempts::replay(&Lax(records)).unwrap_err();
    let error = replayed(vec![intent(1), seen(1, OrderState::Filled), intent(1)]);
    assert!(matches!(error, Error::DuplicateIntent { id: named } if named == id(1)));
    let error = replayed(vec![intent(2), seen(1, OrderState::Filled)]);
    assert!(matches!(error, Error::MissingIntent { order } if order == id(1).to_string()));
    // A name that was damaged does not pass for somebody else's order.
    let mut snapshot = OrderSnapshot::unfilled(&id(1), &order(), OrderState::Filled);
    snapshot.id = "q:DU1:20251201:KO:B:O".to_owned().into();
    let damaged = JournalRecord::Seen { snapshot, at: DateTime::UNIX_EPOCH };
    let error = replayed(vec![intent(1), damaged]);
    assert!(matches!(error, Error::MissingIntent { order } if order.ends_with(":O")));
}

#[test]
fn a_doubt_blocks_for_the_session_but_a_lapsed_order_is_not_looked_up() {
    let at = DateTime::UNIX_EPOCH;
    let unknown = JournalRecord::Unknown { id: id(1), reason: String::new(), at };
    assert!(matches!(next(&[intent(1), unknown]), Err(Blocked { .. })));
    let journal = MemoryJournal::default();
    journal.append(&[intent(1), JournalRecord::Lapsed { id: id(1), at }]).unwrap();
    assert_eq!(Attempts::replay(&journal).unwrap().unresolved().count(), 0);
}

fn cleared(attempt: u32, clearance: Clearance) -> JournalRecord {
    let (by, reason) = ("ada".to_owned(), "seen".to_owned());
    JournalRecord::Cleared { id: id(attempt), clearance, by, reason, at: DateTime::UNIX_EPOCH }
}

fn with(filled: i64) -> Clearance {
    Clearance::Ended { filled: Shares::new(filled), average_price: None }
}

#[test]
fn what_a_person_has_cleared_leaves_the_way_to_the_next_id() {
    for clearance in [Clearance::NeverArrived, with(0)] {
        let records = [intent(1), cleared(1, clearance), intent(2)];
        assert_eq!(next(&records[..2]).unwrap(), id(2));
        assert!(matches!(next(&records), Err(Blocked { id: by, .. }) if by == id(2)));
    }
    let blocked = next(&[intent(1), cleared(1, with(100))]).unwrap_err();
    assert_eq!(blocked.status, OrderStatus::NotSent);
    // The plan of before does not know of what has filled.
    let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(1);
    let later = |filled| {
        let mut record = cleared(1, with(filled));
        if let JournalRecord::Cleared { at: when, .. } = &mut record {
            *when = at;
        }
        next(&[intent(1), record])
    };
    assert_eq!(later(0).unwrap(), id(2));
    assert!(later(40).unwrap_err().reason.contains("plan anew"));
    // Whatever the broker says of it then: it is there.
    for state in [OrderState::Submitted, OrderState::Working, OrderState::PartiallyFilled] {
        let records = [intent(1), cleared(1, Clearance::NeverArrived), seen(1, state)];
        assert!(matches!(next(&records), Err(Blocked { id: by, .. }) if by == id(1)));
    }
}

#[test]
fn what_a_person_has_cleared_counts_for_what_has_filled() {
    let told = |records: &[JournalRecord]| {
        let journal = MemoryJournal::default();
        journal.append(records).unwrap();
        let attempts = Attempts::replay(&journal).unwrap();
        let Day { orders, bought } = attempts.day(id(1).session());
        let held = attempts.net().values().map(|held| held.get()).sum::<i64>();
        let trades = attempts.trades();
        let cost: Money = trades.iter().filter_map(|trade| trade.amount).sum();
        (orders, bought.to_string(), held, cost.to_string())
    };
    let of =
        |orders, bought: &str, held, cost: &str| (orders, bought.to_owned(), held, cost.to_owned());
    let never = [intent(1), cleared(1, Clearance::NeverArrived)];
    assert_eq!(told(&never), of(0, "0", 0, "0"));
    assert_eq!(told(&[intent(1), cleared(1, with(40))]), of(1, "2000", 40, "0"));
    let average_price = "51".parse().ok();
    let priced = Clearance::Ended { filled: Shares::new(40), average_price };
    assert_eq!(told(&[intent(1), cleared(1, priced.clone())]), of(1, "2040", 40, "2040"));
    // The average and the commission of the 20 that were known say nothing of 40.
    let snapshot = OrderSnapshot {
        filled: Shares::new(20),
        average_price: "49".parse().ok(),
        commission: "1".parse().ok(),
        ..OrderSnapshot::unfilled(&id(1), &order(), OrderState::PartiallyFilled)
    };
    let seen = JournalRecord::Seen { snapshot, at: DateTime::UNIX_EPOCH };
    assert_eq!(told(&[intent(1), seen.clone(), cleared(1, with(20))]), of(1, "980", 20, "981"));
    assert_eq!(told(&[intent(1), seen.clone(), cleared(1, with(40))]), of(1, "2000", 40, "0"));
    assert_eq!(told(&[intent(1), seen, cleared(1, priced)]), of(1, "2040", 40, "2040"));
}

#[test]
fn an_open_limit_buy_may_take_its_limit_and_not_the_price_it_was_sized_with() {
    let to_come = |limit: &str, filled: i64| {
        let limit = limit.parse().unwrap();
        let order = PlannedOrder { kind: crate::OrderKind::Limit { limit }, ..order() };
        let at = DateTime::UNIX_EPOCH;
        let snapshot = OrderSnapshot {
            filled: Shares::new(filled),
            ..OrderSnapshot::unfilled(&id(1), &order, OrderState::Working)
        };
        let intent = JournalRecord::Intent { id: id(1), order, arrival: None, at };
        let journal = MemoryJournal::default();
        journal.append(&[intent, JournalRecord::Seen { snapshot, at }]).unwrap();
        let attempts = Attempts::replay(&journal).unwrap();
        attempts.cash_to_come(Decimal::new(1, 2))
    };
    // 100 shares of about 50, and 1 % of that.
    let money = |text: &str| text.parse::<Money>().unwrap();
    assert_eq!(to_come("51.5", 0), money("5201.5"));
    assert_eq!(to_come("51.5", 40), money("3120.9"));
    // Below the price it was sized with it takes what was approved, to be safe.
    assert_eq!(to_come("49", 0), money("5050"));
}

#[test]
fn an_order_of_which_nothing_has_filled_is_not_done_however_few_shares_are_told() {
    // A broker that has forgotten what was ordered says 0 of 0.
    let told = |state| {
        let nothing = OrderSnapshot::unfilled(&id(1), &order(), state);
        let snapshot = OrderSnapshot { quantity: Shares::ZERO, ..nothing };
        next(&[intent(1), JournalRecord::Seen { snapshot, at: DateTime::UNIX_EPOCH }])
    };
    assert_eq!(told(OrderState::Cancelled).unwrap(), id(2));
    let open = told(OrderState::Working).unwrap_err();
    assert_eq!((open.id, open.status), (id(1), OrderStatus::Unknown));
}
