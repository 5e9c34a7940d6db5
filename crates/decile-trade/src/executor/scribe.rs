//! Writing to the journal, in order, and if that saves time on a thread of its own.

use crate::{Error, Journal, JournalRecord};
use std::sync::Arc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Writes what a run has to say.
#[derive(Debug)]
pub(super) struct Scribe {
    journal: Arc<dyn Journal>,
    /// What is written in one flush with the next records.
    held: Vec<JournalRecord>,
    /// A batch that a thread of its own is writing.
    writing: Option<JoinHandle<Result<(), Error>>>,
}

impl Scribe {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, held: Vec::new(), writing: None }
    }

    /// Keeps records that nothing depends on yet, to be written in front of the next ones.
    pub(super) fn hold(&mut self, records: impl IntoIterator<Item = JournalRecord>) {
        self.held.extend(records);
    }

    /// Writes records behind all before them; they are durable when this returns.
    ///
    /// # Errors
    /// Whatever keeps these records, or those before them, from being durable. An intent that there is
    /// already keeps none but the batch of its own out.
    pub(super) async fn write(&mut self, records: Vec<JournalRecord>) -> Result<(), Error> {
        self.settle().await?;
        let mut batch = std::mem::take(&mut self.held);
        let count = batch.len();
        batch.extend(records);
        if batch.is_empty() {
            return Ok(());
        }
        match self.journal.append(&batch) {
            Err(error @ Error::DuplicateIntent { .. }) if count > 0 => {
                batch.truncate(count);
                self.journal.append(&batch)?;
                Err(error)
            }
            written => written,
        }
    }

    /// Begins to write records behind all before them, on a thread of its own.
    ///
    /// # Errors
    /// Whatever kept those before them from being durable; these are not written then.
    pub(super) async fn begin(&mut self, records: Vec<JournalRecord>) -> Result<(), Error> {
        let is_intent = |record: &JournalRecord| matches!(record, JournalRecord::Intent { .. });
        // An intent may be refused with all that comes with it.
        if records.iter().any(is_intent) {
            self.write(Vec::new()).await?;
        } else {
            self.settle().await?;
        }
        let mut batch = std::mem::take(&mut self.held);
        batch.extend(records);
        let journal = Arc::clone(&self.journal);
        self.writing = Some(spawn_blocking(move || journal.append(&batch)));
        Ok(())
    }

    /// Waits until what was begun is durable.
    ///
    /// # Errors
    /// Whatever keeps it from that.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let Some(writing) = &mut self.writing else { return Ok(()) };
        let written = writing.await;
        self.writing = None;
        written.unwrap_or_else(|panic| {
            Err(Error::Journal { journal: "of the run".to_owned(), source: panic.into() })
        })
    }
}
