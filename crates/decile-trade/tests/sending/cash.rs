//! Cash and shares as they are when orders go out.

use crate::fake::*;
use crate::market::{money, position};
use OrderStatus::{Filled, NotSent, Partial, Working};
use decile_trade::{Journal, JournalRecord, OrderStatus, OrderStyle, StopSignal};
use std::sync::Arc;

#[tokio::test(start_paused = true)]
async fn sells_too_look_at_the_account_and_at_what_is_held_now() {
    let held = [position("A", 100), position("B", 100)];
    let broker = Fake { positions: held.to_vec(), ..Fake::new("10000") };
    broker.account.lock().unwrap().id = "U9999999".parse().unwrap();
    let approved = broker.approved(&[], &held, "10000");
    let broker = Arc::new(broker);
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [NotSent, NotSent]);
    assert_eq!(reason(&report, 0), "the broker is at account U9999999");
    assert_eq!(broker.sent(), 0);

    let left = vec![position("A", 99), position("B", 100)];
    let broker = Fake { positions: left, ..Fake::new("10000") };
    let approved = broker.approved(&[], &held, "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [NotSent, Filled]);
    assert_eq!(reason(&report, 0), "100 A to sell and 99 held");
}

#[tokio::test(start_paused = true)]
async fn cash_does_not_go_below_zero_when_fills_are_dear_and_commissions_late() {
    // 49 shares each were approved at 50. They fill at 53, and nobody names a commission.
    for shows_cash in [true, false] {
        let price = Some("53".parse().unwrap());
        let broker = Fake { price, shows_cash, ..Fake::new("10000") };
        let approved = broker.approved(&ALL, &[], "10000");
        let report = execute(&Arc::new(broker), approved).await;
        assert_eq!(statuses(&report), [Filled, Filled, Filled, Partial]);
        // 10,000 less 3 x 49 x 53, and 1 basis point of that. At 53 it pays for 41.
        let expected = "41 of 49 were sent: it needs 2451.00 and the cash is 2208.22";
        assert!(reason(&report, 3).ends_with(expected), "{}", reason(&report, 3));
        let bought: i64 = report.orders.iter().map(|order| order.filled.get()).sum();
        assert_eq!(bought, 3 * 49 + 41);
        assert!(bought * 53 < 10_000);
    }
    // The account knows of something that we do not: 10,000 less twice 2,450 and 3,000.
    let broker = Fake { spent_elsewhere: money("3000"), ..Fake::new("10000") };
    let approved = broker.approved(&ALL, &[], "10000");
    let report = execute(&Arc::new(broker), approved).await;
    assert_eq!(statuses(&report), [Filled, Filled, NotSent, NotSent]);
    assert_eq!(reason(&report, 2), "it needs 2451.00 and the cash is -900.00");
}

#[tokio::test(start_paused = true)]
async fn a_commission_behind_the_last_fill_is_reported_and_journalled() {
    let broker = Fake { late_commission: Some(money("1.25")), ..Fake::new("10000") };
    let approved = broker.approved(&ALL[..1], &[], "10000");
    let (broker, journal) = (Arc::new(broker), Arc::default());
    let executor = executor(&broker, &journal);
    let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
    assert_eq!(report.orders[0].commission, Some(money("1.25")));
    let commissions: Vec<_> = journal
        .replay()
        .unwrap()
        .into_iter()
        .filter_map(|record| match record {
            JournalRecord::Executed { execution } => Some(execution.commission),
            _ => None,
        })
        .collect();
    assert_eq!(commissions, [None, Some(money("1.25"))]);
}

#[tokio::test(start_paused = true)]
async fn cash_that_a_waiting_buy_may_take_and_proceeds_of_a_waiting_sale_are_not_there_for_others()
{
    let style = OrderStyle::MarketOnClose;
    let held = [position("A", 100)];
    let fake = Fake { fate: Fate::Work, style, positions: held.to_vec(), ..Fake::new("300") };
    let broker = Arc::new(fake);
    // For the 5,000 that A is worth, and for the cash.
    let approved = broker.approved(&[("B", "50")], &held, "300");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Working, Working]);
    // The cash alone pays for five.
    assert_eq!(broker.sent.lock().unwrap()[1].quantity.get(), 5);
    let told = reason(&report, 1);
    assert!(told.contains("5 of 105 were sent: it needs"), "{told}");

    // Each of two buys has its half of the cash; the account shows none of it as spent.
    let broker = Arc::new(Fake { fate: Fate::Work, style, ..Fake::new("10000") });
    let approved = broker.approved(&ALL[..2], &[], "10000");
    broker.account.lock().unwrap().cash = money("5400");
    let report = execute(&broker, approved).await;
    assert_eq!(statuses(&report), [Working, Working]);
    let quantities: Vec<_> =
        broker.sent.lock().unwrap().iter().map(|sent| sent.quantity.get()).collect();
    assert!(quantities[0] > 90 && quantities[1] < 10, "{quantities:?}");
}
