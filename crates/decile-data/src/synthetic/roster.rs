//! Who is in the synthetic market, and what happens to whom.
//!
//! Nothing in this file depends on the seed, so a test or a reader can rely on it.

/// How widely a stock moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Temper {
    Steady,
    Average,
    Wild,
}

/// When the books are closed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FiscalYear {
    /// At the end of this month, from 1 to 12.
    EndsIn(u32),
    /// On the Sunday nearest to 31 August, in quarters of 12, 12, 12 and 16 or 17 weeks.
    Weeks,
}

/// Something that happens once; `at` is a fraction of the market's sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// `ratio` new shares for each old one.
    Split { at: f64, ratio: f64 },
    /// A company worth `share` of the parent is handed out.
    Spinoff { at: f64, share: f64 },
    /// No trade for so many sessions.
    Halt { at: f64, sessions: usize },
    /// The first session.
    Listed { at: f64 },
    /// The last session.
    Delisted { at: f64 },
    /// Analysts write no more.
    Uncovered { at: f64 },
    /// The statement so many quarters older than the newest one is filed again with less income.
    Restated { at: f64, quarters_older: usize },
}

/// A trait that sets a company apart from the ordinary profitable one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Oddity {
    /// Spends more than it takes in.
    LossMaker,
    /// Owes more than it owns, as a company does that bought back its shares on credit.
    NegativeBook,
    /// No analyst has ever followed it.
    NeverCovered,
    /// Sells most of its goods before Christmas.
    Seasonal,
    /// States no cost of sales.
    NoGrossProfit,
}

/// One company, as far as it does not depend on the seed.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) symbol: &'static str,
    pub(super) issuer: &'static str,
    pub(super) sector: &'static str,
    pub(super) temper: Temper,
    pub(super) pays_dividends: bool,
    pub(super) fiscal_year: FiscalYear,
    pub(super) oddities: &'static [Oddity],
    pub(super) events: &'static [Event],
}

impl Company {
    const fn new(symbol: &'static str, issuer: &'static str, sector: &'static str) -> Self {
        Self {
            symbol,
            issuer,
            sector,
            temper: Temper::Average,
            pays_dividends: false,
            fiscal_year: FiscalYear::EndsIn(12),
            oddities: &[],
            events: &[],
        }
    }

    const fn steady(self) -> Self {
        Self { temper: Temper::Steady, ..self }
    }

    const fn wild(self) -> Self {
        Self { temper: Temper::Wild, ..self }
    }

    const fn pays(self) -> Self {
        Self { pays_dividends: true, ..self }
    }

    const fn books(self, fiscal_year: FiscalYear) -> Self {
        Self { fiscal_year, ..self }
    }

    const fn odd(self, oddities: &'static [Oddity]) -> Self {
        Self { oddities, ..self }
    }

    const fn events(self, events: &'static [Event]) -> Self {
        Self { events, ..self }
    }

    pub(super) fn is(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }
}

const ENERGY: &str = "Energy";
const MATERIALS: &str = "Materials";
const INDUSTRIALS: &str = "Industrials";
const DISCRETIONARY: &str = "Consumer Discretionary";
const STAPLES: &str = "Consumer Staples";
const HEALTH: &str = "Health Care";
const FINANCIALS: &str = "Financials";
const TECHNOLOGY: &str = "Information Technology";
const COMMUNICATION: &str = "Communication Services";
const UTILITIES: &str = "Utilities";
const REAL_ESTATE: &str = "Real Estate";

/// The sectors, in the order in which their shocks are drawn.
pub(super) const SECTORS: [&str; 11] = [
    ENERGY,
    MATERIALS,
    INDUSTRIALS,
    DISCRETIONARY,
    STAPLES,
    HEALTH,
    FINANCIALS,
    TECHNOLOGY,
    COMMUNICATION,
    UTILITIES,
    REAL_ESTATE,
];

use Event::{Delisted, Halt, Listed, Restated, Spinoff, Split, Uncovered};
use Oddity::{LossMaker, NegativeBook, NeverCovered, NoGrossProfit, Seasonal};

