use super::{History, Listed};
use chrono::NaiveDate;
use decile_core::{Bar, Decimal, Price, Symbol};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;

/// Thirty real symbols with invented prices in whole dollars.
const STOCKS: [(&str, u32, &str, &str); 30] = [
    ("AAPL", 200, "Apple Inc", "Technology"),
    ("MSFT", 400, "Microsoft Corp", "Technology"),
    ("NVDA", 150, "NVIDIA Corp", "Technology"),
    ("AMZN", 200, "Amazon.com Inc", "Consumer, Cyclical"),
    ("GOOGL", 200, "Alphabet Inc-Cl A", "Communications"),
    ("META", 600, "Meta Platforms Inc-Class A", "Communications"),
    ("TSLA", 300, "Tesla Inc", "Consumer, Cyclical"),
    ("BRK.B", 500, "Berkshire Hathaway Inc-Cl B", "Financial"),
    ("JPM", 250, "JPMorgan Chase & Co", "Financial"),
    ("V", 300, "Visa Inc-Class A Shares", "Financial"),
    ("MA", 500, "Mastercard Inc - A", "Financial"),
    ("UNH", 400, "UnitedHealth Group Inc", "Consumer, Non-cyclical"),
    ("JNJ", 150, "Johnson & Johnson", "Consumer, Non-cyclical"),
    ("LLY", 800, "Eli Lilly & Co", "Consumer, Non-cyclical"),
    ("PG", 150, "Procter & Gamble Co/The", "Consumer, Non-cyclical"),
    ("KO", 60, "Coca-Cola Co/The", "Consumer, Non-cyclical"),
    ("PEP", 150, "PepsiCo Inc", "Consumer, Non-cyclical"),
    ("WMT", 100, "Walmart Inc", "Consumer, Cyclical"),
    ("COST", 900, "Costco Wholesale Corp", "Consumer, Cyclical"),
    ("HD", 400, "Home Depot Inc", "Consumer, Cyclical"),
    ("MCD", 300, "McDonald's Corp", "Consumer, Cyclical"),
    ("XOM", 100, "Exxon Mobil Corp", "Energy"),
    ("CVX", 150, "Chevron Corp", "Energy"),
    ("BAC", 50, "Bank of America Corp", "Financial"),
    ("ABBV", 200, "AbbVie Inc", "Consumer, Non-cyclical"),
    ("MRK", 100, "Merck & Co Inc", "Consumer, Non-cyclical"),
    ("CSCO", 60, "Cisco Systems Inc", "Communications"),
    ("ORCL", 150, "Oracle Corp", "Technology"),
    ("ADBE", 500, "Adobe Inc", "Technology"),
    ("NFLX", 700, "Netflix Inc", "Communications"),
];

/// Two years, and a few sessions for requests that count in calendar days.
const SESSIONS: usize = 520;

pub(super) fn stocks(seed: u64) -> BTreeMap<Symbol, Listed> {
    let listed = STOCKS.iter().enumerate().filter_map(|(index, (symbol, price, name, sector))| {
        let listed = Listed {
            reference: Price::new(Decimal::from(*price)).ok(),
            history: History::Undated(path(seed, index as u64, f64::from(*price))),
            sector: Some((*sector).to_owned()),
            name: Some((*name).to_owned()),
        };
        Some((symbol.parse().ok()?, listed))
    });
    listed.collect()
}

/// Draws a path of daily bars that ends at a price, from its end to its beginning.
///
/// Only `+ - * /` are used, which give the same last bit on every platform.
fn path(seed: u64, stock: u64, price: f64) -> Vec<Bar> {
    let mut draws = ChaCha8Rng::seed_from_u64(seed);
    draws.set_stream(stock);
    let mut uniform = || (draws.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut close = price;
    let mut bars: Vec<Bar> = Vec::with_capacity(SESSIONS);
    for _ in 0..SESSIONS {
        // Three uniform numbers make a bell: about 1.5 % a day, at most 4.5 %.
        let change = 0.03 * (uniform() + uniform() + uniform() - 1.5);
        let before = (close / (1.0 + change)).max(1.0);
        let open = before + 0.3 * (close - before) * uniform();
        let spread = 0.01 * close;
        bars.push(Bar {
            date: NaiveDate::MIN,
            open: Some(cents(open)),
            high: Some(cents(open.max(close) + spread * uniform())),
            low: Some(cents((open.min(close) - spread * uniform()).max(0.01))),
            close: cents(close),
            volume: Some((4e9 / price * (0.5 + uniform())).round()),
        });
        close = before;
    }
    bars.reverse();
    bars
}

fn cents(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(listed: &Listed) -> &[Bar] {
        match &listed.history {
            History::Undated(bars) | History::Bars(bars) => bars,
        }
    }

    #[test]
    fn paths_end_at_the_reference_and_follow_the_seed() {
        let (one, again, two) = (stocks(1), stocks(1), stocks(2));
        assert_eq!(one.len(), 30);
        for (symbol, listed) in &one {
            let last = bars(listed).last().unwrap();
            let reference = listed.reference.unwrap();
            assert_eq!(Price::from_f64(last.close).unwrap(), reference, "{symbol}");
            assert_eq!(bars(listed), bars(&again[symbol]));
            assert_ne!(bars(listed), bars(&two[symbol]));
        }
    }

    #[test]
    fn bars_are_consistent() {
        for bar in stocks(7).values().flat_map(|listed| bars(listed).to_vec()) {
            let (open, high, low) = (bar.open.unwrap(), bar.high.unwrap(), bar.low.unwrap());
            assert!(low <= open.min(bar.close) && open.max(bar.close) <= high, "{bar:?}");
            assert!(low > 0.0);
        }
    }
}
