//! A gate that tells what passed it.

use async_trait::async_trait;
use decile_core::source::{Call, Gate, SourceError};
use std::sync::{Arc, Mutex};

/// Lets so many calls out, and remembers them.
#[derive(Debug)]
pub(crate) struct Turnstile {
    turns: usize,
    passed: Mutex<Vec<String>>,
}

impl Turnstile {
    pub(crate) fn new(turns: usize) -> Arc<Self> {
        Arc::new(Self { turns, passed: Mutex::default() })
    }

    pub(crate) fn passed(&self) -> Vec<String> {
        self.passed.lock().expect("no panic").clone()
    }
}

#[async_trait]
impl Gate for Turnstile {
    async fn pass(&self, call: &Call) -> Result<(), SourceError> {
        let mut passed = self.passed.lock().expect("no panic");
        if passed.len() == self.turns {
            let (provider, subject) = (call.provider, call.subject.clone());
            let resets = chrono::DateTime::UNIX_EPOCH;
            return Err(SourceError::BudgetSpent { provider, subject, resets });
        }
        passed.push(call.to_string());
        Ok(())
    }
}
