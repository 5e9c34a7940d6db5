//! Runs the scan of one factor ahead of the sessions that read it.

use super::Engine;
use crate::window::{Input, Window};
use crate::{Error, Scan};
use rayon::prelude::*;
use std::ops::Range;

/// Columns that one scan state handles: a fixed number, so that results don't depend on threads.
const COLUMNS: usize = 64;

/// The states of one factor's scan, block by block of columns, and the rows they gave last.
pub(super) struct Scanner {
    index: usize,
    scans: Vec<(Range<usize>, Box<dyn Scan>)>,
    /// The session that comes next.
    next: usize,
    first_held: usize,
    held: Vec<f64>,
}

impl Scanner {
    /// Makes the scan of a factor that has one, unless reading the lookback of each session takes
    /// fewer rows. A scan has to begin at the first session of all.
    pub(super) fn worthwhile(
        engine: &Engine<'_>,
        index: usize,
        sessions: &Range<usize>,
    ) -> Option<Self> {
        let factor = &engine.factors[index];
        let read = sessions.len().saturating_mul(factor.lookback() + 1);
        if read < sessions.end {
            return None;
        }
        let width = engine.width();
        let starts = (0..width).step_by(COLUMNS);
        let scan = |start: usize| {
            let columns = start..width.min(start + COLUMNS);
            Some((columns.clone(), factor.scan(columns.len())?))
        };
        let scans: Vec<_> = starts.filter_map(scan).collect();
        let ours = Self { index, scans, next: 0, first_held: 0, held: Vec::new() };
        (!ours.scans.is_empty()).then_some(ours)
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The rows of the last run and the session of the first of them.
    pub(super) fn held(&self) -> (usize, &[f64]) {
        (self.first_held, &self.held)
    }

    /// Takes the sessions before `session`, of which no value is wanted.
    pub(super) fn skip_to(
        &mut self,
        engine: &Engine<'_>,
        inputs: &[Input<'_>],
        session: usize,
    ) -> Result<(), Error> {
        while self.next < session {
            let to = session.min(self.next + super::AHEAD_SESSIONS);
            self.run(engine, inputs, self.next..to)?;
        }
        Ok(())
    }

    /// Takes the next sessions and holds their rows.
    pub(super) fn run(
        &mut self,
        engine: &Engine<'_>,
        inputs: &[Input<'_>],
        sessions: Range<usize>,
    ) -> Result<(), Error> {
        let index = self.index;
        let step = |(columns, scan): &mut (Range<usize>, Box<dyn Scan>)| {
            scan_block(engine, index, inputs, &sessions, columns, scan.as_mut())
        };
        let blocks: Vec<Result<Vec<f64>, Error>> = self.scans.par_iter_mut().map(step).collect();
        let blocks = blocks.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.held.clear();
        for row in 0..sessions.len() {
            for ((columns, _), block) in self.scans.iter().zip(&blocks) {
                let width = columns.len();
                self.held.extend_from_slice(&block[row * width..(row + 1) * width]);
            }
        }
        (self.first_held, self.next) = (sessions.start, sessions.end);
        Ok(())
    }
}

fn scan_block(
    engine: &Engine<'_>,
    index: usize,
    inputs: &[Input<'_>],
    sessions: &Range<usize>,
    columns: &Range<usize>,
    scan: &mut dyn Scan,
) -> Result<Vec<f64>, Error> {
    let factor = &engine.factors[index];
    let (panel, lookback, missing) = (engine.panel, factor.lookback(), &engine.missing);
    let mut values = vec![f64::NAN; sessions.len() * columns.len()];
    for (session, row) in sessions.clone().zip(values.chunks_exact_mut(columns.len())) {
        let window = Window::new(panel, inputs, session, lookback, columns.clone(), missing);
        scan.step(&window, row);
        window.finish(factor.name())?;
        if session < lookback {
            row.fill(f64::NAN);
        }
        engine.check_finite(index, session, columns.start, row)?;
    }
    Ok(values)
}
