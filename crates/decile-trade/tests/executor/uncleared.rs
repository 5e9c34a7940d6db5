//! What a person cannot say of an order.

use crate::desk::Desk;
use crate::journals::Failing;
use crate::market::symbol;
use crate::shows::{
    QUANTITY, Shows, WHY, behind, clear, ended, execution, is_open, known, snapshot, unknown,
};
use chrono::TimeDelta;
use decile_core::{Clock, Shares};
use decile_trade::OrderStatus::Rejected;
use decile_trade::{
    Attempts, Clearance, Error, Executor, Journal, JournalRecord, MemoryJournal, OrderState,
    Remainder, Trouble,
};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

#[tokio::test(start_paused = true)]
async fn what_the_broker_shows_is_taken_from_it_and_not_from_a_person() {
    for (trouble, words) in [
        (Trouble::DropAfterSend, "filled, 2849 of 2849"),
        (
            Trouble::PartialFill { quantity: Shares::new(40), then: Remainder::Cancelled },
            "cancelled, 40 of 2849",
        ),
        (
            Trouble::PartialFill { quantity: Shares::new(40), then: Remainder::Works },
            "not ended, 40 of 2849 shares filled, which the journal has now: cancel it",
        ),
    ] {
        let mut desk = Desk::new();
        desk.broker.trouble_for(symbol("A"), trouble);
        let id = desk.trade(&["A"]).await.orders[0].id.clone();
        // The run was killed behind its intent.
        let mut records = desk.journal.replay().unwrap();
        records.truncate(2);
        desk.journal = Arc::default();
        desk.journal.append(&records).unwrap();
        assert!(is_open(&desk));
        for clearance in [Clearance::NeverArrived, ended(40, None)] {
            let (refused, ended) = match clear(&desk, &id, clearance).await.unwrap_err() {
                Error::BrokerShowsOrder { shown, .. } => (shown, false),
                Error::NothingToClear { end, .. } => (end, true),
                other => panic!("{other}"),
            };
            assert!(ended || refused.starts_with(words), "{refused}");
        }
        // What it showed is known now.
        let is_working = words.starts_with("not ended");
        assert_eq!(is_open(&desk), is_working);
        let records = desk.journal.replay().unwrap();
        assert!(!records.iter().any(|record| matches!(record, JournalRecord::Cleared { .. })));
        let filled = desk.held().await.first().map_or(0, |(_, held)| *held);
        assert_eq!(known(&desk).0, filled);
    }
    // Any one of what it is asked for is enough.
    let (desk, id) = unknown().await;
    let working = || snapshot(&id, OrderState::Submitted, 0);
    let none = Shows::default;
    for shows in [
        Shows { open: vec![working()], ..none() },
        Shows { completed: vec![snapshot(&id, OrderState::Cancelled, 0)], ..none() },
        Shows { found: Some(working()), ..none() },
    ] {
        let (desk, id) = unknown().await;
        for clearance in [Clearance::NeverArrived, ended(0, None)] {
            let refused = behind(&desk, &shows).clear(&id, clearance, WHY).await;
            let is_shown = matches!(refused, Err(Error::BrokerShowsOrder { .. }));
            assert!(is_shown || matches!(refused, Err(Error::NothingToClear { .. })), "{shows:?}");
        }
    }
    assert!(is_open(&desk));
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_answer_all_of_it_clears_nothing() {
    let (desk, id) = unknown().await;
    let count = desk.journal.replay().unwrap().len();
    for silent in
        ["sign of life", "account", "open orders", "completed orders", "executions", "order"]
    {
        let shows = Shows { silent: Some(silent), ..Shows::default() };
        let refused = behind(&desk, &shows).clear(&id, Clearance::NeverArrived, WHY).await;
        match refused.unwrap_err() {
            Error::Timeout { request, .. } => assert_eq!(request, silent),
            other => panic!("{silent}: {other}"),
        }
    }
    assert_eq!(desk.journal.replay().unwrap().len(), count);
    assert!(is_open(&desk));
}

#[tokio::test(start_paused = true)]
async fn only_what_is_unknown_is_cleared_and_only_as_it_can_have_ended() {
    let (desk, id) = unknown().await;
    let invalid = |error| match error {
        Error::InvalidClearance { problem, .. } => problem,
        other => panic!("{other}"),
    };
    for why in [("", "seen"), ("ada", " ")] {
        let refused = desk.executor().clear(&id, Clearance::NeverArrived, why).await;
        assert_eq!(invalid(refused.unwrap_err()), "say who clears it, and why");
    }
    for (filled, price, words) in [
        (QUANTITY + 1, None, "2850 shares cannot have filled; say 0 to 2849"),
        (-1, None, "-1 shares cannot have filled"),
        (0, Some("10"), "has a price"),
    ] {
        let problem = invalid(clear(&desk, &id, ended(filled, price)).await.unwrap_err());
        assert!(problem.contains(words), "{problem}");
    }
    // Nobody says less than what was known once.
    let executed = JournalRecord::Executed { execution: execution(&desk, &id, "a", 40) };
    let seen = snapshot(&id, OrderState::PartiallyFilled, 40);
    let seen = JournalRecord::Seen { snapshot: seen, at: desk.clock.now() };
    desk.journal.append(&[executed, seen]).unwrap();
    for (clearance, words) in
        [(Clearance::NeverArrived, "with 40 or more filled"), (ended(39, None), "say 40 to 2849")]
    {
        let problem = invalid(clear(&desk, &id, clearance).await.unwrap_err());
        assert!(problem.contains(words), "{problem}");
    }
    clear(&desk, &id, ended(60, None)).await.unwrap();
    assert_eq!(known(&desk).0, 60);

    // What has ended, lapsed or never was.
    let nothing = |error| match error {
        Error::NothingToClear { end, .. } => end,
        other => panic!("{other}"),
    };
    let again = nothing(clear(&desk, &id, ended(60, None)).await.unwrap_err());
    assert_eq!(again, "was cleared: it ended with 60 shares filled");
    let other = "q-core:DU1234567:20251201:B:B:1".parse().unwrap();
    let none = nothing(clear(&desk, &other, Clearance::NeverArrived).await.unwrap_err());
    assert_eq!(none, "has no intent");
    let (desk, id) = unknown().await;
    desk.clock.advance(TimeDelta::days(1));
    assert_eq!(desk.executor().resolve().await.unwrap().lapsed.len(), 1);
    let lapsed = nothing(clear(&desk, &id, Clearance::NeverArrived).await.unwrap_err());
    assert_eq!(lapsed, "has lapsed with its session");
    let desk = Desk::new();
    for (trouble, end) in
        [(Some(Trouble::NotSent), "never left"), (None, "ended filled, 2849 of 2849")]
    {
        trouble.into_iter().for_each(|trouble| desk.broker.trouble_for(symbol("A"), trouble));
        let id = desk.trade(&["A"]).await.orders[0].id.clone();
        let told = nothing(clear(&desk, &id, Clearance::NeverArrived).await.unwrap_err());
        assert!(told.starts_with(end), "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_has_numbered_did_arrive() {
    let (desk, id) = unknown().await;
    let numbers = [(id.clone(), "7".to_owned())].into();
    desk.journal.append(&[JournalRecord::Acknowledged { numbers, at: desk.clock.now() }]).unwrap();
    let refused = clear(&desk, &id, Clearance::NeverArrived).await.unwrap_err();
    assert!(matches!(refused, Error::InvalidClearance { .. }), "{refused}");
    assert_eq!(clear(&desk, &id, ended(0, None)).await.unwrap().status, Rejected);
}

#[tokio::test(start_paused = true)]
async fn the_journal_of_another_account_is_not_cleared() {
    let (desk, id) = unknown().await;
    let elsewhere = Desk::of("DU7654321");
    let executor = desk.executor_at(elsewhere.broker.clone());
    let refused = executor.clear(&id, Clearance::NeverArrived, WHY).await.unwrap_err();
    assert!(matches!(refused, Error::ForeignJournal { .. }), "{refused}");
    assert!(is_open(&desk));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_leaves_the_order_unknown() {
    let (desk, id) = unknown().await;
    let journal = MemoryJournal::default();
    journal.append(&desk.journal.replay().unwrap()).unwrap();
    let journal = Arc::new(Failing { journal, writes: AtomicUsize::new(0) });
    let (broker, config) = (desk.broker.clone(), desk.config.clone());
    let executor = Executor::new(broker, journal.clone(), desk.clock.clone(), config);
    let refused = executor.clear(&id, Clearance::NeverArrived, WHY).await.unwrap_err();
    assert!(matches!(refused, Error::File { .. }), "{refused}");
    assert_eq!(Attempts::replay(&*journal).unwrap().unresolved().collect::<Vec<_>>(), [&id]);
}
