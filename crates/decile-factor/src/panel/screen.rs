//! Data that are not plausible, and what is done about them before anything is scored.

use super::Panel;
use crate::{Error, Field, Item};
use chrono::NaiveDate;
use decile_core::Symbol;
use std::fmt;

/// What is plausible of prices, and of our numbers beside a vendor's.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::{Field, Panel, Screen};
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// let panel = Panel::new(&market, &[Field::Close, Field::TotalReturn]);
/// let last = panel.sessions().len() - 1;
/// let panel = panel.screened(&Screen::default())?;
/// assert_eq!(panel.findings(last).count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    /// Largest plausible total return from one close to the next, up or down: one that is larger has
    /// no split or payout that explains it.
    pub jump_max: f64,
    /// For how many sessions a stock is kept out of the universe after a larger one, its session
    /// included.
    pub jump_sessions: usize,
    /// Gap between our market value and a vendor's, relative to theirs, from which it is noted.
    pub market_cap_gap_noted: f64,
    /// The gap from which the share count of the stock is dropped.
    pub market_cap_gap_max: f64,
    /// Gap between our income of four quarters and a vendor's, relative to theirs, from which it is
    /// dropped.
    pub income_gap_max: f64,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            jump_max: 0.40,
            jump_sessions: 21,
            market_cap_gap_noted: 0.05,
            market_cap_gap_max: 0.50,
            income_gap_max: 0.20,
        }
    }
}

/// What a vendor says of a stock today; `None` is not known. Such numbers hold for the session on which
/// they were asked for and for no other.
///
/// ```
/// use decile_factor::VendorFigures;
///
/// let figures = VendorFigures { symbol: "KO".parse()?, market_cap: Some(3.1e11), net_income: None };
/// assert_eq!(figures.symbol, "KO");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VendorFigures {
    /// The stock.
    pub symbol: Symbol,
    /// Value of the company in the trading currency.
    pub market_cap: Option<f64>,
    /// Net income of the last four quarters in the currency of the filings.
    pub net_income: Option<f64>,
}

/// A number that is not plausible; prints as a sentence for people.
///
/// ```
/// use decile_factor::{Finding, Implausible};
///
/// let session = chrono::NaiveDate::from_ymd_opt(2024, 1, 3).expect("a date");
/// let what = Implausible::Jump { change: 0.61 };
/// let finding = Finding { symbol: "KO".parse()?, session, what };
/// assert_eq!(
///     finding.to_string(),
///     "KO moved by 61.0 % on 2024-01-03 without a split or payout: kept out of the universe"
/// );
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The stock.
    pub symbol: Symbol,
    /// When.
    pub session: NaiveDate,
    /// What is wrong.
    pub what: Implausible,
}

/// What is wrong with a number.
///
/// ```
/// use decile_factor::Implausible;
///
/// let gap = Implausible::MarketCap { ours: 2e9, vendor: 1e9, dropped: true };
/// assert!(matches!(gap, Implausible::MarketCap { dropped: true, .. }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Implausible {
    /// The total return of a session is too large.
    Jump {
        /// The return.
        change: f64,
    },
    /// Our market value is not the vendor's.
    MarketCap {
        /// Ours.
        ours: f64,
        /// Theirs.
        vendor: f64,
        /// Whether our share count was dropped.
        dropped: bool,
    },
    /// Our net income of four quarters is not the vendor's, and was dropped.
    NetIncome {
        /// Ours.
        ours: f64,
        /// Theirs.
        vendor: f64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, session, what } = self;
        match what {
            Implausible::Jump { change } => write!(
                f,
                "{symbol} moved by {:.1} % on {session} without a split or payout: kept out of the \
                 universe",
                change * 100.0
            ),
            Implausible::MarketCap { ours, vendor, dropped } => {
                let then = if *dropped { "its share count is dropped" } else { "noted" };
                write!(
                    f,
                    "{symbol} is worth {ours:.4e} on {session}, a vendor says {vendor:.4e}: {then}"
                )
            }
            Implausible::NetIncome { ours, vendor } => write!(
                f,
                "{symbol} earned {ours:.4e} by {session}, a vendor says {vendor:.4e}: dropped"
            ),
        }
    }
}

/// What screening a panel found; sessions and columns are indices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screened {
    screen: Option<Screen>,
    /// In the order in which they were found.
    findings: Vec<(usize, usize, Finding)>,
}

impl Panel {
    /// Keeps stocks out of the universe for some sessions after a jump that nothing explains. Row *t*
    /// still depends on no later one. Sessions that are appended are screened too.
    ///
    /// # Errors
    /// [`Error::MissingField`] without [`Field::TotalReturn`].
    pub fn screened(mut self, screen: &Screen) -> Result<Self, Error> {
        if self.matrix(&Field::TotalReturn).is_none() {
            let (factor, field) = ("screen".to_owned(), Field::TotalReturn);
            return Err(Error::MissingField { factor, field });
        }
        self.screened.screen = Some(*screen);
        self.screen_from(0);
        Ok(self)
    }

