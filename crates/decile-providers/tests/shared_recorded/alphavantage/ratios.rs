//! Overviews and estimates.

use super::{client, day, number, symbol, text};
use crate::shelf::{Recording, Shelf, wait};
use decile_core::Currency;
use decile_core::source::{EstimateSource, SecuritySource, StatsSource};
use serde_json::Value;

pub(super) fn overview(_: &Shelf, recording: &Recording) -> Vec<String> {
    let raw = recording.json();
    let stock = symbol(text(&raw["Symbol"]));
    let client = client(&[("OVERVIEW", recording.clone())]);
    let (stats, security) = wait(async {
        let stats = client.stats(&stock).await.expect("ratios");
        (stats, client.security(&stock).await.expect("a security"))
    });
    let field = |name: &str| number(&raw[name]);
    // Chevron's is in percent.
    let in_percent = recording.name() == "fk-CVX_overview.json";
    let pairs = [
        ("PERatio", stats.trailing_pe),
        ("ForwardPE", stats.forward_pe),
        ("PriceToBookRatio", stats.price_to_book),
        ("BookValue", stats.book_value),
        ("EPS", stats.trailing_eps),
        ("SharesOutstanding", stats.shares_outstanding),
        ("MarketCapitalization", stats.market_cap),
        ("ReturnOnEquityTTM", stats.return_on_equity),
    ];
    for (name, given) in pairs {
        let expected = field(name).filter(|_| !(in_percent && name == "ReturnOnEquityTTM"));
        assert_eq!(given, expected, "{name}");
    }
    assert_eq!(stats.currency, Some(Currency::USD));
    assert_eq!(security.issuer, text(&raw["Name"]));
    assert_eq!(security.sector, text(&raw["Sector"]));
    assert_eq!((security.trade_currency, security.adr_ratio), (Currency::USD, 1.0));
    let missing: Vec<_> =
        pairs.iter().filter(|(_, given)| given.is_none()).map(|(name, _)| *name).collect();
    let by_hand: &[&str] = match recording.name() {
        "fk-BMY_overview.json" | "fk-XOM_overview.json" => &["PERatio"],
        "fk-CVX_overview.json" => &["ReturnOnEquityTTM"],
        _ => &[],
    };
    assert_eq!(missing, by_hand);
    vec![format!("eight ratios, name, sector and currency equal; missing: {missing:?}")]
}

pub(super) fn estimates(_: &Shelf, recording: &Recording) -> Vec<String> {
    let raw = recording.json();
    let mut expected: Vec<&Value> =
        raw["estimates"].as_array().expect("estimates").iter().collect();
    expected.sort_by_key(|row| (text(&row["date"]), text(&row["horizon"])));
    let client = client(&[("EARNINGS_ESTIMATES", recording.clone())]);
    let (consensus, estimates) = wait(async {
        let consensus = client.consensus(&symbol("IBM")).await.expect("rows").rows;
        (consensus, client.estimates(&symbol("IBM")).await.expect("a snapshot").rows)
    });
    assert_eq!(consensus.len(), expected.len());
    let mut nulls = 0;
    for (row, raw) in consensus.iter().zip(expected) {
        let field = |name: &str| number(&raw[format!("eps_estimate_{name}")]);
        let count = |name: &str| field(name).map(|count| count as u32);
        assert_eq!(row.end_date, Some(day(text(&raw["date"]))));
        assert_eq!(row.period, text(&raw["horizon"]));
        assert_eq!(row.eps_average, field("average"));
        assert_eq!((row.eps_low, row.eps_high), (field("low"), field("high")));
        assert_eq!(row.eps_7_days_ago, field("average_7_days_ago"));
        assert_eq!(row.eps_30_days_ago, field("average_30_days_ago"));
        assert_eq!(row.eps_60_days_ago, field("average_60_days_ago"));
        assert_eq!(row.eps_90_days_ago, field("average_90_days_ago"));
        assert_eq!(row.analysts, count("analyst_count"));
        assert_eq!(row.up_30, count("revision_up_trailing_30_days"));
        assert_eq!(row.down_30, count("revision_down_trailing_30_days"));
        nulls += usize::from(row.down_30.is_none());
    }
    // By hand.
    let [snapshot] = &estimates[..] else { panic!("{estimates:?}") };
    assert_eq!((snapshot.as_of, snapshot.fy1_end), (day("2026-05-17"), day("2026-12-31")));
    assert_eq!((snapshot.fy1, snapshot.fy1_90d), (Some(12.4295), Some(12.4110)));
    assert_eq!((snapshot.fy2, snapshot.fy2_90d), (Some(13.4537), Some(13.4250)));
    assert_eq!((snapshot.fy1_low, snapshot.fy1_high), (Some(12.1), Some(12.69)));
    assert_eq!((snapshot.fy2_low, snapshot.fy2_high), (Some(12.67), Some(14.01)));
    assert_eq!((snapshot.fy2_up_30d, snapshot.fy2_down_30d), (Some(12), Some(7)));
    assert_eq!(snapshot.analysts, Some(21));
    vec![format!("{} periods equal, {nulls} without cuts; the snapshot by hand", consensus.len())]
}
