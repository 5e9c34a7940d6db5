//! Holds a provider's own market value and ratios against those of the rows.

use super::note::StockNotes;
use crate::wrappers::{Gap, Tolerance};
use chrono::NaiveDate;
use decile_core::source::Stats;
use decile_core::{Bar, Calendar, CorporateAction, Currency, Filing, FxRate, Security, Stock};
use std::collections::BTreeMap;

const TOLERANCE: Tolerance = Tolerance { warned: 0.05, missing: 0.50 };

/// Days between the ends of neighbouring quarters: 12, 13 or 16 weeks.
const QUARTER_DAYS: std::ops::RangeInclusive<i64> = 80..=120;

/// A stock on its last day, without its filings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Today<'a> {
    pub(super) security: &'a Security,
    pub(super) bars: &'a [Bar],
    pub(super) actions: &'a [CorporateAction],
    pub(super) fx: &'a [FxRate],
    pub(super) calendar: &'a Calendar,
}

/// Takes shares, net income or book equity out of the newest quarter where the provider's number is
/// more than half away from what they give, and notes smaller gaps.
pub(super) fn check(
    today: Today<'_>,
    filings: &mut [Filing],
    stats: &Stats,
    notes: &mut StockNotes<'_>,
) {
    let Some(numbers) = Numbers::of(today, filings) else { return };
    let trade = today.security.trade_currency;
    let in_currency = |number: Option<f64>| {
        number.filter(|_| stats.currency.is_none_or(|currency| currency == trade))
    };
    let checks = [
        ("market value", Some(numbers.market_cap), in_currency(stats.market_cap), Item::Shares),
        ("price-earnings ratio", numbers.price_earnings, stats.trailing_pe, Item::NetIncome),
        ("price-to-book ratio", numbers.price_to_book, stats.price_to_book, Item::BookEquity),
    ];
    for (what, ours, theirs, item) in checks {
        let newest = &mut filings[numbers.newest];
        let values = format!(
            "the {what} is {:.6} by its rows and {:.6} by the provider",
            ours.unwrap_or_default(),
            theirs.unwrap_or_default()
        );
        match TOLERANCE.gap(ours, theirs) {
            Gap::Fine => {}
            Gap::Warned(_) => notes.note(values),
            Gap::Missing(_) => {
                notes.drop(format!(
                    "{values}: {} of the newest quarter is missing",
                    item.empty(newest)
                ));
            }
        }
    }
}

/// Which number of a filing a ratio rests on.
#[derive(Debug, Clone, Copy)]
enum Item {
    Shares,
    NetIncome,
    BookEquity,
}

impl Item {
    fn empty(self, filing: &mut Filing) -> &'static str {
        let (name, value) = match self {
            Self::Shares => ("shares", &mut filing.shares),
            Self::NetIncome => ("net_income", &mut filing.net_income),
            Self::BookEquity => ("book_equity", &mut filing.book_equity),
        };
        *value = None;
        name
    }
}

/// What the rows give; a ratio to a loss or to nothing is missing, as providers leave it out.
struct Numbers {
    newest: usize,
    market_cap: f64,
    price_earnings: Option<f64>,
    price_to_book: Option<f64>,
}

impl Numbers {
    /// Market value: price x shares x later splits / depositary ratio. `None` without a price that
    /// is young enough, or without shares of the newest quarter.
    fn of(today: Today<'_>, filings: &[Filing]) -> Option<Self> {
        let as_of = today.calendar.last();
        let bar = today.bars.last()?;
        let age = today.calendar.position(as_of)? - today.calendar.position(bar.date)?;
        if age > Stock::PRICE_AGE_SESSIONS_MAX {
            return None;
        }
        let quarters = known(filings, today.calendar);
        let (_, newest) = quarters.last_key_value()?;
        let filing = &filings[*newest];
        let splits = CorporateAction::due(today.actions, filing.period_end, bar.date);
        let splits: f64 = splits.into_iter().filter_map(CorporateAction::split_ratio).product();
        let shares = filing.shares.filter(|shares| *shares > 0.0)?;
        let market_cap = bar.close * shares * splits / today.security.adr_ratio;
        let fx = today.exchange(filing.currency);
        let over = |amount: Option<f64>| {
            let amount = amount.filter(|amount| *amount > 0.0)?;
            Some(market_cap / (amount * fx?))
        };
        Some(Self {
            newest: *newest,
            market_cap,
            price_earnings: over(last_four(filings, &quarters)),
            price_to_book: over(filing.book_equity),
        })
    }
}

/// The row that counts of each quarter that is known, by the end of the quarter.
fn known(filings: &[Filing], calendar: &Calendar) -> BTreeMap<NaiveDate, usize> {
    let mut rows: Vec<_> = (0..filings.len())
        .filter_map(|row| Some((filings[row].known_on(calendar)?, filings[row].filed, row)))
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, _, row)| (filings[row].period_end, row)).collect()
}

/// Net income of the last four quarters, if they follow one another in one currency.
fn last_four(filings: &[Filing], quarters: &BTreeMap<NaiveDate, usize>) -> Option<f64> {
    let rows: Vec<&Filing> = quarters.values().rev().take(4).map(|row| &filings[*row]).collect();
    let follow = |[later, earlier]: &[&Filing; 2]| {
        QUARTER_DAYS.contains(&(later.period_end - earlier.period_end).num_days())
            && later.currency == earlier.currency
    };
    let whole = rows.len() == 4 && rows.array_windows().all(follow);
    rows.iter().map(|filing| filing.net_income).sum::<Option<f64>>().filter(|_| whole)
}

