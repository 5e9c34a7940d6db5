//! The modules of `quoteSummary` that are read; whatever may be absent is optional.

use super::Yahoo;
use super::envelope;
use super::number::{Day, Number, Text};
use crate::Reply;
use chrono::{DateTime, Utc};
use decile_core::Symbol;
use decile_core::source::SourceError;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Summary {
    pub(super) price: Option<Price>,
    pub(super) summary_detail: Option<SummaryDetail>,
    pub(super) default_key_statistics: Option<KeyStatistics>,
    pub(super) financial_data: Option<FinancialData>,
    pub(super) earnings_trend: Option<EarningsTrend>,
    pub(super) earnings_history: Option<EarningsHistory>,
    pub(super) recommendation_trend: Option<RecommendationTrend>,
    pub(super) calendar_events: Option<CalendarEvents>,
    pub(super) quote_type: Option<QuoteType>,
    pub(super) asset_profile: Option<AssetProfile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Price {
    pub(super) currency: Text,
    pub(super) long_name: Text,
    pub(super) short_name: Text,
    pub(super) market_cap: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SummaryDetail {
    pub(super) currency: Text,
    #[serde(rename = "trailingPE")]
    pub(super) trailing_pe: Number,
    #[serde(rename = "forwardPE")]
    pub(super) forward_pe: Number,
    pub(super) market_cap: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct KeyStatistics {
    #[serde(rename = "forwardPE")]
    pub(super) forward_pe: Number,
    pub(super) price_to_book: Number,
    pub(super) book_value: Number,
    pub(super) trailing_eps: Number,
    pub(super) shares_outstanding: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FinancialData {
    pub(super) return_on_equity: Number,
    pub(super) financial_currency: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EarningsTrend {
    pub(super) trend: Vec<Trend>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Trend {
    pub(super) period: Text,
    pub(super) end_date: Day,
    pub(super) earnings_estimate: EarningsEstimate,
    pub(super) eps_trend: EpsTrend,
    pub(super) eps_revisions: EpsRevisions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct EarningsEstimate {
    pub(super) avg: Number,
    pub(super) low: Number,
    pub(super) high: Number,
    pub(super) number_of_analysts: Number,
    pub(super) earnings_currency: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EpsTrend {
    #[serde(rename = "7daysAgo")]
    pub(super) days_7: Number,
    #[serde(rename = "30daysAgo")]
    pub(super) days_30: Number,
    #[serde(rename = "60daysAgo")]
    pub(super) days_60: Number,
    #[serde(rename = "90daysAgo")]
    pub(super) days_90: Number,
    #[serde(rename = "epsTrendCurrency")]
    pub(super) currency: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EpsRevisions {
    #[serde(rename = "upLast30days")]
    pub(super) up_30: Number,
    #[serde(rename = "downLast30days")]
    pub(super) down_30: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EarningsHistory {
    pub(super) history: Vec<Surprise>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Surprise {
    pub(super) quarter: Day,
    pub(super) eps_actual: Number,
    pub(super) eps_estimate: Number,
    pub(super) currency: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RecommendationTrend {
    pub(super) trend: Vec<Recommendations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Recommendations {
    pub(super) period: Text,
    pub(super) strong_buy: Number,
    pub(super) buy: Number,
    pub(super) hold: Number,
    pub(super) sell: Number,
    pub(super) strong_sell: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CalendarEvents {
    pub(super) earnings: Option<EarningsDates>,
    pub(super) ex_dividend_date: Day,
    pub(super) dividend_date: Day,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct EarningsDates {
    pub(super) earnings_date: Vec<Number>,
    pub(super) is_earnings_date_estimate: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct QuoteType {
    pub(super) quote_type: Text,
    pub(super) long_name: Text,
    pub(super) time_zone_full_name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AssetProfile {
    pub(super) sector: Text,
}

impl Yahoo {
    /// Fetches modules of a stock's summary, with the time of the reply. A summary in which `pick`
    /// finds nothing is no answer: all modules may be absent.
    pub(super) async fn summary<T>(
        &self,
        symbol: &Symbol,
        modules: &[&str],
        pick: impl FnOnce(Summary) -> Option<T>,
    ) -> Result<(T, DateTime<Utc>), SourceError> {
        let asked = Self::asked(symbol);
        let spelt = super::spelling::symbol(symbol);
        let mut url = super::address(&["v10", "finance", "quoteSummary", &spelt]);
        url.query_pairs_mut()
            .append_pair("modules", &modules.join(","))
            .append_pair("formatted", "false");
        let read = |reply: &Reply| {
            let summaries: Vec<Summary> = envelope::open(reply, &asked)?;
            let summary = summaries.into_iter().next().ok_or_else(|| asked.not_found())?;
            let without = || format!("it has nothing in the modules {}", modules.join(", "));
            let picked = pick(summary).ok_or_else(|| asked.decode(without()))?;
            Ok((picked, reply.retrieved_at()))
        };
        self.caller().with_crumb("quoteSummary", url, &asked, read).await
    }
}
