//! Yahoo's recordings.

mod charts;
mod faults;
mod mutations;
mod statements;
mod summaries;

use crate::shelf::{Recording, Shelf, transport};
use crate::support::{Server, reply};
use crate::{Check, run};
use decile_core::{DateRange, Symbol};
use decile_providers::yahoo::Yahoo;

/// One check for each recording; the names are those of the files.
const CHECKS: &[(&str, Check)] = &[
    ("bj-aapl_chart_no_results.json", charts::empty),
    ("bj-msft_quote_summary_multi_modules.json", summaries::ratios),
    ("chart-0P000071W8.TO-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-AAPL-1m-2024-10-02-null-row.json", charts::of_minutes),
    ("chart-AAPL-2020-08-31-to-2020-11-07.json", charts::daily),
    ("chart-AAPL-2025-02-01-to-2025-02-02-includePrePost-false-interval-1m.json", charts::empty),
    ("chart-AMZN-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-BABA-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-BEKE-400-before-ipo.json", charts::empty),
    ("chart-BTC-USD-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-OCDO.L-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-ORSTED.CO-2020-01-01-to-2020-01-03.json", charts::daily),
    ("chart-SIX-404-delisted.json", charts::unknown),
    ("chart-WSU.DE-2023-08-04-to-2023-08-09.json", charts::daily),
    ("crumb-getcrumb.txt", faults::crumb),
    ("crumb-quote-AAPL-collectConsentSubmit.txt", faults::consent),
    ("crumb-quote-AAPL-consent.txt", faults::consent),
    ("crumb-quote-AAPL-copyConsent.txt", faults::consent),
    ("crumb-quote-AAPL.txt", faults::consent),
    ("error-401-invalid-crumb.json", faults::refused),
    ("error-429-too-many-requests.txt", faults::throttled),
    ("fundamentalsTimeSeries-AAPL-balance-sheet-annual.json", statements::years),
    ("fundamentalsTimeSeries-AAPL-balance-sheet-quarterly.json", statements::quarters),
    ("fundamentalsTimeSeries-AAPL-financials-annual.json", statements::flows_of_years),
    ("fundamentalsTimeSeries-AAPL-financials-quarterly.json", statements::quarters),
    ("fundamentalsTimeSeries-BABA-financials-quarterly.json", statements::quarters),
    ("fundamentalsTimeSeries-GOOG-financials-quarterly.json", statements::quarters),
    ("fundamentalsTimeSeries-ORSTED.CO-financials-quarterly.json", statements::quarters),
    ("fundamentalsTimeSeries-QQQ-financials-quarterly.json", statements::none),
    ("historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.json", charts::daily),
    ("historical-via-chart-dividends-TSLA-no-dividends.json", charts::daily),
    ("quote-AAPL-BABA.json", summaries::quotes),
    ("quote-AAPL.json", summaries::quotes),
    ("quote-APS.AX.json", summaries::quotes),
    ("quote-BTC-USD.json", summaries::quotes),
    ("quote-LDO.MI.json", summaries::quotes),
    ("quote-OCDO.L.json", summaries::quotes),
    ("quote-SIX.json", summaries::quotes),
    ("quoteSummary-balanceSheetHistory-AAPL-2021.json", faults::not_read),
    ("quoteSummary-balanceSheetHistory-AAPL.json", faults::not_read),
    ("quoteSummary-balanceSheetHistoryQuarterly-AAPL.json", faults::not_read),
    ("quoteSummary-calendarEvents-AAPL.json", summaries::agenda),
    ("quoteSummary-defaultKeyStatistics-AAPL.json", summaries::ratios),
    ("quoteSummary-defaultKeyStatistics-BABA.json", summaries::ratios),
    ("quoteSummary-defaultKeyStatistics-BFLY.json", summaries::ratios),
    ("quoteSummary-defaultKeyStatistics-BTC-USD.json", faults::no_fundamentals),
    ("quoteSummary-defaultKeyStatistics-OCDO.L.json", summaries::ratios),
    ("quoteSummary-earnings-AAPL.json", faults::not_read),
    ("quoteSummary-earnings-ADH.json", faults::no_fundamentals),
    ("quoteSummary-earnings-BABA.json", faults::not_read),
    ("quoteSummary-earningsHistory-AAPL.json", summaries::history),
    ("quoteSummary-earningsTrend-AAPL.json", summaries::estimates),
    ("quoteSummary-earningsTrend-BFLY.json", summaries::estimates),
    ("quoteSummary-financialData-AAPL.json", summaries::ratios),
    ("quoteSummary-financialData-BABA.json", summaries::ratios),
    ("quoteSummary-financialData-OCDO.L.json", summaries::ratios),
    ("quoteSummary-financialData-QQQ.json", faults::no_fundamentals),
    ("quoteSummary-incomeStatementHistory-AAPL.json", faults::not_read),
    ("quoteSummary-incomeStatementHistoryQuarterly-AAPL.json", faults::not_read),
    ("quoteSummary-price-AAPL.json", summaries::profile),
    ("quoteSummary-price-BABA.json", summaries::profile),
    ("quoteSummary-price-GOOG.json", summaries::profile),
    ("quoteSummary-quoteType-AAPL.json", summaries::profile),
    ("quoteSummary-summaryDetail-AAPL.json", summaries::ratios),
    ("quoteSummary-summaryDetail-BABA.json", summaries::ratios),
    ("quoteSummary-summaryDetail-BFLY.json", summaries::ratios),
    ("quoteSummary-summaryDetail-OCDO.L.json", summaries::ratios),
    ("quoteSummary-summaryDetail-WSKT.JK.json", faults::no_fundamentals),
    ("yfrs-analysis_api_earningsTrend_AAPL.json", summaries::estimates),
    ("yfrs-analysis_api_financialData_MSFT.json", summaries::ratios),
    ("yfrs-fundamentals_api_calendarEvents_META.json", summaries::agenda),
    ("yfrs-fundamentals_api_incomeStatementHistoryQuarterly_AAPL.json", faults::not_read),
    ("yfrs-history_chart_AAPL.json", charts::daily),
    ("yfrs-history_chart_GS2C.DE.json", charts::daily),
    ("yfrs-quote_v7_AAPL-MSFT.json", summaries::quotes),
    ("yfrs-timeseries_balance_sheet_annual_MSFT.json", statements::years),
    ("yfrs-timeseries_income_statement_annual_AAPL.json", statements::flows_of_years),
    ("yfrs-timeseries_income_statement_annual_SAP.json", statements::flows_of_years),
    ("yfrs-timeseries_income_statement_annual_TSCO.L.json", statements::flows_of_years),
    ("yfrs-timeseries_income_statement_quarterly_AAPL.json", statements::quarters),
    ("yfrs-timeseries_quarterlyBasicAverageShares_MSFT.json", statements::none),
];

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_recording_of_yahoo_yields_what_its_body_says() {
    run("yahoo", CHECKS);
}

/// Serves a recording, and the recorded crumb to whoever needs one.
fn serve(shelf: &Shelf, recording: &Recording) -> (Server, Yahoo) {
    let (crumb, recording) = (shelf.get("yahoo/crumb-getcrumb.txt"), recording.clone());
    let server = Server::start(move |received, stream| match received.target.as_str() {
        "/" => reply(stream, 404, &["set-cookie: A3=d; Path=/".to_owned()], b""),
        target if crumb.answers(target) => crumb.write(stream),
        target if recording.answers(target) => recording.write(stream),
        _ => reply(stream, 404, &[], b"not recorded"),
    });
    let yahoo = Yahoo::new(transport(&server));
    (server, yahoo)
}

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap_or_else(|_| panic!("{text} is no symbol"))
}

/// Everything that was ever traded.
fn ever() -> DateRange {
    let day = |text: &str| text.parse().expect("a date");
    DateRange::new(day("1950-01-01"), day("2100-01-01")).expect("a span")
}
