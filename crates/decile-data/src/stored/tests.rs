use super::*;
use decile_core::source::QuoteSource;
use decile_core::{ActionKind, Calendar, ReportTime, Tables};
use futures::executor::block_on;

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).unwrap()
}

fn coke() -> Symbol {
    "KO".parse().unwrap()
}

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

fn january() -> DateRange {
    DateRange::new(day(1), day(31)).unwrap()
}

/// Ten sessions, 1 to 10 January 2024, with a row of everything on each of the days kept.
///
/// A filing filed after the close of a day is known a session later.
fn market(kept: impl Fn(u32) -> bool) -> Arc<Market> {
    let mut tables = Tables::default();
    tables.securities.push(Security::us(coke(), "Coca-Cola", "Staples"));
    for d in (1..=10).filter(|d| kept(*d)) {
        let bar = Bar { volume: Some(1e6), ..Bar::close_only(day(d), 10.0 + f64::from(d)) };
        tables.prices.push((coke(), bar));
        tables.actions.push(CorporateAction {
            symbol: coke(),
            ex_date: day(d),
            kind: ActionKind::Dividend,
            value: 0.1,
        });
        let period_end = NaiveDate::from_ymd_opt(2023, 12, d).unwrap();
        let mut filing = Filing::new(coke(), period_end, "10-Q".parse().unwrap());
        filing.filed = Some(day(d));
        filing.report_time = ReportTime::Post;
        tables.filings.push(filing);
        tables.estimates.push(EstimateSnapshot::new(coke(), day(d), day(31)));
        tables.fx.push(FxRate { date: day(d), currency: euro(), usd_per_unit: 1.0 + f64::from(d) });
    }
    let calendar = Calendar::from_sessions((1..=10).map(day).collect()).unwrap();
    Arc::new(Market::new(calendar, tables).unwrap())
}

/// Everything that a stored market says.
fn everything(stored: &StoredMarket) -> String {
    let time = "2024-01-05T15:00:00Z".parse().unwrap();
    block_on(async {
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            stored.bars(&coke(), january()).await,
            stored.actions(&coke(), january()).await,
            stored.filings(&coke()).await,
            stored.estimates(&coke()).await,
            stored.rates(euro(), january()).await,
            stored.security(&coke()).await,
            stored.session_quotes(time).quotes(&[coke()]).await,
        )
    })
}

#[test]
fn nothing_after_as_of_is_read() {
    for d in 1..=9 {
        let whole = StoredMarket::new(market(|_| true), day(d)).unwrap();
        let cut = StoredMarket::new(market(|row| row <= d), day(d)).unwrap();
        assert_eq!(everything(&whole), everything(&cut), "as of day {d}");
    }
}

#[test]
fn everything_up_to_as_of_is_given() {
    let stored = StoredMarket::new(market(|_| true), day(4)).unwrap();
    let four = [1, 2, 3, 4].map(day);
    block_on(async {
        let bars = stored.bars(&coke(), january()).await.unwrap();
        assert_eq!(bars.rows.iter().map(|bar| bar.date).collect::<Vec<_>>(), four);
        let actions = stored.actions(&coke(), january()).await.unwrap();
        assert_eq!(actions.rows.iter().map(|action| action.ex_date).collect::<Vec<_>>(), four);
        let rates = stored.rates(euro(), january()).await.unwrap();
        assert_eq!(rates.rows.iter().map(|rate| rate.date).collect::<Vec<_>>(), four);
        // Known a session after they were filed; usable a session after they were shown.
        let filings = stored.filings(&coke()).await.unwrap();
        assert_eq!(
            filings.rows.iter().filter_map(|filing| filing.filed).collect::<Vec<_>>(),
            four[..3]
        );
        let estimates = stored.estimates(&coke()).await.unwrap();
        assert_eq!(estimates.rows.iter().map(|row| row.as_of).collect::<Vec<_>>(), four[..3]);
        assert_eq!(stored.security(&coke()).await.unwrap().issuer, "Coca-Cola");
    });
}

#[test]
fn the_range_is_kept_at_both_ends() {
    let stored = StoredMarket::new(market(|_| true), day(9)).unwrap();
    let range = DateRange::new(day(3), day(5)).unwrap();
    let three = [3, 4, 5].map(day);
    block_on(async {
        let bars = stored.bars(&coke(), range).await.unwrap();
        assert_eq!(bars.rows.iter().map(|bar| bar.date).collect::<Vec<_>>(), three);
        let actions = stored.actions(&coke(), range).await.unwrap();
        assert_eq!(actions.rows.iter().map(|action| action.ex_date).collect::<Vec<_>>(), three);
        let rates = stored.rates(euro(), range).await.unwrap();
        assert_eq!(rates.rows.iter().map(|rate| rate.date).collect::<Vec<_>>(), three);
    });
}