impl Today<'_> {
    /// Units of the trading currency for one of the other, by the newest rates.
    fn exchange(&self, from: Currency) -> Option<f64> {
        let to = self.security.trade_currency;
        if from == to {
            return Some(1.0);
        }
        let usd_per_unit = |currency: Currency| match currency {
            Currency::USD => Some(1.0),
            _ => {
                let newest = self.fx.iter().rfind(|rate| rate.currency == currency)?;
                Some(newest.usd_per_unit)
            }
        };
        Some(usd_per_unit(from)? / usd_per_unit(to)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assembly::note::Notes;
    use decile_core::ActionKind;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A Japanese company at 20 dollars a receipt of 2 shares, split 5 for 1 since its newest
    /// quarter: 100 shares x 5 / 2 x 20 = 5,000 dollars. Net income 4 x 10,000 yen, book 250,000 yen, a
    /// cent a yen: 400 and 2,500 dollars, so a price-earnings ratio of 12.5 and 2 times book.
    fn checked(
        set: impl Fn(&mut Stats),
        change: impl Fn(&mut Vec<Filing>),
    ) -> (Filing, Vec<String>) {
        let symbol: decile_core::Symbol = "TM".parse().unwrap();
        let mut security = Security::us(symbol.clone(), "Toyota", "Cars");
        let yen: Currency = "JPY".parse().unwrap();
        (security.adr_ratio, security.report_currency) = (2.0, yen);
        let filing = |end: &str| {
            let mut filing = Filing::new(symbol.clone(), date(end), "10-Q".parse().unwrap());
            filing.filed = filing.period_end.checked_add_days(chrono::Days::new(40));
            filing.currency = yen;
            filing.net_income = Some(10_000.0);
            (filing.book_equity, filing.shares) = (Some(250_000.0), Some(100.0));
            filing
        };
        let ends = ["2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30"];
        let mut filings = ends.map(filing).to_vec();
        change(&mut filings);
        let mut stats = Stats::default();
        stats.market_cap = Some(5_000.0);
        (stats.trailing_pe, stats.price_to_book) = (Some(12.5), Some(2.0));
        set(&mut stats);
        let as_of = date("2024-11-29");
        let calendar = Calendar::nyse().between(date("2024-01-02"), as_of).to_vec();
        let today = Today {
            security: &security,
            bars: &[Bar::close_only(as_of, 20.0)],
            actions: &[CorporateAction {
                symbol: symbol.clone(),
                ex_date: date("2024-10-15"),
                kind: ActionKind::Split,
                value: 5.0,
            }],
            fx: &[FxRate { date: date("2024-11-01"), currency: yen, usd_per_unit: 0.01 }],
            calendar: &Calendar::from_sessions(calendar).unwrap(),
        };
        let mut notes = Notes::default();
        check(today, &mut filings, &stats, &mut notes.of(&symbol));
        let texts = notes.into_list().into_iter().map(|note| note.text).collect();
        (filings.pop().unwrap(), texts)
    }

    #[test]
    fn numbers_that_agree_say_nothing() {
        let (newest, notes) = checked(|_| (), |_| ());
        assert_eq!(notes, [""; 0]);
        assert_eq!(newest.shares, Some(100.0));
    }

    #[test]
    fn a_small_gap_is_noted_and_a_large_one_takes_the_number_out() {
        let (newest, notes) = checked(|stats| stats.market_cap = Some(4_500.0), |_| ());
        assert_eq!(newest.shares, Some(100.0));
        assert!(notes[0].starts_with("the market value is 5000.0"), "{notes:?}");
        let (newest, notes) = checked(|stats| stats.market_cap = Some(1_000.0), |_| ());
        assert_eq!((newest.shares, notes.len()), (None, 1));
        let (newest, _) = checked(|stats| stats.trailing_pe = Some(60.0), |_| ());
        assert_eq!((newest.net_income, newest.book_equity), (None, Some(250_000.0)));
        let (newest, _) = checked(|stats| stats.price_to_book = Some(0.33), |_| ());
        assert_eq!((newest.net_income, newest.book_equity), (Some(10_000.0), None));
    }

    #[test]
    fn what_cannot_be_compared_is_left_alone() {
        let yen = |stats: &mut Stats| {
            stats.currency = "JPY".parse().ok();
            stats.market_cap = Some(500_000.0);
        };
        assert_eq!(checked(yen, |_| ()).1, [""; 0]);
        // A loss has no price-earnings ratio, and a missing quarter no year.
        let far = |stats: &mut Stats| stats.trailing_pe = Some(60.0);
        assert_eq!(checked(far, |filings| filings[0].net_income = Some(-1e6)).1, [""; 0]);
        assert_eq!(checked(far, |filings| drop(filings.remove(1))).1, [""; 0]);
        assert_eq!(checked(far, |filings| filings[1].net_income = None).1, [""; 0]);
        assert_eq!(checked(far, |filings| filings[3].shares = None).1, [""; 0]);
    }

    #[test]
    fn what_is_not_known_yet_does_not_count() {
        let later = |filings: &mut Vec<Filing>| filings[3].filed = Some(date("2024-12-24"));
        let (newest, notes) = checked(|stats| stats.market_cap = Some(1_000.0), later);
        // Shares of the quarter before are taken out, which is not the last row.
        assert_eq!((newest.shares, notes.len()), (Some(100.0), 1));
    }
}
