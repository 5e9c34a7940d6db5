use chrono::{Days, NaiveDate};
use decile_factor::{Field, KnownFiling, Panel};
use serde::{Deserialize, Serialize};

/// What a stock's values rest on, so that a later ranking can tell what is new.
///
/// ```
/// # use decile_data::SyntheticMarket;
/// # use decile_factor::{FactorRegistry, Panel};
/// # use decile_rank::Model;
/// #
/// # let market = SyntheticMarket::default().years(2).generate()?;
/// # let model = Model::preset("q_core")?.resolve(&FactorRegistry::library())?;
/// # let panel = Panel::new(&market, &model.fields());
/// let ranking = model.score(&panel, market.calendar().last())?.rank();
/// let best = ranking.iter().next().expect("thirty stocks");
/// let sources = best.sources.as_ref().expect("the panel was made of a market");
/// assert!(sources.filings.iter().all(|filing| filing.known_on <= ranking.as_of()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockSources {
    /// The filing of the newest period, and those that came to count in the last
    /// [`StockSources::RECENT_DAYS`] days, the oldest period first.
    pub filings: Vec<KnownFiling>,
    /// Day of the consensus snapshot.
    pub estimate: Option<NaiveDate>,
    /// Units of the trading currency that one unit of the filing's currency buys.
    pub exchange_rate: Option<f64>,
}

impl StockSources {
    /// Days over which a ranking remembers filings that are not of the newest period.
    pub const RECENT_DAYS: u64 = 100;

    /// `None` of a panel that does not tell.
    pub(crate) fn new(panel: &Panel, column: usize, session: usize) -> Option<Self> {
        let filings = panel.filings(column, session)?;
        let date = panel.sessions()[session];
        let since = date.checked_sub_days(Days::new(Self::RECENT_DAYS)).unwrap_or_default();
        let newest = filings.last().copied();
        let kept = |filing: &KnownFiling| filing.known_on > since || Some(*filing) == newest;
        let rates = panel.row(&Field::Fx, session);
        Some(Self {
            filings: filings.into_iter().filter(kept).collect(),
            estimate: panel.estimate(column, session),
            exchange_rate: rates.map(|rates| rates[column]).filter(|rate| !rate.is_nan()),
        })
    }
}