/// The companies. A company's place decides its streams of random numbers: add at the end only.
pub(super) const COMPANIES: [Company; 30] = [
    Company::new("QZBW", "Bramblewick Drilling", ENERGY).pays(),
    Company::new("QZCH", "Cinderhollow Oil", ENERGY).pays(),
    Company::new("QZDS", "Dapplestone Minerals", MATERIALS).books(FiscalYear::EndsIn(9)),
    Company::new("QZFM", "Fennimarsh Chemicals", MATERIALS)
        .steady()
        .pays()
        .events(&[Restated { at: 0.72, quarters_older: 5 }]),
    Company::new("QZGW", "Grindlewharf Machines", INDUSTRIALS)
        .pays()
        .events(&[Restated { at: 0.5, quarters_older: 0 }]),
    Company::new("QZHT", "Hobblethorn Railways", INDUSTRIALS)
        .steady()
        .pays()
        .events(&[Split { at: 0.56, ratio: 2.0 }]),
    Company::new("QZIP", "Ironpippin Airlines", INDUSTRIALS),
    Company::new("QZKM", "Kettlemoor Stores", DISCRETIONARY)
        .books(FiscalYear::EndsIn(1))
        .odd(&[Seasonal])
        .events(&[Split { at: 0.25, ratio: 3.0 }]),
    Company::new("QZLS", "Larkspindle Apparel", DISCRETIONARY)
        .books(FiscalYear::EndsIn(1))
        .odd(&[Seasonal])
        .events(&[Uncovered { at: 0.6 }]),
    Company::new("QZMW", "Mothwing Motors", DISCRETIONARY)
        .wild()
        .odd(&[LossMaker])
        .events(&[Split { at: 0.62, ratio: 0.1 }]),
    Company::new("QZNB", "Nettlebrook Hotels", DISCRETIONARY).pays().odd(&[NegativeBook]),
    Company::new("QZOF", "Oatenfield Foods", STAPLES)
        .steady()
        .pays()
        .events(&[Restated { at: 0.3, quarters_older: 0 }]),
    Company::new("QZPW", "Pocketwell Warehouse", STAPLES).steady().pays().books(FiscalYear::Weeks),
    Company::new("QZQS", "Quibblesome Beverages", STAPLES).steady().pays(),
    Company::new("QZRG", "Rumblegate Pharma", HEALTH).steady().pays(),
    Company::new("QZSD", "Sparrowdyke Devices", HEALTH).events(&[Delisted { at: 0.78 }]),
    Company::new("QZTR", "Thimblerook Biotech", HEALTH).wild().odd(&[LossMaker]),
    Company::new("QZVS", "Vellumshire Bank", FINANCIALS)
        .pays()
        .odd(&[NoGrossProfit])
        .events(&[Restated { at: 0.65, quarters_older: 1 }]),
    Company::new("QZWF", "Wrenfallow Insurance", FINANCIALS).steady().pays().odd(&[NoGrossProfit]),
    Company::new("QZYM", "Yarrowmint Capital", FINANCIALS).odd(&[NoGrossProfit]),
    Company::new("QZAB", "Acornbyte Systems", TECHNOLOGY)
        .books(FiscalYear::EndsIn(9))
        .events(&[Split { at: 0.85, ratio: 5.0 }]),
    Company::new("QZBV", "Buttonvale Semiconductors", TECHNOLOGY)
        .events(&[Split { at: 0.42, ratio: 4.0 }]),
    Company::new("QZCQ", "Copperquill Software", TECHNOLOGY)
        .steady()
        .pays()
        .books(FiscalYear::EndsIn(6))
        .events(&[Split { at: 0.7, ratio: 2.0 }]),
    Company::new("QZDL", "Driftlantern Cloud", TECHNOLOGY)
        .wild()
        .odd(&[LossMaker])
        .events(&[Listed { at: 0.33 }]),
    Company::new("QZEF", "Emberfinch Media", COMMUNICATION)
        .books(FiscalYear::EndsIn(6))
        .events(&[Spinoff { at: 0.48, share: 0.12 }]),
    Company::new("QZFG", "Foxglimmer Networks", COMMUNICATION)
        .wild()
        .events(&[Halt { at: 0.58, sessions: 9 }]),
    Company::new("QZGR", "Gorsewater Power", UTILITIES).steady().pays(),
    Company::new("QZHZ", "Hazeltarn Gas", UTILITIES).steady().pays().books(FiscalYear::EndsIn(9)),
    Company::new("QZIM", "Inglemead Properties", REAL_ESTATE).pays().odd(&[NeverCovered]),
    Company::new("QZJH", "Juniperholt Towers", REAL_ESTATE),
];
