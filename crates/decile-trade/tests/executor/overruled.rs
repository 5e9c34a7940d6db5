//! What a broker tells of an order that a person has cleared.

use crate::desk::{named, statuses};
use crate::market::money;
use crate::shows::{
    Shows, WHY, behind, clear, ended, execution, is_open, known, snapshot, unknown,
};
use chrono::TimeDelta;
use decile_core::{Clock, Shares};
use decile_trade::OrderStatus::Unknown;
use decile_trade::{Clearance, Journal, JournalRecord, OrderState};

#[tokio::test(start_paused = true)]
async fn a_later_fill_is_taken_in_and_beyond_what_was_said_the_order_is_unknown_again() {
    for (clearance, said) in [(Clearance::NeverArrived, 0), (ended(60, None), 60)] {
        let (desk, id) = unknown().await;
        clear(&desk, &id, clearance).await.unwrap();
        desk.clock.advance(TimeDelta::seconds(1));
        let mut shows = Shows::default();
        shows.executions.push(execution(&desk, &id, "a", 40));
        let resolution = behind(&desk, &shows).resolve().await.unwrap();
        // Forty of sixty are no news.
        let is_beyond = said == 0;
        assert_eq!((resolution.late.len(), is_open(&desk)), (is_beyond.into(), is_beyond));
        assert_eq!(known(&desk).0, said.max(40));

        shows.executions.push(execution(&desk, &id, "b", 40));
        let resolution = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!(resolution.unknown.len(), 1, "{resolution:?}");
        assert_eq!((resolution.unknown[0].filled, resolution.is_clear()), (Shares::new(80), false));
        assert_eq!(resolution.late.len(), usize::from(!is_beyond));
        assert!(is_open(&desk));
        assert_eq!(known(&desk).0, 80);
        assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Unknown)]));

        // The person looks once more.
        behind(&desk, &shows).clear(&id, ended(80, None), WHY).await.unwrap();
        let quiet = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!(quiet, decile_trade::Resolution::default());
        assert_eq!(known(&desk), (80, 1, money("840")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_word_of_the_broker_beats_that_of_a_person() {
    // How it ended, with fewer shares and with as many.
    for (filled, late) in [(40, 1), (60, 0)] {
        let (desk, id) = unknown().await;
        clear(&desk, &id, ended(60, None)).await.unwrap();
        let completed = vec![snapshot(&id, OrderState::Cancelled, filled)];
        let shows = Shows { completed, ..Shows::default() };
        let resolution = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!((resolution.late.len(), resolution.is_clear()), (late, true));
        assert_eq!((known(&desk).0, is_open(&desk)), (filled, false));
        let quiet = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!(quiet, decile_trade::Resolution::default());
        let count = desk.journal.replay().unwrap().len();
        behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!(desk.journal.replay().unwrap().len(), count);
    }
    // It is there after all, and may fill.
    for clearance in [Clearance::NeverArrived, ended(0, None)] {
        let (desk, id) = unknown().await;
        clear(&desk, &id, clearance).await.unwrap();
        let open = vec![snapshot(&id, OrderState::Working, 0)];
        let shows = Shows { open, ..Shows::default() };
        let resolution = behind(&desk, &shows).resolve().await.unwrap();
        assert_eq!((resolution.unknown.len(), resolution.late.len()), (1, 0));
        assert!(is_open(&desk) && resolution.unknown[0].is_open);
        assert_eq!(statuses(&desk.trade(&["A"]).await), named(&[("A", Unknown)]));
    }
    // Where it was before it was cleared.
    let (desk, id) = unknown().await;
    let working = snapshot(&id, OrderState::PartiallyFilled, 40);
    let seen = JournalRecord::Seen { snapshot: working.clone(), at: desk.clock.now() };
    desk.journal.append(&[seen]).unwrap();
    clear(&desk, &id, ended(40, None)).await.unwrap();
    let shows = Shows { open: vec![working], ..Shows::default() };
    assert_eq!(behind(&desk, &shows).resolve().await.unwrap().unknown.len(), 1);
    assert!(is_open(&desk));
}

#[tokio::test(start_paused = true)]
async fn a_later_correction_of_an_execution_opens_the_order_again() {
    let (desk, id) = unknown().await;
    let with = |quantity| {
        let executions = vec![execution(&desk, &id, "a", quantity)];
        Shows { executions, ..Shows::default() }
    };
    behind(&desk, &with(40)).clear(&id, ended(40, None), WHY).await.unwrap();
    let resolution = behind(&desk, &with(10)).resolve().await.unwrap();
    assert_eq!((resolution.late.len(), resolution.unknown.len()), (1, 1));
    assert_eq!((known(&desk).0, is_open(&desk)), (10, true));
    behind(&desk, &with(10)).clear(&id, ended(10, None), WHY).await.unwrap();
    assert_eq!((known(&desk).0, is_open(&desk)), (10, false));
    let quiet = behind(&desk, &with(10)).resolve().await.unwrap();
    assert_eq!(quiet, decile_trade::Resolution::default());
}
