//! What analysts expect.

use super::Yahoo;
use super::number::Number;
use super::spelling::{currency, exact};
use super::summary::{RecommendationTrend, Recommendations, Summary, Trend};
use crate::notes::Notes;
use crate::rows::ConsensusRow;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use decile_core::source::{Fetched, SourceError};
use decile_core::{Currency, EstimateSnapshot, Symbol};

const MODULES: [&str; 4] = ["earningsTrend", "recommendationTrend", "price", "quoteType"];

impl Yahoo {
    /// Fetches the consensus on two quarters and two fiscal years, a row each, as of the day of the
    /// reply at the exchange.
    ///
    /// Where nobody estimates, Yahoo writes 0, which is missing here; so is a 0 of the past, which
    /// Yahoo writes where it knows nothing of that day. A count of nobody that Yahoo leaves blank is
    /// missing too.
    ///
    /// # Errors
    /// As [`EstimateSource`](decile_core::source::EstimateSource).
    pub async fn consensus(&self, symbol: &Symbol) -> Result<Fetched<ConsensusRow>, SourceError> {
        Ok(self.expectations(symbol).await?.rows())
    }

    pub(super) async fn snapshots(
        &self,
        symbol: &Symbol,
    ) -> Result<Fetched<EstimateSnapshot>, SourceError> {
        Ok(self.expectations(symbol).await?.snapshot(symbol))
    }

    async fn expectations(&self, symbol: &Symbol) -> Result<Expectations, SourceError> {
        let pick = |summary: Summary| summary.earnings_trend.is_some().then_some(summary);
        let (summary, retrieved_at) = self.summary(symbol, &MODULES, pick).await?;
        let Summary { earnings_trend, recommendation_trend, price, quote_type, .. } = summary;
        let kind = quote_type.unwrap_or_default();
        let zone = kind.time_zone_full_name.as_str().and_then(|name| name.parse().ok());
        let zone: Tz = zone.unwrap_or(Tz::America__New_York);
        Ok(Expectations {
            as_of: retrieved_at.with_timezone(&zone).date_naive(),
            retrieved_at,
            zone,
            traded: price.and_then(|price| currency(price.currency.as_str())),
            trends: earnings_trend.unwrap_or_default().trend,
            recommendations: recommendation_trend,
        })
    }
}

/// A reply about estimates.
struct Expectations {
    as_of: NaiveDate,
    retrieved_at: DateTime<Utc>,
    zone: Tz,
    traded: Option<Currency>,
    trends: Vec<Trend>,
    recommendations: Option<RecommendationTrend>,
}

impl Expectations {
    fn rows(&self) -> Fetched<ConsensusRow> {
        let (mut fetched, mut notes) = (self.fetched(), Notes::default());
        for trend in &self.trends {
            match trend.period.as_str() {
                Some(period) => fetched.rows.push(trend.row(self.as_of, period)),
                None => notes.drop("an estimate names no period"),
            }
        }
        notes.append_to(&mut fetched);
        fetched
    }

    fn fetched<T>(&self) -> Fetched<T> {
        let mut fetched = Fetched::new(Vec::new());
        let mut currencies: Vec<Currency> =
            self.trends.iter().filter_map(Trend::currency).collect();
        currencies.dedup();
        fetched.currency = match currencies[..] {
            [one] => Some(one),
            _ => None,
        };
        if currencies.len() > 1 {
            fetched.warnings.push("the estimates are in more than one currency".to_owned());
        }
        fetched.timezone = Some(self.zone.name().into());
        fetched.retrieved_at = Some(self.retrieved_at);
        fetched
    }

