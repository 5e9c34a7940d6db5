//! When and how statements become public.

use super::draws::{Draws, Purpose, rounded};
use super::economy::Source;
use super::span::{Schedule, Span};
use super::statements::Statement;
use chrono::{Days, NaiveDate};
use decile_core::{Calendar, Filing, Form, ReportTime, Symbol};

/// Quarters that a prospectus shows.
const PROSPECTUS_QUARTERS: usize = 9;
/// Days from the prospectus to the first session of the stock.
const PROSPECTUS_DAYS: u64 = 14;

/// Returns the filings of a stock in the order of their quarters, restatements at the end.
pub(super) fn filings(
    symbol: &Symbol,
    statements: &[Statement],
    schedule: &Schedule,
    span: &Span,
    source: Source,
) -> Vec<Filing> {
    let mut draws = source.draws(Purpose::Filing);
    let mut filings: Vec<Filing> =
        statements.iter().map(|statement| first_version(symbol, statement, &mut draws)).collect();
    if let Some(listed) = schedule.listed_on(span) {
        show_in_prospectus(&mut filings, listed - Days::new(PROSPECTUS_DAYS));
    }
    for (session, quarters_older) in &schedule.restated {
        let filed = span.sessions[*session];
        filings.extend(restatement(&filings, filed, *quarters_older, &mut draws));
    }
    let last = schedule.last(span);
    filings.retain(|filing| known_on(filing).is_some_and(|known| known <= last));
    filings
}

/// Returns when a filing may be used. The market's own calendar ends with its last session, so it
/// can't tell of a filing that comes later.
fn known_on(filing: &Filing) -> Option<NaiveDate> {
    filing.known_on(Calendar::nyse())
}

fn form(text: &str) -> Form {
    text.parse().expect("the forms written in this file are printable and short")
}

fn first_version(symbol: &Symbol, statement: &Statement, draws: &mut Draws) -> Filing {
    let flows = &statement.flows;
    let end = flows.quarter.end;
    let annual = flows.quarter.is_last_of_year();
    let text = if annual { "10-K" } else { "10-Q" };
    let mut filing = Filing::new(symbol.clone(), end, form(text));
    (filing.filed, filing.report_time) = filed(end, annual, draws);
    filing.source = "synthetic".into();
    let amount = |value: f64| Some(rounded(value, 1e-3));
    filing.net_income = amount(flows.net_income);
    filing.book_equity = amount(statement.book_equity);
    filing.shares = Some(statement.shares);
    filing.revenue = amount(flows.revenue);
    filing.gross_profit = flows.gross_profit.and_then(amount);
    filing.total_assets = amount(statement.total_assets);
    filing.operating_cash_flow = amount(flows.operating_cash_flow);
    filing.dividends_paid = amount(statement.dividends_paid);
    filing
}

/// Draws the day and time of a filing; one in forty has lost its day, as in real collections.
fn filed(end: NaiveDate, annual: bool, draws: &mut Draws) -> (Option<NaiveDate>, ReportTime) {
    let days = if annual { draws.whole(34, 55) } else { draws.whole(22, 39) };
    let time = draws.uniform(0.0, 1.0);
    let lost = draws.chance(0.025);
    let day = Calendar::nyse().session_on_or_after(end + Days::new(u64::from(days)));
    let time = match time {
        _ if lost => ReportTime::Unknown,
        early if early < 0.4 => ReportTime::Pre,
        late if late < 0.85 => ReportTime::Post,
        _ => ReportTime::Unknown,
    };
    (day.filter(|_| !lost), time)
}

/// Turns what was never filed, because the company was not public, into part of its prospectus.
fn show_in_prospectus(filings: &mut Vec<Filing>, day: NaiveDate) {
    let filed_before = |filing: &Filing| known_on(filing).is_some_and(|known| known <= day);
    let shown = filings.partition_point(filed_before);
    filings.drain(..shown.saturating_sub(PROSPECTUS_QUARTERS));
    for filing in filings.iter_mut().take(shown.min(PROSPECTUS_QUARTERS)) {
        filing.form = form("S-1");
        filing.filed = Some(day);
        filing.report_time = ReportTime::Post;
    }
}

/// Files an old quarter again, with a part of its income gone.
fn restatement(
    filings: &[Filing],
    filed: NaiveDate,
    quarters_older: usize,
    draws: &mut Draws,
) -> Option<Filing> {
    let known = filings.partition_point(|filing| known_on(filing).is_some_and(|day| day < filed));
    let old = filings.get(known.checked_sub(quarters_older + 1)?)?;
    let lost = draws.uniform(0.12, 0.3) * old.net_income?.abs();
    let less = |value: Option<f64>| value.map(|value| rounded(value - lost, 1e-3));
    let mut restated = old.clone();
    restated.form = form(&format!("{}/A", old.form));
    restated.filed = Some(filed);
    restated.report_time = ReportTime::Post;
    restated.net_income = less(old.net_income);
    restated.book_equity = less(old.book_equity);
    restated.total_assets = less(old.total_assets);
    Some(restated)
}
