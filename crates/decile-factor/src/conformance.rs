//! Checks that a factor keeps its promises (feature `conformance`).
//!
//! decile's own factors are put through this suite, and so should yours be, in a test:
//!
//! ```
//! use decile_data::SyntheticMarket;
//! use decile_factor::{Field, conformance::Suite, factor_fn};
//!
//! let market = SyntheticMarket::default().years(2).generate()?;
//! let reversal = factor_fn("reversal_5d", &[Field::TotalReturn], 5, |window, out| {
//!     let rows = window.today(Field::TotalReturn).iter().zip(window.ago(Field::TotalReturn, 5));
//!     for (value, (now, then)) in out.iter_mut().zip(rows) {
//!         *value = 1.0 - now / then;
//!     }
//! });
//! Suite::new(&market)?.check(&reversal)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Rule`] lists what is checked. The window already hides the future, so what can still go wrong is
//! data of your own ([`Suite::with_custom`]), state, a scan, or a lookback that is too short.

mod change;
mod compare;
mod rule;

pub use rule::Rule;

use crate::{Engine, Error, Factor, FactorPanel, Field, Panel, Unscanned};
use chrono::NaiveDate;
use compare::{Tolerance, difference};
use decile_core::Market;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Sessions at which the future is deleted.
const CUTS: usize = 4;
/// Sessions on which a factor is computed from nothing but its lookback.
const PROBES: usize = 12;

/// Data of a user's own, made anew for each market.
type Custom = Arc<dyn Fn(&Market) -> Vec<f64> + Send + Sync>;

/// The checks, on a market of your choice.
///
/// The market should have what makes data hard: halts, splits, missing statements. The synthetic one
/// of `decile-data` has. It must be long enough for the factor to have values.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::{FactorRegistry, conformance::Suite};
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// Suite::new(&market)?.check(&FactorRegistry::library().get("rev_1m")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Suite<'a> {
    market: &'a Market,
    /// The market as it was known on some sessions.
    earlier: Vec<Market>,
    sources: Vec<Arc<dyn Factor>>,
    custom: Vec<(String, Custom)>,
    reads_others: bool,
}

impl fmt::Debug for Suite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("sessions", &self.market.calendar().sessions().len())
            .field("stocks", &self.market.stocks().len())
            .field("reads_others", &self.reads_others)
            .finish_non_exhaustive()
    }
}

impl<'a> Suite<'a> {
    /// Makes a suite for a market.
    ///
    /// # Errors
    /// [`Error::UnfitMarket`] for a market with fewer than four issuers or of fewer than ten sessions,
    /// or whose prices begin in its last third.
    pub fn new(market: &'a Market) -> Result<Self, Error> {
        let sessions = market.calendar().sessions();
        if change::issuers(market) < 4 || sessions.len() < 10 {
            let found = format!(
                "it has {} issuers and {} sessions; take one with at least 4 and 10",
                change::issuers(market),
                sessions.len()
            );
            return Err(Error::UnfitMarket { found });
        }
        let earlier = (0..CUTS).map(|cut| {
            // Spread over the last two thirds, the last one a session before the end.
            let third = sessions.len() / 3;
            let at = third + (sessions.len() - 2 - third) * (cut + 1) / CUTS;
            market.known_at(sessions[at])
        });
        let earlier = earlier.collect::<Result<Vec<_>, _>>();
        let earlier = earlier.map_err(|error| Error::UnfitMarket { found: error.to_string() })?;
        Ok(Self { market, earlier, sources: Vec::new(), custom: Vec::new(), reads_others: false })
    }

    /// Adds the factors that the one under test derives from ([`Field::Derived`]).
    #[must_use]
    pub fn with_sources(mut self, factors: &[Arc<dyn Factor>]) -> Self {
        self.sources.extend_from_slice(factors);
        self
    }

    /// Fills a [`Field::Custom`] of each market: one value per session and stock, row by row, stocks in
    /// the order of their symbols.
    ///
    /// The closure sees markets in which the future is deleted, stocks are missing or have other
    /// names, so it must look its data up by what it is given.
    #[must_use]
    pub fn with_custom(
        mut self,
        name: &str,
        values: impl Fn(&Market) -> Vec<f64> + Send + Sync + 'static,
    ) -> Self {
        self.custom.push((name.to_owned(), Arc::new(values)));
        self
    }

    /// Says that the factor of a stock depends on other stocks, as a rank or a distance from the
    /// sector does: then adding stocks may change it, and the order of the stocks may by a rounding.
    #[must_use]
    pub fn reads_other_stocks(mut self) -> Self {
        self.reads_others = true;
        self
    }

