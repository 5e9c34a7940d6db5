//! A market made up from a seed.

mod analysts;
mod character;
mod draws;
mod economy;
mod filings;
mod fiscal;
mod path;
mod roster;
mod span;
mod statements;
#[cfg(test)]
mod tests;

use crate::Error;
use analysts::Desk;
use character::Character;
use chrono::{Months, NaiveDate};
use decile_core::{
    BenchmarkClose, Calendar, CorporateAction, EstimateSnapshot, Filing, Market, Security, Symbol,
    Tables,
};
use economy::{Economy, Source};
use path::{Course, Path, Shocks};
use roster::{COMPANIES, Company, SECTORS};
use span::{Schedule, Span};
use std::ops::RangeInclusive;

/// Makes up a market of 30 invented companies: for demonstrations, tests and studies of a method
/// on data whose truth is known.
///
/// Companies and tickers (all begin with `QZ`) are plainly invented. Sectors are the 11 of GICS,
/// sessions those of the New York Stock Exchange, prices raw and in cents, everything in US
/// dollars. Prices move by a shared, a sector's and an own shock, with 18 to 60 % volatility a
/// year; the benchmark is the mean total return of all listed stocks, from 1000.
///
/// The market has what makes real data hard, whatever the seed:
///
/// | Stock | What happens |
/// |---|---|
/// | QZKM, QZBV, QZHT, QZCQ, QZAB | split 3, 4, 2, 2 and 5 for 1, in this order |
/// | QZMW | merges ten shares into one after 62 % of the time, or before if its price falls below 6 |
/// | QZEF | hands out a company worth 12 % of it |
/// | QZFG | does not trade for 9 sessions |
/// | QZDL | is listed after a third of the time; older quarters come from its prospectus, form S-1 |
/// | QZSD | is delisted after 78 % of the time |
/// | QZOF, QZGW, QZVS, QZFM | file a quarter again with less income, QZFM one of more than a year before |
/// | QZMW, QZTR, QZDL | make losses |
/// | QZNB | has negative book equity |
/// | QZPW | closes its books after 52 or 53 weeks, in quarters of 12, 12, 12 and 16 or 17 |
/// | QZIM | has no estimates; those of QZLS end after 60 % of the time |
///
/// Beside these, a price that closes above 600 is split 4 for 1 on the next session, and one below
/// 6 is merged 1 for 10. Some filings lack their date, some snapshots of estimates are missing or
/// have holes.
///
/// # Planted alpha
///
/// Each company has a latent signal: mean 0, standard deviation 1, half of it left after two
/// quarters. Its business follows the signal, so filings and estimates tell of it, late and with
/// noise. Returns follow it only through [`planted_alpha`](Self::planted_alpha): a stock whose
/// signal is 1 in one month is expected to return so much more in the next. At 0, the default,
/// every stock has the same expected return, the shocks to prices share no random number with
/// filings and estimates, and no score can predict.
///
/// # The same bytes everywhere
///
/// The same settings make the same market on every platform, to the last bit. Each stock and
/// purpose has a stream of random numbers of its own (ChaCha8), and nothing is computed by the
/// platform's mathematics library.
///
/// ```
/// use decile_data::SyntheticMarket;
///
/// let market = SyntheticMarket::default().generate()?;
/// assert_eq!(market.stocks().len(), 30);
/// assert_eq!(market.calendar().last().to_string(), "2025-12-31");
///
/// let other = SyntheticMarket::default().seed(2).planted_alpha(0.015).years(3).generate()?;
/// assert_ne!(market, other);
/// # Ok::<(), decile_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SyntheticMarket {
    seed: u64,
    planted_alpha: f64,
    last_session: NaiveDate,
    years: u32,
}

/// Seed 1, no planted alpha, the six years to 2025-12-31.
impl Default for SyntheticMarket {
    fn default() -> Self {
        let last_session = NaiveDate::from_ymd_opt(2025, 12, 31).expect("December has 31 days");
        Self { seed: 1, planted_alpha: 0.0, last_session, years: 6 }
    }
}

impl SyntheticMarket {
    /// The largest planted alpha, of either sign.
    pub const PLANTED_ALPHA_MAX: f64 = 0.05;
    /// The years that a market may cover.
    pub const YEARS: RangeInclusive<u32> = 2..=20;

    /// Sets the seed. Any number will do.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets the expected extra return a month (21 sessions) per standard deviation of the latent
    /// signal in the month before: 0.015 is 1.5 % a month.
    ///
    /// Changing it moves prices, and what hangs on them: the splits of prices out of bounds, the
    /// value of the spin-off, volumes, and dividends skipped because they would exceed a fifth of
    /// the price. What companies earn, and when they say so, stays as it is.
    #[must_use]
    pub fn planted_alpha(self, planted_alpha: f64) -> Self {
        Self { planted_alpha, ..self }
    }

    /// Sets the last session, which must be one of the New York Stock Exchange.
    #[must_use]
    pub fn last_session(self, last_session: NaiveDate) -> Self {
        Self { last_session, ..self }
    }

    /// Sets how many years of sessions there are up to the last one.
    #[must_use]
    pub fn years(self, years: u32) -> Self {
        Self { years, ..self }
    }

