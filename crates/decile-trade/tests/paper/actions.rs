//! Splits and payouts between two sessions.

use crate::market::{money, session, symbol};
use crate::{broker, buy, day};
use decile_core::{ActionKind, CorporateAction, Money, Price, Symbol};
use decile_trade::{Broker, Error};
use std::collections::BTreeMap;

fn action(ex_date: &str, kind: ActionKind, value: f64) -> CorporateAction {
    CorporateAction { symbol: symbol("KO"), ex_date: day(ex_date), kind, value }
}

/// Carries 189 KO, bought for 9,450 and 1.00, over these actions.
async fn rolled(
    actions: &[CorporateAction],
    close: Option<&str>,
) -> Result<(i64, Money, Money), Error> {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let close = close.map(|text| -> (Symbol, Price) { (symbol("KO"), text.parse().unwrap()) });
    let closes: BTreeMap<_, _> = close.into_iter().collect();
    broker.roll_to(day("2025-12-10"), actions, &closes)?;
    assert_eq!(broker.session(), day("2025-12-10"));
    assert_eq!(broker.roll_to(day("2025-12-10"), actions, &closes)?, []); // not twice
    let held = broker.positions().await?.remove(0);
    let account = broker.account().await?;
    Ok((held.quantity.get(), held.average_cost, account.cash))
}

#[tokio::test]
async fn splits_come_before_dividends_of_their_day() {
    use ActionKind::{Dividend, Spinoff, Split};
    let actions = [
        action("2025-12-01", Dividend, 100.0), // not after the session of the account
        action("2025-12-03", Dividend, 0.25),  // on 378 shares
        action("2025-12-03", Split, 2.0),
        action("2025-12-05", Spinoff, 1.5), // on 378 shares
        action("2025-12-11", Split, 7.0),   // not yet
    ];
    // 549 + 94.50 + 567; 9,451 / 378 per share.
    let expected = (378, money("25.002646"), money("1210.50"));
    assert_eq!(rolled(&actions, None).await.unwrap(), expected);
}

#[tokio::test]
async fn fractions_of_a_share_are_paid_in_cash() {
    use ActionKind::Split;
    // 189 x 1.5 = 283.5, and half a share at 33.40.
    let three_for_two = [action("2025-12-03", Split, 1.5)];
    let (shares, _, cash) = rolled(&three_for_two, Some("33.40")).await.unwrap();
    assert_eq!((shares, cash), (283, money("565.70")));
    // Without a price at the average cost, 9,451 / 189 / 1.5 = 33.336861: 16.67.
    let (shares, cost, cash) = rolled(&three_for_two, None).await.unwrap();
    assert_eq!((shares, cost, cash), (283, money("33.336861"), money("565.67")));
    // One for three, as it is written in binary: 63, not 62 and a fraction.
    let (shares, cost, cash) =
        rolled(&[action("2025-12-03", Split, 1.0 / 3.0)], None).await.unwrap();
    assert_eq!((shares, cost, cash), (63, money("150.015873"), money("549")));
}

#[tokio::test]
async fn what_cannot_be_applied_changes_nothing() {
    let broker = broker("10000");
    broker.submit(&buy()).await.unwrap();
    let actions = [
        action("2025-12-03", ActionKind::Dividend, 1.0),
        action("2025-12-04", ActionKind::Split, 0.0),
    ];
    let error = broker.roll_to(day("2025-12-10"), &actions, &BTreeMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "the split of KO on 2025-12-04 has the value 0: correct it");
    assert_eq!(broker.session(), session());
    assert_eq!(broker.account().await.unwrap().cash, money("549"));
    let error = broker.roll_to(day("2025-11-28"), &[], &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::SessionPassed { .. }));
}