    /// Screens the sessions from one on, if the panel is screened at all.
    pub(super) fn screen_from(&mut self, first: usize) {
        let Some(screen) = self.screened.screen else { return };
        for column in 0..self.symbols.len() {
            let jumps = self.jumps(column, first, screen.jump_max);
            for (session, change) in jumps {
                let what = Implausible::Jump { change };
                self.find(session, column, what);
            }
        }
        let width = self.symbols.len();
        for (session, column, finding) in &self.screened.findings {
            if matches!(finding.what, Implausible::Jump { .. }) {
                let end = session.saturating_add(screen.jump_sessions).min(self.sessions.len());
                for row in first.max(*session)..end {
                    self.universe[row * width + column] = false;
                }
            }
        }
    }

    /// The sessions from `first` on whose return since the last level is larger than allowed.
    fn jumps(&self, column: usize, first: usize, most: f64) -> Vec<(usize, f64)> {
        let width = self.symbols.len();
        let levels = self.matrix(&Field::TotalReturn).unwrap_or_default();
        let level = |session: usize| levels[session * width + column];
        let mut before = (0..first).rev().map(level).find(|level| !level.is_nan());
        let mut jumps = Vec::new();
        for session in first..self.sessions.len() {
            let now = level(session);
            if now.is_nan() {
                continue;
            }
            let change = before.map_or(0.0, |before| now / before - 1.0);
            if change.abs() > most {
                jumps.push((session, change));
            }
            before = Some(now);
        }
        jumps
    }

    /// Holds our numbers of a session against a vendor's: of a stock whose market value is far from
    /// theirs the share count is dropped, and with it everything per share; so is an income of four
    /// quarters that is far from theirs. Stocks that the panel does not have are passed over, and so is
    /// what either does not know.
    ///
    /// # Errors
    /// [`Error::NotASession`].
    pub fn compared(
        mut self,
        session: NaiveDate,
        figures: &[VendorFigures],
        screen: &Screen,
    ) -> Result<Self, Error> {
        let row = self.session_index(session)?;
        for theirs in figures {
            let Ok(column) = self.symbols.binary_search(&theirs.symbol) else { continue };
            let cell = row * self.symbols.len() + column;
            let value = |field: &Field| self.matrix(field).map_or(f64::NAN, |matrix| matrix[cell]);
            let cap = value(&Field::Close) * value(&Field::ListedShares);
            let income = value(&Field::Ttm(Item::NetIncome));
            if let Some((vendor, gap)) = gap(cap, theirs.market_cap)
                && gap > screen.market_cap_gap_noted
            {
                let dropped = gap > screen.market_cap_gap_max;
                self.find(row, column, Implausible::MarketCap { ours: cap, vendor, dropped });
                if dropped {
                    self.drop_cell(cell, &[Field::ListedShares, Field::ClassShares]);
                }
            }
            if let Some((vendor, gap)) = gap(income, theirs.net_income)
                && gap > screen.income_gap_max
            {
                self.find(row, column, Implausible::NetIncome { ours: income, vendor });
                self.drop_cell(cell, &[Field::Ttm(Item::NetIncome)]);
            }
        }
        Ok(self)
    }

    fn drop_cell(&mut self, cell: usize, fields: &[Field]) {
        for field in fields {
            if let Some(matrix) = self.fields.get_mut(field) {
                matrix[cell] = f64::NAN;
            }
        }
    }

    fn find(&mut self, session: usize, column: usize, what: Implausible) {
        let (symbol, date) = (self.symbols[column].clone(), self.sessions[session]);
        let finding = Finding { symbol, session: date, what };
        self.screened.findings.push((session, column, finding));
    }

    /// Returns what was found implausible and has an effect at a session: jumps that keep a stock out of
    /// the universe, and gaps to a vendor's numbers of that session.
    pub fn findings(&self, session: usize) -> impl Iterator<Item = &Finding> {
        self.found(session).map(|(_, finding)| finding)
    }

    /// Returns the jump that keeps a stock out of the universe at a session.
    #[must_use]
    pub fn quarantine(&self, column: usize, session: usize) -> Option<&Finding> {
        let ours = self.found(session).filter(|(at, _)| *at == column);
        ours.map(|(_, finding)| finding)
            .filter(|finding| matches!(finding.what, Implausible::Jump { .. }))
            .last()
    }

    fn found(&self, session: usize) -> impl Iterator<Item = (usize, &Finding)> {
        let jump_sessions = self.screened.screen.map_or(0, |screen| screen.jump_sessions);
        let holds = move |(at, _, finding): &&(usize, usize, Finding)| match finding.what {
            Implausible::Jump { .. } => *at <= session && session - at < jump_sessions,
            _ => *at == session,
        };
        self.screened.findings.iter().filter(holds).map(|(_, column, finding)| (*column, finding))
    }
}

/// The vendor's number with the distance from it to ours, relative to theirs.
fn gap(ours: f64, vendor: Option<f64>) -> Option<(f64, f64)> {
    let vendor = vendor.filter(|vendor| vendor.is_finite() && *vendor != 0.0)?;
    let gap = (ours / vendor - 1.0).abs();
    (!gap.is_nan()).then_some((vendor, gap))
}