    /// Makes the market.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] if the planted alpha is not a number from
    /// -[`PLANTED_ALPHA_MAX`](Self::PLANTED_ALPHA_MAX) to that, the years are not in
    /// [`YEARS`](Self::YEARS), or the last session is not in the calendar of the New York Stock
    /// Exchange with that many years before it.
    pub fn generate(&self) -> Result<Market, Error> {
        let span = self.span()?;
        let shocks = Shocks::draw(self.seed, span.sessions.len());
        let mut tables = Tables::default();
        let mut gains = vec![Vec::new(); span.sessions.len()];
        for (index, company) in COMPANIES.iter().enumerate() {
            let life = self.life(company, index, &shocks, &span);
            for (session, gain) in &life.path.returns {
                gains[*session].push(*gain);
            }
            life.tell(company, &mut tables);
        }
        tables.benchmark = benchmark(&span, &gains);
        Ok(checked(span, tables))
    }

    fn span(&self) -> Result<Span, Error> {
        let alpha = self.planted_alpha;
        if !(alpha.is_finite() && alpha.abs() <= Self::PLANTED_ALPHA_MAX) {
            let expected = format!("a number from -{0} to {0}", Self::PLANTED_ALPHA_MAX);
            return Err(invalid("planted_alpha", alpha, expected));
        }
        if !Self::YEARS.contains(&self.years) {
            let expected = format!("{} to {}", Self::YEARS.start(), Self::YEARS.end());
            return Err(invalid("years", self.years, expected));
        }
        let calendar = Calendar::nyse();
        let before = self.last_session.checked_sub_months(Months::new(12 * self.years));
        match before {
            Some(before)
                if calendar.is_session(self.last_session) && before >= calendar.first() =>
            {
                let sessions = calendar.between(before, self.last_session).iter().copied();
                Ok(Span::new(sessions.filter(|date| *date > before).collect()))
            }
            _ => {
                let expected = format!(
                    "a session of the New York Stock Exchange up to {} and at least {} years after {}",
                    calendar.last(),
                    self.years,
                    calendar.first()
                );
                Err(invalid("last_session", self.last_session, expected))
            }
        }
    }

    /// Lives through the years of one company.
    fn life(&self, company: &Company, index: usize, shocks: &Shocks, span: &Span) -> Life {
        let source = Source { seed: self.seed, index };
        let symbol = Symbol::new(company.symbol).expect("the roster's tickers are canonical");
        let character = Character::draw(company, source);
        let schedule = Schedule::new(company, span);
        let economy = Economy::draw(&character, &schedule, span, source);
        let flows = statements::flows(company, &character, &economy, span, source);
        let course = Course {
            character: &character,
            schedule: &schedule,
            economy: &economy,
            flows: &flows,
            shocks,
            sector: SECTORS.iter().position(|sector| *sector == company.sector),
            planted_alpha: self.planted_alpha,
        };
        let path = course.walk(span, source);
        let statements = statements::statements(flows, &character, &path, span);
        let filings = filings::filings(&symbol, &statements, &schedule, span, source);
        let desk = Desk {
            company,
            character: &character,
            economy: &economy,
            schedule: &schedule,
            path: &path,
            statements: &statements,
            filings: &filings,
        };
        let estimates = desk.snapshots(&symbol, span, source);
        Life { symbol, path, filings, estimates }
    }
}

/// What is known of one company in the end.
#[derive(Debug)]
struct Life {
    symbol: Symbol,
    path: Path,
    filings: Vec<Filing>,
    estimates: Vec<EstimateSnapshot>,
}

impl Life {
    fn tell(self, company: &Company, tables: &mut Tables) {
        let Self { symbol, path, filings, estimates } = self;
        tables.securities.push(Security::us(symbol.clone(), company.issuer, company.sector));
        tables.prices.extend(path.bars.into_iter().map(|bar| (symbol.clone(), bar)));
        tables.actions.extend(path.changes.into_iter().map(|change| CorporateAction {
            symbol: symbol.clone(),
            ex_date: change.ex_date,
            kind: change.kind,
            value: change.value,
        }));
        tables.filings.extend(filings);
        tables.estimates.extend(estimates);
    }
}

fn invalid(setting: &'static str, value: impl ToString, expected: String) -> Error {
    Error::InvalidSetting { setting, value: value.to_string(), expected }
}

/// Compounds the mean total return of the stocks listed on each session.
fn benchmark(span: &Span, gains: &[Vec<f64>]) -> Vec<BenchmarkClose> {
    let mut level = 1000.0;
    let closes = span.sessions.iter().zip(gains).map(|(date, gains)| {
        level *= 1.0 + gains.iter().sum::<f64>() / gains.len().max(1) as f64;
        BenchmarkClose { date: *date, close: draws::rounded(level, 100.0) }
    });
    closes.collect()
}

fn checked(span: Span, tables: Tables) -> Market {
    let calendar =
        Calendar::from_sessions(span.sessions).expect("a part of a calendar that rises, not empty");
    Market::new(calendar, tables)
        .expect("every series is made in the order of the sessions, with finite positive prices")
}
