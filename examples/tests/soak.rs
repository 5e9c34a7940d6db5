//! A small soak; the documented one sends a hundred thousand orders.

use decile_examples::soak::soak;

#[tokio::test]
async fn journal_broker_and_account_agree_whatever_goes_wrong() {
    let mut lives = 0;
    let outcome = soak(300, 3, |_| lives += 1).await.expect("a gateway and a journal");
    assert!(outcome.is_sound(), "{outcome}: {:?}", outcome.drifts);
    assert_eq!(lives, 1);
    assert!(outcome.orders >= 300 && outcome.faults > 0, "{outcome}");
}
