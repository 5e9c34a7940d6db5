//! `OVERVIEW`: what a stock is, and ratios of today.

use super::reply::about;
use super::row::Row;
use crate::asked::Asked;
use crate::notes::Notes;
use crate::rows::SecurityRow;
use decile_core::Symbol;
use decile_core::source::{SourceError, Stats};
use smol_str::SmolStr;

/// A price that follows from two fields may leave the year's range by this factor: the numbers are
/// of different days.
const LEEWAY: f64 = 2.0;
/// A return on equity that is this many times what follows from its parts is a percentage.
const PERCENT: std::ops::Range<f64> = 50.0..200.0;

/// The fields with the ratios, which are there, if only with `None`, for every stock that is known.
const RATIOS: [&str; 8] = [
    "peratio",
    "forwardpe",
    "pricetobookratio",
    "bookvalue",
    "eps",
    "sharesoutstanding",
    "marketcapitalization",
    "returnonequityttm",
];
/// The fields that say what a stock is.
const PROFILE: [&str; 4] = ["name", "assettype", "sector", "currency"];

/// Reads the ratios, and drops those that contradict each other.
pub(super) fn stats(row: &Row, asked: &Asked, notes: &mut Notes) -> Result<Stats, SourceError> {
    about_stock(row, asked)?;
    is_overview(row, &RATIOS, asked)?;
    let mut stats = Stats::default();
    stats.currency = row.text("currency").and_then(|code| code.parse().ok());
    stats.trailing_pe = row.number("peratio", notes);
    stats.forward_pe = row.number("forwardpe", notes);
    stats.price_to_book = row.number("pricetobookratio", notes);
    stats.book_value = row.number("bookvalue", notes);
    stats.trailing_eps = row.number("eps", notes);
    stats.shares_outstanding = row.positive("sharesoutstanding", notes);
    stats.market_cap = row.positive("marketcapitalization", notes);
    stats.return_on_equity = row.number("returnonequityttm", notes);
    drop_contradictions(&mut stats, row, notes);
    Ok(stats)
}

/// A stock that is not known has an empty overview, which has been told apart before.
fn about_stock(row: &Row, asked: &Asked) -> Result<(), SourceError> {
    match row.text("symbol") {
        None => Err(asked.decode("it does not say which stock it is about")),
        symbol => about(symbol, asked),
    }
}

/// Refuses what has none of the fields: statements name their stock as well, and nothing but missing
/// ratios would come of them.
fn is_overview(row: &Row, fields: &[&str], asked: &Asked) -> Result<(), SourceError> {
    match fields.iter().any(|name| row.has(name)) {
        true => Ok(()),
        false => Err(asked.decode("it is no overview of a stock")),
    }
}

/// Ratios of this provider are not always of one share class, sign or unit; one of two that
/// contradict each other is wrong, and a number that may be wrong is worse than none.
fn drop_contradictions(stats: &mut Stats, row: &Row, notes: &mut Notes) {
    // A loss has no price-earnings ratio, and a negative book none to price.
    for (ratio, base, name) in [
        (&mut stats.trailing_pe, stats.trailing_eps, "PERatio"),
        (&mut stats.price_to_book, stats.book_value, "PriceToBookRatio"),
    ] {
        if let (Some(is), Some(of)) = (*ratio, base)
            && (is > 0.0) != (of > 0.0)
        {
            notes.warn(format!("{name} is {is} over {of}: dropped"));
            *ratio = None;
        }
    }
    if let (Some(is), Some(eps), Some(book)) =
        (stats.return_on_equity, stats.trailing_eps, stats.book_value)
        && PERCENT.contains(&(is / (eps / book)))
    {
        notes.warn(format!("ReturnOnEquityTTM is {is}, in percent it seems: dropped"));
        stats.return_on_equity = None;
    }
    let range = (row.positive("52weeklow", notes), row.positive("52weekhigh", notes));
    let (Some(low), Some(high)) = range else { return };
    let is_price = |price: f64| (low / LEEWAY..=high * LEEWAY).contains(&price);
    // Earnings and book of one class A share of Berkshire Hathaway stand beside the price of class B.
    for (ratio, base, name) in [
        (stats.trailing_pe, &mut stats.trailing_eps, "EPS"),
        (stats.price_to_book, &mut stats.book_value, "BookValue"),
    ] {
        if let (Some(ratio), Some(of)) = (ratio, *base)
            && !is_price(ratio * of)
        {
            notes.warn(format!("{name} is {of}, of another share class it seems: dropped"));
            *base = None;
        }
    }
    if let (Some(cap), Some(shares)) = (stats.market_cap, stats.shares_outstanding)
        && !is_price(cap / shares)
    {
        notes.warn(format!("SharesOutstanding is {shares}, of one class only it seems: dropped"));
        stats.shares_outstanding = None;
    }
}

