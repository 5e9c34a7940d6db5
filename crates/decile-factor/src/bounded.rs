use crate::{Factor, Field, Scan, Window};
use std::ops::Range;
use std::sync::Arc;

/// A factor whose values outside of bounds are missing; its name and all else are those of the factor.
///
/// ```
/// use decile_factor::{Bounded, Factor, FactorRegistry};
///
/// let yields = FactorRegistry::library().get("ey_ttm")?;
/// assert_eq!(Bounded::new(yields, -1.0..1.0).name(), "ey_ttm");
/// # Ok::<(), decile_factor::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bounded {
    factor: Arc<dyn Factor>,
    bounds: Range<f64>,
}

impl Bounded {
    /// Bounds a factor: values must lie between the two, neither included.
    #[must_use]
    pub fn new(factor: Arc<dyn Factor>, bounds: Range<f64>) -> Self {
        Self { factor, bounds }
    }
}

fn keep_within(values: &mut [f64], bounds: &Range<f64>) {
    for value in values {
        // An infinite value stays: that is an error, and not missing.
        let inside = bounds.start < *value && *value < bounds.end;
        *value = if inside || value.is_infinite() { *value } else { f64::NAN };
    }
}

impl Factor for Bounded {
    fn name(&self) -> &str {
        self.factor.name()
    }

    fn inputs(&self) -> &[Field] {
        self.factor.inputs()
    }

    fn lookback(&self) -> usize {
        self.factor.lookback()
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        self.factor.compute(window, out);
        keep_within(out, &self.bounds);
    }

    fn scan(&self, width: usize) -> Option<Box<dyn Scan>> {
        let scan = self.factor.scan(width)?;
        Some(Box::new(BoundedScan { scan, bounds: self.bounds.clone() }))
    }
}

struct BoundedScan {
    scan: Box<dyn Scan>,
    bounds: Range<f64>,
}

impl Scan for BoundedScan {
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
        self.scan.step(window, out);
        keep_within(out, &self.bounds);
    }
}
