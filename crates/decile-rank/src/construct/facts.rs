//! What a construction has to know of stocks beside their ranks.

use super::{Construction, Scheme, ShareClasses};
use crate::{Error, RankedStock, Ranking};
use decile_core::Symbol;
use decile_factor::library::risk::Volatility;
use decile_factor::{Engine, Factor, Field, Panel};
use std::collections::BTreeMap;
use std::sync::Arc;

const LIQUIDITY_SESSIONS: usize = 21;

/// The volatility that weights are inverse to.
pub(super) fn volatility() -> Volatility {
    Volatility::quarter()
}

/// Volatility and value traded of each stock, as far as the rules ask for them and they are known.
pub(super) struct Facts<'a> {
    symbols: &'a [Symbol],
    volatility: Vec<f64>,
    traded: Vec<f64>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        rules: &Construction,
        ranking: &Ranking,
        panel: &'a Panel,
    ) -> Result<Self, Error> {
        let session = panel.session_index(ranking.as_of())?;
        let mut facts =
            Self { symbols: panel.symbols(), volatility: Vec::new(), traded: Vec::new() };
        if rules.scheme == Scheme::InverseVolatility {
            let factor: Arc<dyn Factor> = Arc::new(volatility());
            let engine = Engine::new(panel, &[factor])?;
            // The factor is signed so that larger is better.
            facts.volatility = engine.session(session)?.factor(0).iter().map(|v| -v).collect();
        }
        if rules.share_classes == ShareClasses::MostLiquid {
            facts.traded = traded(panel, session)?;
        }
        Ok(facts)
    }

    fn of(&self, values: &[f64], symbol: &Symbol) -> Option<f64> {
        let column = self.symbols.binary_search(symbol).ok()?;
        values.get(column).copied().filter(|value| value.is_finite() && *value > 0.0)
    }

    /// Yearly, above 0.
    pub(super) fn volatility(&self, symbol: &Symbol) -> Option<f64> {
        self.of(&self.volatility, symbol)
    }

    /// Of each company the share class to hold.
    pub(super) fn classes<'r>(
        &self,
        stocks: impl Iterator<Item = &'r RankedStock>,
    ) -> BTreeMap<&'r str, &'r Symbol> {
        let mut classes: BTreeMap<&str, (&Symbol, Option<f64>)> = BTreeMap::new();
        for stock in stocks {
            let traded = self.of(&self.traded, &stock.symbol);
            // They come best first, so what is not more liquid stays behind.
            let best = classes.entry(&stock.issuer).or_insert((&stock.symbol, traded));
            if traded > best.1 {
                *best = (&stock.symbol, traded);
            }
        }
        classes.into_iter().map(|(issuer, (symbol, _))| (issuer, symbol)).collect()
    }
}

/// Mean value of the shares traded in the last sessions in which the volume is known.
fn traded(panel: &Panel, session: usize) -> Result<Vec<f64>, Error> {
    let held = |field: Field| match panel.matrix(&field) {
        Some(_) => Ok(field),
        None => Err(decile_factor::Error::MissingField {
            factor: "share_classes = \"most_liquid\"".to_owned(),
            field,
        }),
    };
    let (closes, volumes) = (held(Field::Close)?, held(Field::Volume)?);
    let width = panel.symbols().len();
    let (mut sums, mut counts) = (vec![0.0; width], vec![0.0; width]);
    for session in (session + 1).saturating_sub(LIQUIDITY_SESSIONS)..=session {
        let rows = panel.row(&closes, session).zip(panel.row(&volumes, session));
        let Some((closes, volumes)) = rows else { continue };
        for column in 0..width {
            let value = closes[column] * volumes[column];
            if !value.is_nan() {
                sums[column] += value;
                counts[column] += 1.0;
            }
        }
    }
    // 0 / 0 is missing, as it should be.
    Ok(sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect())
}