#[test]
fn what_is_not_there_is_an_error_or_an_empty_list() {
    let stored = StoredMarket::new(market(|d| d > 2), day(2)).unwrap();
    let stranger: Symbol = "XX".parse().unwrap();
    block_on(async {
        let error = stored.bars(&stranger, january()).await.unwrap_err();
        assert_eq!(error.to_string(), "the stored market has no data for XX");
        assert!(matches!(
            stored.actions(&stranger, january()).await,
            Err(SourceError::NotFound { .. })
        ));
        assert!(matches!(stored.filings(&stranger).await, Err(SourceError::NotFound { .. })));
        assert!(matches!(stored.estimates(&stranger).await, Err(SourceError::NotFound { .. })));
        assert!(matches!(stored.security(&stranger).await, Err(SourceError::NotFound { .. })));
        let error = stored.bars(&coke(), january()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the stored market has no data for KO from 2024-01-01 to 2024-01-31"
        );
        assert!(stored.actions(&coke(), january()).await.unwrap().rows.is_empty());
        // The euro's rates begin later, so on this day it is as good as unknown.
        assert!(matches!(stored.rates(euro(), january()).await, Err(SourceError::NotFound { .. })));
        assert!(stored.rates(Currency::USD, january()).await.unwrap().rows.is_empty());
    });
}

#[test]
fn as_of_must_be_a_session() {
    let error = StoredMarket::new(market(|_| true), day(11)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2024-01-11 is not a session of the market: they run from 2024-01-01 to 2024-01-10; give one of them"
    );
    let calendar = Calendar::from_sessions(vec![day(2), day(5), day(8)]).unwrap();
    let mut tables = Tables::default();
    tables.securities.push(Security::us(coke(), "Coca-Cola", "Staples"));
    tables.prices.push((coke(), Bar::close_only(day(2), 1.0)));
    let market = Arc::new(Market::new(calendar, tables).unwrap());
    let error = StoredMarket::new(market, day(7)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2024-01-07 is not a session of the market: the last one before it is 2024-01-05; give that one"
    );
}

/// The quote on 10 January of a stock whose newest close is the one given.
fn quote(session: u32, close: f64, half_spread: Option<&str>) -> Option<decile_core::Quote> {
    let mut tables = Tables::default();
    tables.securities.push(Security { trade_currency: euro(), ..Security::us(coke(), "C", "S") });
    tables.prices.push((coke(), Bar::close_only(day(session), close)));
    let calendar = Calendar::from_sessions((1..=10).map(day).collect()).unwrap();
    let market = Arc::new(Market::new(calendar, tables).unwrap());
    let mut source = SessionQuotes::new(
        StoredMarket::new(market, day(10)).unwrap(),
        "2024-01-11T15:00:00Z".parse().unwrap(),
    );
    if let Some(half_spread) = half_spread {
        source = source.with_half_spread(half_spread.parse().unwrap());
    }
    let stranger = "XX".parse().unwrap();
    let mut quotes = block_on(source.quotes(&[stranger, coke()])).unwrap();
    assert!(quotes.len() <= 1, "a stranger has no quote: {quotes:?}");
    quotes.pop()
}

fn prices(quote: &decile_core::Quote) -> [Option<String>; 4] {
    [quote.bid, quote.last, quote.ask, quote.previous_close].map(|price| Some(price?.to_string()))
}

#[test]
fn a_quote_is_centred_on_the_close() {
    let quote = quote(10, 123.45, None).unwrap();
    // 123.45 ± 0.02469, outwards to the cent.
    assert_eq!(
        prices(&quote),
        ["123.42", "123.45", "123.48", "123.45"].map(|p| Some(p.to_owned()))
    );
    assert_eq!((quote.currency, quote.time), (euro(), "2024-01-11T15:00:00Z".parse().unwrap()));
}

#[test]
fn the_spread_rounds_outwards_and_can_be_set() {
    let bid_and_ask = |close, half_spread| {
        let [bid, _, ask, _] = prices(&quote(10, close, half_spread).unwrap());
        (bid, ask)
    };
    let pair = |bid: &str, ask: &str| (Some(bid.to_owned()), Some(ask.to_owned()));
    assert_eq!(bid_and_ask(10.0, None), pair("9.99", "10.01"));
    assert_eq!(bid_and_ask(10.0, Some("0.001")), pair("9.99", "10.01"));
    assert_eq!(bid_and_ask(10.0, Some("0")), pair("10", "10"));
    assert_eq!(bid_and_ask(10.0, Some("-1")), pair("10", "10"));
    assert_eq!(bid_and_ask(319.7456, None), pair("319.68", "319.81")); // ± 0.06394912
    assert_eq!(bid_and_ask(0.004, None), (None, Some("0.01".to_owned())));
}

#[test]
fn a_close_older_than_five_sessions_is_no_price() {
    assert_eq!(quote(5, 50.0, None).unwrap().last, Some("50".parse().unwrap()));
    assert_eq!(quote(4, 50.0, None), None);
}

#[test]
fn prints_itself_without_its_rows() {
    let stored = StoredMarket::new(market(|_| true), day(2)).unwrap();
    assert_eq!(format!("{stored:?}"), "StoredMarket { stocks: 1, as_of: 2024-01-02, .. }");
}
