// What every journal must do with the word of a person, for the tests of each kind of journal.

use decile_core::Shares;
use decile_trade::{
    Attempts, Clearance, ClientOrderId, Error, Execution, Journal, JournalRecord, OrderKind,
    PlannedOrder, Side, TimeInForce,
};
use std::sync::Arc;

const AT: &str = "2025-12-01T15:00:00Z";

fn id(attempt: u32) -> ClientOrderId {
    format!("q:DU1:20251201:KO:B:{attempt}").parse().unwrap()
}

/// An intent to buy 100 KO.
pub(crate) fn intended(attempt: u32) -> JournalRecord {
    let order = PlannedOrder {
        symbol: "KO".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(100),
        kind: OrderKind::Market,
        time_in_force: TimeInForce::Day,
        reference: "50.10".parse().unwrap(),
        notional: "5010".parse().unwrap(),
    };
    JournalRecord::Intent { id: id(attempt), order, arrival: None, at: AT.parse().unwrap() }
}

pub(crate) fn cleared(attempt: u32, clearance: Clearance) -> JournalRecord {
    let (by, reason) = ("ada".to_owned(), "TWS says \"no such order\"".to_owned());
    JournalRecord::Cleared { id: id(attempt), clearance, by, reason, at: AT.parse().unwrap() }
}

/// An order that ended with 40 shares at 50.12.
pub(crate) fn forty() -> Clearance {
    Clearance::Ended { filled: Shares::new(40), average_price: Some("50.12".parse().unwrap()) }
}

fn executed(attempt: u32, quantity: i64) -> JournalRecord {
    let execution = Execution {
        execution_id: format!("{attempt}.{quantity}"),
        id: id(attempt).into(),
        symbol: "KO".parse().unwrap(),
        side: Side::Buy,
        quantity: Shares::new(quantity),
        price: "50.12".parse().unwrap(),
        commission: None,
        time: AT.parse().unwrap(),
    };
    JournalRecord::Executed { execution }
}

/// Writes the word of a person and what comes behind it, each with the journal opened anew.
pub(crate) fn keeps_the_word_of_a_person(open: impl Fn() -> Arc<dyn Journal>) {
    let mut all = Vec::new();
    let mut write = |records: Vec<JournalRecord>| {
        open().append(&records).unwrap();
        all.extend(records);
        let journal = open();
        assert_eq!(journal.replay().unwrap(), all);
        let attempts = Attempts::replay(&*journal).unwrap();
        attempts.unresolved().map(ClientOrderId::attempt).collect::<Vec<_>>()
    };
    assert_eq!(write(vec![intended(1), intended(2)]), [1, 2]);
    assert_eq!(write(vec![cleared(1, Clearance::NeverArrived)]), [2]);
    assert_eq!(write(vec![cleared(2, forty())]), [0; 0]);
    // The broker's word, as far as it goes beyond that.
    assert_eq!(write(vec![executed(2, 30)]), [0; 0]);
    assert_eq!(write(vec![executed(1, 10), executed(2, 20)]), [1, 2]);
    let half = Clearance::Ended { filled: Shares::new(50), average_price: None };
    assert_eq!(write(vec![cleared(2, half)]), [1]);
    // Of an order that was never intended.
    open().append(&[cleared(3, Clearance::NeverArrived)]).unwrap();
    let replayed = Attempts::replay(&*open());
    assert!(matches!(replayed, Err(Error::MissingIntent { .. })), "{replayed:?}");
}
