//! The rows of factors that other factors derive from.

use super::Engine;
use crate::window::Input;
use crate::{Error, Field};
use std::ops::Range;

/// The values of a factor from one session on, row by row.
struct History {
    first: usize,
    values: Vec<f64>,
}

/// For each factor of an engine its history, if another derives from it.
pub(super) struct Histories(Vec<Option<History>>);

impl Histories {
    /// Computes what is needed for the sessions: each factor as far back as others look.
    pub(super) fn new(engine: &Engine<'_>, sessions: &Range<usize>) -> Result<Self, Error> {
        let reach = reach(engine);
        let mut ours = Self(engine.factors.iter().map(|_| None).collect());
        for &index in &engine.order {
            if let Some(reach) = reach[index] {
                let first = sessions.start.saturating_sub(reach);
                ours.0[index] = Some(ours.compute(engine, index, first..sessions.end)?);
            }
        }
        Ok(ours)
    }

    fn compute(
        &self,
        engine: &Engine<'_>,
        index: usize,
        sessions: Range<usize>,
    ) -> Result<History, Error> {
        let width = engine.width();
        let mut values = vec![0.0; sessions.len() * width];
        let rows = values.chunks_exact_mut(width.max(1)).collect();
        let first = sessions.start;
        engine.drive(
            &[index],
            self,
            sessions,
            rows,
            || (),
            |values, (), session, row| values.read(index, session, row),
        )?;
        Ok(History { first, values })
    }

    pub(super) fn holds(&self, index: usize) -> bool {
        self.0[index].is_some()
    }

    /// The row of a factor at a session; `None` if its history is not kept.
    pub(super) fn row(&self, index: usize, session: usize, width: usize) -> Option<&[f64]> {
        let history = self.0[index].as_ref()?;
        let start = (session - history.first) * width;
        Some(&history.values[start..start + width])
    }

    /// The matrices that a factor reads.
    pub(super) fn inputs<'h>(&'h self, engine: &'h Engine<'_>, index: usize) -> Vec<Input<'h>> {
        let resolve = |field: &Field| {
            let (matrix, first) = match field {
                Field::Derived(name) => self.of(engine, name),
                _ => (engine.panel.matrix(field).unwrap_or_default(), 0),
            };
            Input { field: field.clone(), matrix, first }
        };
        engine.factors[index].inputs().iter().map(resolve).collect()
    }

    /// Nothing, from no session on, before the history has been computed: only factors later in the
    /// order read it.
    fn of(&self, engine: &Engine<'_>, name: &str) -> (&[f64], usize) {
        let index = engine.factors.iter().position(|factor| factor.name() == name);
        let history = index.and_then(|index| self.0[index].as_ref());
        history.map_or((&[], 0), |history| (&history.values, history.first))
    }
}

/// For each factor how far back from a session others look at it, directly or through others; `None`
/// if none does.
fn reach(engine: &Engine<'_>) -> Vec<Option<usize>> {
    let mut reach: Vec<Option<usize>> = vec![None; engine.factors.len()];
    // Whoever derives from a factor comes after it, so backwards its own reach is known.
    for &index in engine.order.iter().rev() {
        let factor = &engine.factors[index];
        let back = reach[index].unwrap_or(0) + factor.lookback();
        for field in factor.inputs() {
            let Field::Derived(name) = field else { continue };
            let base = engine.factors.iter().position(|other| other.name() == *name);
            if let Some(base) = base {
                reach[base] = reach[base].max(Some(back));
            }
        }
    }
    reach
}
