use crate::{Error, Factor, library};
use std::collections::BTreeMap;
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

impl FactorRegistry {
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
