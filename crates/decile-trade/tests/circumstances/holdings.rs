//! What others do in the account, and what the journal does not explain.

use crate::market::{now, position, session, symbol};
use crate::{BOTH, Case, filled, id, one, order, sent};
use decile_core::{ActionKind, CorporateAction, Shares};
use decile_trade::{
    CheckName, ClientOrderId, History, JournalRecord, OrderSnapshot, OrderState, PlannedOrder, Side,
};

#[test]
fn orders_of_others_in_the_same_names_deny() {
    let mut case = Case::new();
    let open = |name: &str| OrderSnapshot {
        id: "typed by hand".to_owned().into(),
        ..OrderSnapshot::unfilled(&id(name), &order(name, 5), OrderState::Working)
    };
    case.known.open_orders = vec![open("IBM")];
    assert!(case.broken(&BOTH).is_empty());
    case.known.open_orders.push(open("KO"));
    let broken = case.broken(&BOTH);
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0].0, CheckName::OpenOrders);
    assert_eq!(broken[0].1, "buy 5 KO is open, and not of this journal: typed by hand");
    // One of our own is the executor's to look up.
    let ours = vec![OrderSnapshot::unfilled(&id("KO"), &order("KO", 5), OrderState::Working)];
    let mut known = Case::new().records(vec![sent("KO", 5)]);
    known.known.open_orders.clone_from(&ours);
    assert!(known.broken(&BOTH).is_empty());
    // The same name of a run with another journal is not.
    case.known.open_orders = ours;
    let reason = format!("buy 5 KO is open, and not of this journal: {}", id("KO"));
    assert_eq!(case.broken(&BOTH), one(CheckName::OpenOrders, &reason));
}

#[test]
fn a_live_account_holds_what_the_journal_explains() {
    let mut case = Case::live();
    assert!(case.broken(&BOTH).is_empty());
    case.positions = vec![position("KO", 90)];
    let reason = "90 KO are held, and the journal explains 0";
    assert_eq!(case.broken(&BOTH), one(CheckName::OwnPositions, reason));
    // Of a paper account it is only told.
    case.account.id = "DU1234567".parse().unwrap();
    assert!(case.broken(&BOTH).is_empty());
    case.account.id = "U1234567".parse().unwrap();
    // Filled by us, or adopted by a person, they are ours.
    let mut filled = Case::live().records(filled("KO", 90).into());
    filled.positions = vec![position("KO", 90)];
    assert!(filled.broken(&BOTH).is_empty());
    filled.positions = vec![position("KO", 80)];
    let reason = "80 KO are held, and the journal explains 90";
    assert_eq!(filled.broken(&BOTH), one(CheckName::OwnPositions, reason));
    let positions = [(symbol("KO"), Shares::new(90))].into();
    let reason = "bought by hand".to_owned();
    let adopted = JournalRecord::Adopted { positions, reason, at: now() };
    let mut adopted = Case::live().records(vec![adopted]);
    adopted.positions = vec![position("KO", 90)];
    assert!(adopted.broken(&BOTH).is_empty());
}

/// What a run of a day has bought or sold, all of it filled.
fn traded(day: &str, side: Side, count: i64) -> [JournalRecord; 2] {
    let code = if side == Side::Buy { "B" } else { "S" };
    let id: ClientOrderId = format!("q-core:U1234567:{day}:KO:{code}:1").parse().unwrap();
    let order = PlannedOrder { side, ..order("KO", count) };
    let filled = OrderSnapshot {
        filled: Shares::new(count),
        average_price: Some("50".parse().unwrap()),
        ..OrderSnapshot::unfilled(&id, &order, OrderState::Filled)
    };
    let intent = JournalRecord::Intent { id, order, arrival: None, at: now() };
    [intent, JournalRecord::Seen { snapshot: filled, at: now() }]
}

#[test]
fn a_split_between_two_runs_is_in_what_the_journal_explains() {
    let split = |day: &str, value| CorporateAction {
        symbol: symbol("KO"),
        ex_date: day.parse().unwrap(),
        kind: ActionKind::Split,
        value,
    };
    let buy = traded("20251120", Side::Buy, 10);
    // 10 bought before a 4-for-1 split are 40, of which 5 are sold on its day, in new shares.
    let sell = traded("20251125", Side::Sell, 5);
    let mut case = Case::live().records([buy.clone(), sell].concat());
    case.facts("KO").actions = vec![split("2025-11-25", 4.0)];
    case.positions = vec![position("KO", 35)];
    assert!(case.broken(&BOTH).is_empty());
    // Without the split it is not explained.
    case.facts("KO").actions.clear();
    let reason = "35 KO are held, and the journal explains 5";
    assert_eq!(case.broken(&BOTH), one(CheckName::OwnPositions, reason));
    // One of another stock, one before the fill and one after the session change nothing.
    let other = CorporateAction { symbol: symbol("PEP"), ..split("2025-11-25", 4.0) };
    let actions = [split("2025-11-20", 7.0), other, split("2025-12-02", 7.0)];
    let history = History::of(buy.to_vec()).unwrap();
    let owned = |actions: &[CorporateAction]| {
        let owned = history.owned_with(actions, session()).unwrap();
        owned.get(&symbol("KO")).map(|quantity| quantity.get())
    };
    assert_eq!(owned(&actions), Some(10));
    // 3-for-2 and 1-for-4: 15, and then 3, as three quarters of a share are paid out.
    assert_eq!(owned(&[split("2025-11-25", 1.5), split("2025-11-28", 0.25)]), Some(3));
    assert_eq!(owned(&[split("2025-11-28", 0.05)]), None);
    assert!(history.owned_with(&[split("2025-11-28", -1.0)], session()).is_err());

    // What was adopted behind the split is in new shares already.
    let adopted = JournalRecord::Adopted {
        positions: [(symbol("KO"), Shares::new(40))].into(),
        reason: "counted".to_owned(),
        at: "2025-11-25T15:00:00Z".parse().unwrap(),
    };
    let history = History::of([buy.to_vec(), vec![adopted]].concat()).unwrap();
    let owned = history.owned_with(&[split("2025-11-25", 4.0)], session()).unwrap();
    assert_eq!(owned[&symbol("KO")], Shares::new(40));
}
