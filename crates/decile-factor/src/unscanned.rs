use crate::{Factor, Field, Window};
use std::sync::Arc;

/// A factor without its scan, which reads every window.
#[derive(Debug)]
pub(crate) struct Unscanned(pub(crate) Arc<dyn Factor>);

impl Factor for Unscanned {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn inputs(&self) -> &[Field] {
        self.0.inputs()
    }

    fn lookback(&self) -> usize {
        self.0.lookback()
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        self.0.compute(window, out);
    }
}