    /// Checks every rule.
    ///
    /// # Errors
    /// [`Error::RuleBroken`] with the first rule that the factor breaks, [`Error::UnfitMarket`] if it
    /// has no value at all on this market, and what the engine finds, such as [`Error::Infinite`] or
    /// [`Error::MissingField`].
    pub fn check(&self, factor: &Arc<dyn Factor>) -> Result<(), Error> {
        let subject = Subject { suite: self, factor };
        let panel = subject.panel(self.market)?;
        let values = subject.run(factor, &panel)?;
        if matrix(&values, factor).iter().all(|value| value.is_nan()) {
            let found = format!("{} has no value on it; take a longer one", factor.name());
            return Err(Error::UnfitMarket { found });
        }
        subject.past(&panel, &values)?;
        subject.stocks(&values)?;
        subject.order(&values)?;
        subject.lookback(&panel, &values)?;
        subject.scan(&panel, &values)?;
        subject.threads(&panel, &values)?;
        subject.missing(&panel)
    }
}

fn matrix<'v>(values: &'v FactorPanel, factor: &Arc<dyn Factor>) -> &'v [f64] {
    values.matrix(factor.name()).unwrap_or_default()
}

/// One factor under test.
struct Subject<'s> {
    suite: &'s Suite<'s>,
    factor: &'s Arc<dyn Factor>,
}

