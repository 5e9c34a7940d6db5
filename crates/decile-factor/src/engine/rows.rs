//! The values of factors at single sessions, wherever they come from.

use super::Engine;
use super::history::Histories;
use super::scanner::Scanner;
use crate::Error;
use crate::window::{Input, Window};

/// Reads the rows of factors: kept ones, scanned ones, and those that are computed when asked for.
pub(super) struct Rows<'r, 'a> {
    engine: &'r Engine<'a>,
    histories: &'r Histories,
    inputs: &'r [Vec<Input<'r>>],
    /// For each factor what its scan has given, and the session of its first row.
    scanned: Vec<Option<(usize, &'r [f64])>>,
}

impl<'r, 'a> Rows<'r, 'a> {
    pub(super) fn new(
        engine: &'r Engine<'a>,
        histories: &'r Histories,
        inputs: &'r [Vec<Input<'r>>],
        scanners: &'r [Scanner],
    ) -> Self {
        let mut scanned = vec![None; engine.factors.len()];
        for scanner in scanners {
            scanned[scanner.index()] = Some(scanner.held());
        }
        Self { engine, histories, inputs, scanned }
    }

    /// Writes a factor at a session into `out`.
    pub(super) fn read(&self, index: usize, session: usize, out: &mut [f64]) -> Result<(), Error> {
        if let Some(row) = self.histories.row(index, session, out.len()) {
            out.copy_from_slice(row);
        } else if let Some((first, values)) = self.scanned[index] {
            let start = (session - first) * out.len();
            out.copy_from_slice(&values[start..start + out.len()]);
        } else {
            out.fill(f64::NAN);
            self.compute(index, session, out)?;
        }
        Ok(())
    }

    fn compute(&self, index: usize, session: usize, out: &mut [f64]) -> Result<(), Error> {
        let factor = &self.engine.factors[index];
        if session < factor.lookback() {
            return Ok(());
        }
        let (panel, missing) = (self.engine.panel, &self.engine.missing);
        let (inputs, columns) = (&self.inputs[index], 0..out.len());
        let window = Window::new(panel, inputs, session, factor.lookback(), columns, missing);
        factor.compute(&window, out);
        window.finish(factor.name())?;
        self.engine.check_finite(index, session, 0, out)
    }
}
