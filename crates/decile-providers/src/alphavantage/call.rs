//! How Alpha Vantage is called.

use super::reply::Body;
use super::series::Series;
use super::{AlphaVantage, asked};
use crate::asked::Asked;
use crate::notes::Notes;
use crate::spelling::dashed;
use crate::{Reply, Request, Url};
use chrono::{DateTime, Utc};
use decile_core::source::SourceError;
use decile_core::{Calendar, DateRange, Symbol};
use std::sync::atomic::Ordering;

const ADDRESS: &str = "https://www.alphavantage.co/query";
/// Rows of a short history, the only one that a free key gets.
const COMPACT_ROWS: usize = 100;

/// What is asked: a function of the provider, and about what.
#[derive(Debug, Clone)]
pub(super) struct Query<'a> {
    pub(super) function: &'static str,
    pub(super) parameters: Vec<(&'static str, &'a str)>,
}

/// Tells whether a call that only adds to an answer may succeed another time, so that the answer has
/// to wait for it.
pub(super) fn is_passing(error: &SourceError) -> bool {
    use SourceError::{BudgetSpent, Denied, InvalidApiKey, Storage};
    error.is_retryable()
        || matches!(
            error,
            BudgetSpent { .. } | Denied { .. } | InvalidApiKey { .. } | Storage { .. }
        )
}

/// A series, and whether it begins later than asked for want of a premium key.
pub(super) struct History {
    pub(super) series: Series,
    pub(super) is_cut: bool,
}

impl AlphaVantage {
    /// Fetches a series from the first date of a span on: the short history if that reaches back far
    /// enough, else the whole one, else, on a free key, the short one all the same.
    pub(super) async fn history(
        &self,
        mut query: Query<'_>,
        range: DateRange,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<History, SourceError> {
        let calendar = Calendar::nyse();
        let today = calendar.local_date(self.transport.now());
        let is_cut = calendar.between(range.from(), today).len() > COMPACT_ROWS;
        if is_cut && !self.refused_full.load(Ordering::Relaxed) {
            let mut whole = query.clone();
            whole.parameters.push(("outputsize", "full"));
            match self.series(&whole, asked, notes).await {
                Err(SourceError::Premium { .. }) if !self.premium => {
                    self.refused_full.store(true, Ordering::Relaxed);
                }
                result => return Ok(History { is_cut: false, series: result? }),
            }
        }
        if is_cut {
            notes.warn(format!("a free key gets the last {COMPACT_ROWS} sessions only"));
        }
        query.parameters.push(("outputsize", "compact"));
        Ok(History { is_cut, series: self.series(&query, asked, notes).await? })
    }

    pub(super) async fn series(
        &self,
        query: &Query<'_>,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Series, SourceError> {
        self.ask(query, asked, |body, time| Series::read(body, time, asked, notes)).await
    }

    pub(super) async fn ask_about<T>(
        &self,
        function: &'static str,
        symbol: &Symbol,
        read: impl FnOnce(Body<'_>, DateTime<Utc>) -> Result<T, SourceError> + Send,
    ) -> Result<T, SourceError> {
        let name = dashed(symbol);
        let query = Query { function, parameters: vec![("symbol", &name)] };
        self.ask(&query, &asked(symbol), read).await
    }

    /// Sends one request and reads its reply.
    async fn ask<T>(
        &self,
        query: &Query<'_>,
        asked: &Asked,
        read: impl FnOnce(Body<'_>, DateTime<Utc>) -> Result<T, SourceError> + Send,
    ) -> Result<T, SourceError> {
        let parameters = [("function", query.function)];
        let parameters = parameters.iter().chain(&query.parameters);
        let url = Url::parse_with_params(ADDRESS, parameters)
            .map_err(|error| asked.invalid_request(error.to_string()))?;
        let request = Request::get(url).secret_query("apikey", self.key.clone());
        let read = |reply: &Reply| match reply.status() {
            200..300 => read(Body::of(reply.body(), asked)?, reply.retrieved_at()),
            401 | 403 => Err(asked.denied("check the key, and whether it is barred")),
            429 => Err(asked.rate_limited(reply)),
            _ => Err(asked.status(reply)),
        };
        self.transport.ask(query.function, &request, asked, read).await
    }
}
