use crate::{Bounded, Error, Factor, library};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The factors that models can name.
///
/// ```
/// use decile_factor::{FactorRegistry, Field, factor_fn};
///
/// let mut registry = FactorRegistry::library();
/// registry.register(factor_fn("cheap", &[Field::Close], 0, |window, out| {
///     for (value, close) in out.iter_mut().zip(window.today(Field::Close)) {
///         *value = -close;
///     }
/// }))?;
/// assert_eq!(registry.get("cheap")?.name(), "cheap");
/// assert_eq!(registry.get("mom_12_1")?.lookback(), 252);
/// # Ok::<(), decile_factor::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FactorRegistry {
    factors: BTreeMap<String, Arc<dyn Factor>>,
}

/// What a value of a factor can plausibly be: earnings are less than the price, book equity is less than
/// ten times of it, and a return on equity is below 500 %.
const PLAUSIBLE: [(&str, Range<f64>); 5] = [
    ("ey_ttm", -1.0..1.0),
    ("ey_fwd", -1.0..1.0),
    ("bm", f64::NEG_INFINITY..10.0),
    ("roe", -5.0..5.0),
    ("roe_fwd", -5.0..5.0),
];

impl FactorRegistry {
    /// Makes a registry of all factors of [`library`], of which some have bounds: values that are not
    /// plausible are missing, since they are more likely wrong than true.
    ///
    /// |E/P| < 1 (`ey_ttm`, `ey_fwd`), B/M < 10 (`bm`), |return on equity| < 5 (`roe`, `roe_fwd`).
    ///
    /// ```
    /// use decile_factor::FactorRegistry;
    ///
    /// let names = |registry: &FactorRegistry| registry.names().map(str::to_owned).collect::<Vec<_>>();
    /// assert_eq!(names(&FactorRegistry::plausible()), names(&FactorRegistry::library()));
    /// ```
    #[must_use]
    pub fn plausible() -> Self {
        let bounded = |(name, factor): (String, Arc<dyn Factor>)| {
            let bounds = PLAUSIBLE.iter().find(|(of, _)| *of == name).map(|(_, bounds)| bounds);
            let ours: Arc<dyn Factor> = match bounds {
                Some(bounds) => Arc::new(Bounded::new(factor, bounds.clone())),
                None => factor,
            };
            (name, ours)
        };
        Self { factors: Self::library().factors.into_iter().map(bounded).collect() }
    }

    /// Makes a registry that knows no factor.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a registry of all factors of [`library`].
    #[must_use]
    pub fn library() -> Self {
        let named = |factor: Arc<dyn Factor>| (factor.name().to_owned(), factor);
        Self { factors: library::all().into_iter().map(named).collect() }
    }

    /// Adds a factor under its own name.
    ///
    /// # Errors
    /// [`Error::DuplicateFactor`] if the name is taken.
    pub fn register(&mut self, factor: Arc<dyn Factor>) -> Result<(), Error> {
        let name = factor.name().to_owned();
        if self.factors.contains_key(&name) {
            return Err(Error::DuplicateFactor { name });
        }
        self.factors.insert(name, factor);
        Ok(())
    }

    /// Returns the factor of a name.
    ///
    /// # Errors
    /// [`Error::UnknownFactor`] with the names there are.
    pub fn get(&self, name: &str) -> Result<Arc<dyn Factor>, Error> {
        self.factors.get(name).cloned().ok_or_else(|| Error::UnknownFactor {
            name: name.to_owned(),
            known: self.names().collect::<Vec<_>>().join(", "),
        })
    }

    /// Returns the names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.factors.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_is_of_a_factor_of_the_library() {
        let library = FactorRegistry::library();
        for (name, bounds) in PLAUSIBLE {
            assert!(library.get(name).is_ok() && bounds.start < bounds.end, "{name}");
        }
    }
}
