//! What is held after a run, against what was held before and what has filled.

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_core::{Money, Shares};
use decile_trade::{ExecutionReport, OrderReport, OrderStatus, Side, position_breaks};
use market::{position, symbol};

fn order(name: &str, side: Side, filled: i64, status: OrderStatus) -> OrderReport {
    let letter = if side == Side::Buy { "B" } else { "S" };
    OrderReport {
        id: format!("q:DU1:20251201:{name}:{letter}:1").parse().expect("an id"),
        symbol: symbol(name),
        side,
        quantity: Shares::new(10),
        status,
        filled: Shares::new(filled),
        average_price: None,
        commission: Some(Money::ZERO),
        reason: None,
        is_open: false,
        reference: None,
        arrival: None,
    }
}

#[test]
fn what_does_not_add_up_is_told_and_what_nobody_knows_is_left_out() {
    let orders = vec![
        order("A", Side::Sell, 10, OrderStatus::Filled),
        order("B", Side::Buy, 4, OrderStatus::Partial),
        order("C", Side::Buy, 0, OrderStatus::Unknown),
    ];
    let report = ExecutionReport { orders, ..ExecutionReport::default() };
    let before = [position("A", 10), position("D", 7)];
    let right = [position("B", 4), position("D", 7)];
    assert!(position_breaks(&report, &before, &right).is_empty());
    // Of C nobody knows, and the report says so.
    let with_c = [position("B", 4), position("C", 10), position("D", 7)];
    assert!(position_breaks(&report, &before, &with_c).is_empty());
    let wrong = [position("A", 1), position("B", 5), position("D", 7)];
    assert_eq!(
        position_breaks(&report, &before, &wrong),
        [
            "1 A are held, and 10 held before and -10 traded are 0",
            "5 B are held, and 0 held before and 4 traded are 4",
        ]
    );
    let gone = [position("B", 4)];
    let told = position_breaks(&report, &before, &gone);
    assert_eq!(told, ["0 D are held, and 7 held before and 0 traded are 7"]);
}
