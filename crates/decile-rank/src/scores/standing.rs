//! From composites to places.

use decile_core::Symbol;
use decile_factor::cross_section::{Chains, TIE_TOLERANCE, decile, percentile};
use std::num::{NonZeroU8, NonZeroU32};

/// Where every stock stands at one session: rows to be written.
pub(crate) struct Standing<'a> {
    pub(crate) coverage: &'a mut [f64],
    /// Missing for stocks that are not eligible.
    pub(crate) composite: &'a mut [f64],
    pub(crate) q_score: &'a mut [f64],
    pub(crate) ordinal: &'a mut [Option<NonZeroU32>],
    pub(crate) decile: &'a mut [Option<NonZeroU8>],
}

impl Standing<'_> {
    /// Ranks the composites, which must be there already.
    pub(super) fn rank(&mut self, symbols: &[Symbol]) {
        self.q_score.fill(f64::NAN);
        self.ordinal.fill(None);
        self.decile.fill(None);
        let chains = Chains::new(self.composite, TIE_TOLERANCE);
        let count = chains.known();
        let mut below = 0;
        let mut tied = Vec::new();
        for (rank, chain) in chains.with_average_ranks() {
            let score = 100.0 * percentile(rank, count);
            tied.clear();
            tied.extend_from_slice(chain);
            // Of ties the alphabetically smaller symbol stands higher.
            tied.sort_by(|a, b| symbols[*b].cmp(&symbols[*a]));
            for &column in &tied {
                below += 1;
                self.q_score[column] = score;
                self.ordinal[column] = u32::try_from(below).ok().and_then(NonZeroU32::new);
                self.decile[column] = decile(below, count).and_then(NonZeroU8::new);
            }
        }
    }
}

/// [`Standing`] with rows of its own.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) coverage: Vec<f64>,
    pub(crate) composite: Vec<f64>,
    pub(crate) q_score: Vec<f64>,
    ordinal: Vec<Option<NonZeroU32>>,
    decile: Vec<Option<NonZeroU8>>,
}

impl Row {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            coverage: vec![0.0; width],
            composite: vec![f64::NAN; width],
            q_score: vec![f64::NAN; width],
            ordinal: vec![None; width],
            decile: vec![None; width],
        }
    }

    pub(crate) fn as_standing(&mut self) -> Standing<'_> {
        let Self { coverage, composite, q_score, ordinal, decile } = self;
        Standing { coverage, composite, q_score, ordinal, decile }
    }

    pub(crate) fn ordinals(&self) -> Vec<Option<usize>> {
        self.ordinal.iter().map(|place| place.map(|place| place.get() as usize)).collect()
    }

    pub(crate) fn deciles(&self) -> Vec<Option<u8>> {
        self.decile.iter().map(|place| place.map(NonZeroU8::get)).collect()
    }
}