/// Reads what the stock is.
pub(super) fn profile(
    row: &Row,
    symbol: &Symbol,
    asked: &Asked,
) -> Result<SecurityRow, SourceError> {
    about_stock(row, asked)?;
    is_overview(row, &PROFILE, asked)?;
    let text = |name| row.text(name).map(SmolStr::new);
    let mut profile = SecurityRow::new(symbol.clone());
    profile.issuer = text("name");
    profile.kind = text("assettype");
    profile.sector = text("sector");
    profile.trade_currency = row.text("currency").and_then(|code| code.parse().ok());
    if row.text("country") == Some("USA") && !is_receipt(row) {
        profile.report_currency = profile.trade_currency;
        profile.adr_ratio = Some(1.0);
    }
    Ok(profile)
}

/// Tells whether the stock calls itself a depositary receipt.
fn is_receipt(row: &Row) -> bool {
    let words = row.text("name").unwrap_or_default().split_whitespace();
    words.into_iter().any(|word| matches!(word, "ADR" | "ADS" | "GDR"))
        || row.text("description").is_some_and(|text| text.contains("epositary"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use decile_core::source::Fetched;

    fn read(fields: &[(&str, &str)]) -> (Stats, Vec<String>) {
        let mut row = Row::default();
        row.push("Symbol", "BRK-B");
        fields.iter().for_each(|(name, text)| row.push(name, text));
        let mut notes = Notes::default();
        let stats = stats(&row, &Asked::new("Alpha Vantage", "BRK.B"), &mut notes).unwrap();
        let mut fetched = Fetched::new(vec![()]);
        notes.append_to(&mut fetched);
        (stats, fetched.warnings)
    }

    #[test]
    fn figures_of_another_share_class_are_dropped() {
        // As recorded of BRK-B: earnings and book of class A, price of class B.
        let (stats, warnings) = read(&[
            ("EPS", "56027.15"),
            ("BookValue", "316350.56"),
            ("PERatio", "7.9"),
            ("PriceToBookRatio", "1.4"),
            ("52WeekLow", "223.5"),
            ("52WeekHigh", "303.7"),
        ]);
        assert_eq!((stats.trailing_eps, stats.book_value), (None, None));
        assert_eq!((stats.trailing_pe, warnings.len()), (Some(7.9), 2));
    }

    #[test]
    fn a_price_earnings_ratio_of_a_loss_is_dropped() {
        let (stats, warnings) = read(&[("EPS", "-14.74"), ("PERatio", "58.37")]);
        assert_eq!((stats.trailing_eps, stats.trailing_pe), (Some(-14.74), None));
        assert_eq!(warnings, ["PERatio is 58.37 over -14.74: dropped"]);
    }

    #[test]
    fn a_percentage_in_a_field_of_fractions_is_dropped() {
        // 5.16 / 70.48 = 0.073, and 7.4 is a hundred times that.
        let percent = [("EPS", "5.16"), ("BookValue", "70.48"), ("ReturnOnEquityTTM", "7.4")];
        assert_eq!(read(&percent).0.return_on_equity, None);
        // 5.61 / 3.841 = 1.46: a large return, and a true one.
        let large = [("EPS", "5.61"), ("BookValue", "3.841"), ("ReturnOnEquityTTM", "1.474")];
        assert_eq!(read(&large).0.return_on_equity, Some(1.474));
        assert_eq!(read(&[("ReturnOnEquityTTM", "-99999.99")]).0.return_on_equity, None);
    }

    #[test]
    fn shares_of_one_class_are_no_shares_of_the_company() {
        let prices = [("52WeekLow", "100"), ("52WeekHigh", "180")];
        let cap = ("MarketCapitalization", "2000000000000");
        let all = read(&[prices[0], prices[1], cap, ("SharesOutstanding", "12500000000")]);
        assert_eq!(all.0.shares_outstanding, Some(12_500_000_000.0));
        let one = read(&[prices[0], prices[1], cap, ("SharesOutstanding", "5000000000")]);
        assert_eq!((one.0.shares_outstanding, one.1.len()), (None, 1));
    }

    #[test]
    fn what_a_depositary_receipt_stands_for_is_not_known() {
        let profile = |name: &str| {
            let mut row = Row::default();
            let fields = [("Symbol", "QZA"), ("Currency", "USD"), ("Country", "USA")];
            fields.iter().chain(&[("Name", name)]).for_each(|(name, text)| row.push(name, text));
            profile(&row, &"QZA".parse().unwrap(), &Asked::new("Alpha Vantage", "QZA")).unwrap()
        };
        let usd = Some(decile_core::Currency::USD);
        let domestic = profile("Quartz Adrift Inc");
        assert_eq!((domestic.report_currency, domestic.adr_ratio), (usd, Some(1.0)));
        let receipt = profile("Quartz Abroad ADR");
        assert_eq!((receipt.report_currency, receipt.adr_ratio), (None, None));
        assert_eq!(receipt.trade_currency, usd);
    }
}
