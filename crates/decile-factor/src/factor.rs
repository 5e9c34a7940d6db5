use crate::{Field, Window};
use std::fmt;
use std::sync::Arc;

/// A number for every stock at every session, made of what was known then. Larger is better.
///
/// A factor sees one session and its past through a [`Window`], never the future. It must not keep
/// state between calls: sessions are computed in parallel and in any order.
///
/// ```
/// use decile_factor::{Factor, Field, Window};
///
/// /// Close divided by the close five sessions before.
/// #[derive(Debug)]
/// struct FiveSessions;
///
/// impl Factor for FiveSessions {
///     fn name(&self) -> &str {
///         "five_sessions"
///     }
///     fn inputs(&self) -> &[Field] {
///         &[Field::TotalReturn]
///     }
///     fn lookback(&self) -> usize {
///         5
///     }
///     fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
///         let then = window.ago(Field::TotalReturn, 5);
///         for ((value, now), then) in out.iter_mut().zip(window.today(Field::TotalReturn)).zip(then) {
///             *value = now / then;
///         }
///     }
/// }
/// assert_eq!(FiveSessions.lookback(), 5);
/// ```
pub trait Factor: fmt::Debug + Send + Sync {
    /// Returns the name by which models refer to it.
    fn name(&self) -> &str;

    /// Returns the fields that [`Factor::compute`] reads; reading another one is an error.
    fn inputs(&self) -> &[Field];

    /// Returns the sessions before today that are read: 252 for a return over 252 sessions.
    ///
    /// While fewer are available the value is missing, and `compute` is not called.
    fn lookback(&self) -> usize;

    /// Writes one value per symbol into `out`; NaN = missing, infinite is an error. `out` arrives
    /// filled with NaN.
    fn compute(&self, window: &Window<'_>, out: &mut [f64]);

    /// Returns a state that computes the factor session by session, if that is cheaper than reading
    /// the whole lookback each time. `width` is the number of columns that it will be given.
    ///
    /// The values must be those of `compute`, up to rounding; to the bit if a session asked for alone
    /// is to have the same bytes as among many. The engine reads the windows of a few sessions, and
    /// scans for many.
    fn scan(&self, width: usize) -> Option<Box<dyn Scan>> {
        let _ = width;
        None
    }
}

/// The running state of a rolling factor over a fixed block of columns.
///
/// See [`Factor::scan`]. The blocks do not depend on the number of threads, so neither do the
/// values.
///
/// ```
/// use decile_factor::{Field, Scan, Window};
///
/// /// Counts the sessions with a close.
/// struct Observed(Vec<f64>);
///
/// impl Scan for Observed {
///     fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
///         for (column, close) in window.today(Field::Close).iter().enumerate() {
///             self.0[column] += f64::from(u8::from(!close.is_nan()));
///             out[column] = self.0[column];
///         }
///     }
/// }
/// # let _ = Observed(vec![0.0]);
/// ```
pub trait Scan: Send {
    /// Takes the next session and writes one value per column. It is called for every session from
    /// the first on; the values of the first `lookback` sessions are discarded.
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]);
}

/// Makes a factor of a closure.
///
/// ```
/// use decile_factor::{Factor, Field, factor_fn};
///
/// let reversal = factor_fn("reversal_5d", &[Field::TotalReturn], 5, |window, out| {
///     let rows = window.today(Field::TotalReturn).iter().zip(window.ago(Field::TotalReturn, 5));
///     for (value, (now, then)) in out.iter_mut().zip(rows) {
///         *value = 1.0 - now / then;
///     }
/// });
/// assert_eq!(reversal.name(), "reversal_5d");
/// ```
pub fn factor_fn<F>(name: &str, inputs: &[Field], lookback: usize, compute: F) -> Arc<dyn Factor>
where
    F: Fn(&Window<'_>, &mut [f64]) + Send + Sync + 'static,
{
    Arc::new(FactorFn { name: name.to_owned(), inputs: inputs.to_vec(), lookback, compute })
}

struct FactorFn<F> {
    name: String,
    inputs: Vec<Field>,
    lookback: usize,
    compute: F,
}

impl<F> fmt::Debug for FactorFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactorFn")
            .field("name", &self.name)
            .field("inputs", &self.inputs)
            .field("lookback", &self.lookback)
            .finish_non_exhaustive()
    }
}

impl<F> Factor for FactorFn<F>
where
    F: Fn(&Window<'_>, &mut [f64]) + Send + Sync,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn inputs(&self) -> &[Field] {
        &self.inputs
    }

    fn lookback(&self) -> usize {
        self.lookback
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        (self.compute)(window, out);
    }
}
