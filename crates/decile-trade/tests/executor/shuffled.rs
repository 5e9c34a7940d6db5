//! Random troubles, run after run.

use crate::desk::Desk;
use chrono::DateTime;
use decile_core::{Shares, Symbol};
use decile_trade::OrderStatus::{Filled, NotSent, Unknown};
use decile_trade::{Broker, Journal, JournalRecord, Remainder, Trouble};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn trouble() -> impl Strategy<Value = Option<Trouble>> {
    let partial = (0_i64..2_000, any::<bool>()).prop_map(|(quantity, works)| {
        let then = if works { Remainder::Works } else { Remainder::Cancelled };
        Trouble::PartialFill { quantity: Shares::new(quantity), then }
    });
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Trouble::NotSent)),
        1 => Just(Some(Trouble::Reject { reason: "no".to_owned() })),
        1 => Just(Some(Trouble::DropAfterSend)),
        1 => Just(Some(Trouble::LostBeforeArrival)),
        1 => Just(Some(Trouble::DuplicateStatus)),
        1 => (0_u32..10).prop_map(|polls| Some(Trouble::LateStatus { polls })),
        2 => partial.prop_map(Some),
    ]
}

/// Runs with trouble, and returns what was bought and sold by the broker's own books.
async fn run_with(troubles: Vec<Option<Trouble>>) -> Result<(), TestCaseError> {
    let desk = Desk::new();
    for (turn, trouble) in troubles.into_iter().enumerate() {
        if let Some(trouble) = trouble {
            desk.broker.trouble_at(turn, trouble);
        }
    }
    let mut sent = BTreeSet::new();
    let mut reported: BTreeMap<Symbol, i64> = BTreeMap::new();
    for wanted in [vec!["A", "B"], vec!["B", "C"], vec!["A", "B", "C"]] {
        desk.executor().resolve().await.unwrap();
        let before = desk.journal.replay().unwrap().len();
        let report = desk.trade(&wanted).await;
        for record in &desk.journal.replay().unwrap()[before..] {
            if let JournalRecord::Intent { id, .. } = record {
                prop_assert!(sent.insert(id.clone()), "{id} was sent twice");
            }
        }
        let executions = desk.broker.executions(DateTime::UNIX_EPOCH).await.unwrap();
        for order in report.orders {
            // What is withheld goes by the id of the attempt in its way.
            if order.reason.as_deref().is_some_and(|it| it.starts_with("filled earlier")) {
                prop_assert_eq!(order.status, NotSent);
                continue;
            }
            let own = executions.iter().filter(|execution| execution.id == order.id);
            let executed: i64 = own.map(|execution| execution.quantity.get()).sum();
            prop_assert!(order.filled.get() <= executed);
            // Whoever says for certain says what the broker's books say.
            if order.status != Unknown {
                prop_assert_eq!(order.filled.get(), executed);
            }
            prop_assert_eq!(order.status == Filled, order.filled == order.quantity);
        }
    }
    for execution in desk.broker.executions(DateTime::UNIX_EPOCH).await.unwrap() {
        let total = reported.entry(execution.symbol).or_default();
        *total += execution.side.signed(execution.quantity).get();
    }
    reported.retain(|_, total| *total != 0);
    let held = desk.broker.positions().await.unwrap();
    let held: BTreeMap<_, _> =
        held.into_iter().map(|held| (held.symbol, held.quantity.get())).collect();
    prop_assert_eq!(held, reported);
    prop_assert!(!desk.broker.account().await.unwrap().cash.is_negative());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_trouble_makes_an_id_go_out_twice_or_loses_a_share(
        troubles in prop::collection::vec(trouble(), 8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run_with(troubles))?;
    }
}