    /// Makes the snapshot of the fiscal years, in the currency the shares trade in: at most one row.
    fn snapshot(&self, symbol: &Symbol) -> Fetched<EstimateSnapshot> {
        let mut fetched = self.fetched();
        let year = |period| self.trends.iter().find(|trend| trend.period.as_str() == Some(period));
        let Some((this, fy1_end)) = year("0y").and_then(|trend| Some((trend, trend.end_date.0?)))
        else {
            fetched.dropped.push("the current fiscal year has no estimate, or no end".to_owned());
            return fetched;
        };
        let years = [Some(this), year("+1y")];
        let Some(unit) = self.unit(&years) else {
            let why = "the estimates are in another currency than the price";
            fetched.dropped.push(why.to_owned());
            return fetched;
        };
        if self.traded.is_none() {
            let warning =
                "the currency of the price is not known, nor whether the estimates share it";
            fetched.warnings.push(warning.to_owned());
        }
        let mut snapshot = EstimateSnapshot::new(symbol.clone(), self.as_of, fy1_end);
        let [this, next] = years.map(|trend| trend.map(|trend| trend.row(self.as_of, "")));
        if let Some(this) = this {
            (snapshot.fy1, snapshot.fy1_90d) = (this.eps_average, this.eps_90_days_ago);
            (snapshot.fy1_high, snapshot.fy1_low) = (this.eps_high, this.eps_low);
            snapshot.analysts = this.analysts;
        }
        if let Some(next) = next {
            (snapshot.fy2, snapshot.fy2_90d) = (next.eps_average, next.eps_90_days_ago);
            (snapshot.fy2_high, snapshot.fy2_low) = (next.eps_high, next.eps_low);
        }
        if let Some(next) = years[1].filter(|next| next.analysts().is_some()) {
            snapshot.fy2_up_30d = next.eps_revisions.up_30.head_count();
            snapshot.fy2_down_30d = next.eps_revisions.down_30.head_count();
        }
        let mean = |period| self.recommendations.as_ref().and_then(|it| it.mean(period)).unzip();
        (snapshot.recommendation, snapshot.recommending) = mean("0m");
        (snapshot.recommendation_30d, _) = mean("-1m");
        fetched.rows.push(snapshot.times(unit));
        fetched.currency = self.traded.or(fetched.currency);
        fetched
    }

    /// Returns what an estimate is multiplied by to be in the currency of the price, if it can be.
    fn unit(&self, years: &[Option<&Trend>]) -> Option<f64> {
        let Some(traded) = self.traded else { return Some(1.0) };
        let mut units = years.iter().flatten().filter_map(|trend| trend.currency());
        let first = units.next().unwrap_or(traded);
        if units.any(|other| other != first) {
            return None;
        }
        exact(1.0, first, traded)
    }
}

impl Trend {
    fn currency(&self) -> Option<Currency> {
        let estimate = currency(self.earnings_estimate.earnings_currency.as_str());
        estimate.or(currency(self.eps_trend.currency.as_str()))
    }

    fn analysts(&self) -> Option<u32> {
        self.earnings_estimate.number_of_analysts.count().filter(|analysts| *analysts > 0)
    }

    fn row(&self, as_of: NaiveDate, period: &str) -> ConsensusRow {
        let analysts = self.analysts();
        let estimate = &self.earnings_estimate;
        let now = |number: Number| number.amount().filter(|eps| analysts.is_some() || *eps != 0.0);
        let then = |number: Number| number.amount().filter(|eps| *eps != 0.0);
        ConsensusRow {
            end_date: self.end_date.0,
            eps_average: now(estimate.avg),
            eps_low: now(estimate.low),
            eps_high: now(estimate.high),
            eps_7_days_ago: then(self.eps_trend.days_7),
            eps_30_days_ago: then(self.eps_trend.days_30),
            eps_60_days_ago: then(self.eps_trend.days_60),
            eps_90_days_ago: then(self.eps_trend.days_90),
            analysts,
            up_30: self.eps_revisions.up_30.count(),
            down_30: self.eps_revisions.down_30.count(),
            ..ConsensusRow::new(as_of, period)
        }
    }
}

impl RecommendationTrend {
    /// Returns the mean recommendation of a month, from 1 (strong buy) to 5 (strong sell), and how
    /// many analysts are behind it.
    fn mean(&self, period: &str) -> Option<(f64, u32)> {
        let is_of = |month: &&Recommendations| month.period.as_str() == Some(period);
        let month = self.trend.iter().find(is_of)?;
        let counts = [month.strong_buy, month.buy, month.hold, month.sell, month.strong_sell];
        let (mut heads, mut sum) = (0u32, 0.0);
        for (grade, count) in (1u32..).zip(counts) {
            let count = count.head_count()?;
            heads = heads.checked_add(count)?;
            sum += f64::from(grade) * f64::from(count);
        }
        (heads > 0).then(|| (sum / f64::from(heads), heads))
    }
}
