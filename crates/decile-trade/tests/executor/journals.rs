//! A journal that cannot be written.

use crate::desk::{Desk, named, statuses};
use decile_trade::OrderStatus::{Filled, NotSent};
use decile_trade::{Error, Executor, Journal, JournalRecord, MemoryJournal, StopSignal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A journal that fails after so many writes.
#[derive(Debug)]
pub(crate) struct Failing {
    pub(crate) journal: MemoryJournal,
    pub(crate) writes: AtomicUsize,
}

impl Journal for Failing {
    fn append(&self, records: &[JournalRecord]) -> Result<(), Error> {
        let left = self.writes.load(Ordering::SeqCst);
        if left == 0 {
            let source = std::io::Error::other("no space left");
            return Err(Error::File { operation: "write", path: "journal".into(), source });
        }
        self.writes.store(left - 1, Ordering::SeqCst);
        self.journal.append(records)
    }

    fn replay(&self) -> Result<Vec<JournalRecord>, Error> {
        self.journal.replay()
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_stops_the_run_and_what_was_sent_is_told() {
    // An order takes two writes, its intent and its end, and the run one at its end. What it begins
    // with is written with the first intent.
    for (writes, expected) in [
        (0, [("A", NotSent), ("B", NotSent)]),
        (1, [("A", Filled), ("B", NotSent)]),
        (2, [("A", Filled), ("B", NotSent)]),
        (3, [("A", Filled), ("B", Filled)]),
        (4, [("A", Filled), ("B", Filled)]),
    ] {
        let desk = Desk::new();
        let writes_left = AtomicUsize::new(writes);
        let journal = Failing { journal: MemoryJournal::default(), writes: writes_left };
        let (broker, config) = (desk.broker.clone(), desk.config.clone());
        let executor = Executor::new(broker, Arc::new(journal), desk.clock.clone(), config);
        let approved = desk.approved(&["A", "B"]).await;
        let report = executor.execute(approved, &StopSignal::new()).await.unwrap();
        assert_eq!(statuses(&report), named(&expected), "{writes} writes");
        assert_eq!(report.journal_failure.as_deref(), Some("cannot write journal: no space left"));
        assert!(!report.is_complete());
    }
}