impl Subject<'_> {
    fn broken(&self, rule: Rule, found: String) -> Error {
        Error::RuleBroken { factor: self.factor.name().to_owned(), rule, found }
    }

    /// Sums that are scanned, or taken over other stocks, may differ by a rounding.
    fn tolerance(&self, rounding: bool) -> Tolerance {
        if rounding { Tolerance::Rounding } else { Tolerance::Nothing }
    }

    fn factors(&self, factor: &Arc<dyn Factor>) -> Vec<Arc<dyn Factor>> {
        std::iter::once(factor).chain(&self.suite.sources).cloned().collect()
    }

    fn fields(&self) -> Vec<Field> {
        let factors = self.factors(self.factor);
        let mut fields: Vec<Field> =
            factors.iter().flat_map(|factor| factor.inputs().to_vec()).collect();
        fields.sort();
        fields.dedup();
        fields
    }

    fn panel(&self, market: &Market) -> Result<Panel, Error> {
        let mut panel = Panel::new(market, &self.fields());
        for (name, values) in &self.suite.custom {
            panel = panel.with_custom(name, values(market))?;
        }
        Ok(panel)
    }

    fn run(&self, factor: &Arc<dyn Factor>, panel: &Panel) -> Result<FactorPanel, Error> {
        Engine::new(panel, &self.factors(factor))?.run(0..panel.sessions().len())
    }

    fn run_on(&self, market: &Market) -> Result<FactorPanel, Error> {
        self.run(self.factor, &self.panel(market)?)
    }

    /// Deletes the future at several sessions; the rest must be the same bits.
    fn past(&self, panel: &Panel, values: &FactorPanel) -> Result<(), Error> {
        for market in &self.suite.earlier {
            let last = market.calendar().last();
            let shorter = self.panel(market)?;
            let held = shorter.fields().filter(|field| !matches!(field, Field::Derived(_)));
            for field in held {
                let (ours, whole) = (shorter.matrix(field), panel.matrix(field));
                let (ours, whole) = (ours.unwrap_or_default(), whole.unwrap_or_default());
                if let Some(at) = difference(ours, &whole[..ours.len()], Tolerance::Nothing) {
                    let found =
                        format!("{field} of {} with the rows after {last}", at.of(&shorter));
                    return Err(self.broken(Rule::Past, found));
                }
            }
            let earlier = self.run(self.factor, &shorter)?;
            let (ours, whole) = (matrix(&earlier, self.factor), matrix(values, self.factor));
            if let Some(at) = difference(ours, &whole[..ours.len()], Tolerance::Nothing) {
                let found = format!("its value of {} with the rows after {last}", at.of(&shorter));
                return Err(self.broken(Rule::Past, found));
            }
        }
        Ok(())
    }

    /// Takes half of the issuers away; the others must be the same bits.
    fn stocks(&self, values: &FactorPanel) -> Result<(), Error> {
        if self.suite.reads_others {
            return Ok(());
        }
        let market = change::half_of(self.suite.market)?;
        let fewer = self.run_on(&market)?;
        let same = |column: usize| values.symbols().binary_search(&fewer.symbols()[column]).ok();
        self.same_columns(Rule::Stocks, values, &fewer, same, Tolerance::Nothing)
    }

    /// Gives the stocks names that sort the other way round.
    fn order(&self, values: &FactorPanel) -> Result<(), Error> {
        let market = change::reversed(self.suite.market)?;
        let renamed = self.run_on(&market)?;
        let last = values.symbols().len() - 1;
        let tolerance = self.tolerance(self.suite.reads_others);
        self.same_columns(Rule::Order, values, &renamed, |column| Some(last - column), tolerance)
    }

    /// Compares the columns of another run with those of ours that they stand for.
    fn same_columns(
        &self,
        rule: Rule,
        values: &FactorPanel,
        other: &FactorPanel,
        ours: impl Fn(usize) -> Option<usize>,
        tolerance: Tolerance,
    ) -> Result<(), Error> {
        for column in 0..other.symbols().len() {
            let Some(own) = ours(column) else { continue };
            let theirs = column_of(other, self.factor, column);
            if let Some(at) = difference(&theirs, &column_of(values, self.factor, own), tolerance) {
                let (symbol, date) = (&values.symbols()[own], values.sessions()[at.place]);
                let found =
                    format!("its value of {symbol} on {date}, from {} to {}", at.right, at.left);
                return Err(self.broken(rule, found));
            }
        }
        Ok(())
    }

    /// Computes some sessions from nothing but the rows that the lookbacks promise to need.
    fn lookback(&self, panel: &Panel, values: &FactorPanel) -> Result<(), Error> {
        let factors = self.factors(self.factor);
        let needed = rows_needed(self.factor, &factors);
        let sessions = panel.sessions().len();
        let scanned = factors.iter().any(|factor| factor.scan(1).is_some());
        for session in probes(needed..sessions) {
            self.reads_no_more(panel, session)?;
            let short = panel.rows(session - needed..session + 1);
            let alone = self.run(self.factor, &short)?;
            let ours = alone.row(self.factor.name(), needed).unwrap_or_default();
            let whole = values.row(self.factor.name(), session).unwrap_or_default();
            if let Some(at) = difference(ours, whole, self.tolerance(scanned)) {
                let (symbol, date) = (&panel.symbols()[at.place], panel.sessions()[session]);
                let found = format!(
                    "{needed} rows give {} for {symbol} on {date}, all {}",
                    at.left, at.right
                );
                return Err(self.broken(Rule::Lookback, found));
            }
        }
        Ok(())
    }

    /// A window answers what is beyond the lookback with missing, which is easily overlooked.
    fn reads_no_more(&self, panel: &Panel, session: usize) -> Result<(), Error> {
        let engine = Engine::new(panel, &self.factors(self.factor))?;
        let beyond = engine.beyond_lookback(0, session)?;
        if beyond == 0 {
            return Ok(());
        }
        let found = format!(
            "it asks for {beyond} sessions ago, its lookback is {}",
            self.factor.lookback()
        );
        Err(self.broken(Rule::Lookback, found))
    }

    /// Reads the windows of a factor that is scanned.
    fn scan(&self, panel: &Panel, values: &FactorPanel) -> Result<(), Error> {
        if self.factor.scan(1).is_none() {
            return Ok(());
        }
        let read: Arc<dyn Factor> = Arc::new(Unscanned(self.factor.clone()));
        let read = self.run(&read, panel)?;
        let (ours, whole) = (matrix(&read, self.factor), matrix(values, self.factor));
        match difference(ours, whole, Tolerance::Rounding) {
            Some(at) => {
                let found = format!("its value of {}, by reading the window", at.of(panel));
                Err(self.broken(Rule::Scan, found))
            }
            None => Ok(()),
        }
    }

    fn threads(&self, panel: &Panel, values: &FactorPanel) -> Result<(), Error> {
        for threads in [1, 2, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| self.broken(Rule::Threads, error.to_string()))?;
            let again = pool.install(|| self.run(self.factor, panel))?;
            let (ours, whole) = (matrix(&again, self.factor), matrix(values, self.factor));
            if let Some(at) = difference(ours, whole, Tolerance::Nothing) {
                let found = format!("its value of {} with {threads} threads", at.of(panel));
                return Err(self.broken(Rule::Threads, found));
            }
        }
        Ok(())
    }

    /// Takes data away and puts zeros in; the engine refuses what is infinite then.
    fn missing(&self, panel: &Panel) -> Result<(), Error> {
        for (what, holed) in change::holed(panel) {
            match self.run(self.factor, &holed) {
                Ok(_) => {}
                Err(Error::Infinite { symbol, session, .. }) => {
                    let found = format!("it is infinite for {symbol} on {session} with {what}");
                    return Err(self.broken(Rule::Missing, found));
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

/// Rows before a session that the factor and those it derives from need together.
fn rows_needed(factor: &Arc<dyn Factor>, factors: &[Arc<dyn Factor>]) -> usize {
    let source = |field: &Field| {
        let Field::Derived(name) = field else { return None };
        factors.iter().find(|other| other.name() == name.as_str())
    };
    let sources = factor.inputs().iter().filter_map(source);
    factor.lookback() + sources.map(|source| rows_needed(source, factors)).max().unwrap_or(0)
}

/// Some sessions of a range, its first and last among them.
fn probes(range: Range<usize>) -> impl Iterator<Item = usize> {
    let step = (range.len() / PROBES).max(1);
    let last = range.clone().last();
    range.step_by(step).chain(last)
}

fn column_of(values: &FactorPanel, factor: &Arc<dyn Factor>, column: usize) -> Vec<f64> {
    let width = values.symbols().len().max(1);
    matrix(values, factor).iter().skip(column).step_by(width).copied().collect()
}

/// A date with a symbol, for messages.
fn place(panel: &Panel, at: usize) -> (&decile_core::Symbol, NaiveDate) {
    let width = panel.symbols().len();
    (&panel.symbols()[at % width], panel.sessions()[at / width])
}
