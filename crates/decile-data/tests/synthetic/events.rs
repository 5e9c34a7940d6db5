//! Every event that the synthetic market promises is in its prices and actions.

use super::{default_market, markets, stock};
use chrono::NaiveDate;
use decile_core::{ActionKind, Bar, CorporateAction, Stock};

fn ratios(stock: &Stock) -> Vec<f64> {
    stock.actions().iter().filter_map(CorporateAction::split_ratio).collect()
}

/// Returns the share's price before an ex-date as the ex-date's session sees it.
fn carried_over(stock: &Stock, before: &Bar, date: NaiveDate) -> f64 {
    let actions = stock.actions().iter();
    let due = actions.filter(|action| before.date < action.ex_date && action.ex_date <= date);
    due.fold(before.close, |price, action| match action.kind {
        ActionKind::Split => price / action.value,
        ActionKind::Dividend | ActionKind::Spinoff => price - action.value,
    })
}

#[test]
fn shares_split_and_merge() {
    for market in markets() {
        for (symbol, ratio) in [
            ("QZKM", 3.0),
            ("QZBV", 4.0),
            ("QZHT", 2.0),
            ("QZCQ", 2.0),
            ("QZAB", 5.0),
            ("QZMW", 0.1),
        ] {
            assert!(ratios(stock(market, symbol)).contains(&ratio), "{symbol}");
        }
    }
}

#[test]
fn prices_go_on_across_ex_dates() {
    for market in markets() {
        for stock in market.stocks() {
            for pair in stock.bars().windows(2) {
                let gain = pair[1].close / carried_over(stock, &pair[0], pair[1].date) - 1.0;
                let days = (pair[1].date - pair[0].date).num_days();
                // 60 % a year is 3.8 % a session; a split that is not carried over would be 50 %.
                let most = if days > 7 { 0.45 } else { 0.25 };
                assert!(gain.abs() < most, "{} {} {gain}", stock.symbol(), pair[1].date);
            }
        }
    }
}

#[test]
fn raw_closes_drop_on_the_ex_date_of_a_split() {
    let market = default_market();
    let stock = stock(market, "QZBV");
    let split = stock.actions().iter().find(|action| action.value == 4.0).unwrap();
    let at = stock.bars().iter().position(|bar| bar.date == split.ex_date).unwrap();
    let change = stock.bars()[at].close / stock.bars()[at - 1].close;
    assert!((0.2..0.3).contains(&change), "{change}");
    let volume = |bar: &Bar| bar.volume.unwrap();
    let mean = |bars: &[Bar]| bars.iter().map(volume).sum::<f64>() / bars.len() as f64;
    let more = mean(&stock.bars()[at..at + 60]) / mean(&stock.bars()[at - 60..at]);
    assert!((3.0..5.0).contains(&more), "{more}");
}

#[test]
fn a_company_is_spun_off() {
    for market in markets() {
        let parent = stock(market, "QZEF");
        let actions = parent.actions().iter();
        let spinoffs: Vec<_> =
            actions.filter(|action| action.kind == ActionKind::Spinoff).collect();
        assert_eq!(spinoffs.len(), 1);
        let eve = market.calendar().session_before(spinoffs[0].ex_date).unwrap();
        let share = spinoffs[0].value / parent.close_at(eve).unwrap().1;
        assert!((share - 0.12).abs() < 0.001, "{share}");
    }
}

#[test]
fn one_stock_halts_one_comes_and_one_goes() {
    for market in markets() {
        let calendar = market.calendar();
        for stock in market.stocks() {
            let bars = stock.bars();
            let place = |bar: &Bar| calendar.position(bar.date).unwrap();
            let (first, last) = (place(&bars[0]), place(&bars[bars.len() - 1]));
            let missing = last + 1 - first - bars.len();
            let longest = bars.windows(2).map(|pair| place(&pair[1]) - place(&pair[0]) - 1).max();
            let sessions = calendar.len() as f64;
            match stock.symbol().as_str() {
                "QZFG" => assert_eq!((missing, longest), (9, Some(9))),
                symbol => assert_eq!(missing, 0, "{symbol}"),
            }
            match stock.symbol().as_str() {
                "QZDL" => assert!((0.3..0.4).contains(&(first as f64 / sessions))),
                symbol => assert_eq!(first, 0, "{symbol}"),
            }
            match stock.symbol().as_str() {
                "QZSD" => assert!((0.67..0.9).contains(&(last as f64 / sessions))),
                symbol => assert_eq!(last, calendar.len() - 1, "{symbol}"),
            }
        }
    }
}

#[test]
fn about_half_of_the_stocks_pay_every_quarter() {
    for market in markets() {
        let paid = |stock: &Stock| {
            stock.actions().iter().filter(|action| action.kind == ActionKind::Dividend).count()
        };
        let counts: Vec<_> = market.stocks().iter().map(paid).collect();
        let payers = counts.iter().filter(|count| **count >= 22).count();
        assert!((13..=18).contains(&payers), "{counts:?}");
        assert_eq!(counts.iter().filter(|count| **count == 0).count(), 30 - payers);
    }
}

#[test]
fn sessions_are_consistent_and_in_cents() {
    for market in markets() {
        for stock in market.stocks() {
            for bar in stock.bars() {
                let (open, high, low) = (bar.open.unwrap(), bar.high.unwrap(), bar.low.unwrap());
                assert!(low <= open.min(bar.close) && open.max(bar.close) <= high, "{bar:?}");
                assert!(bar.volume.unwrap() >= 1.0);
                for price in [open, high, low, bar.close] {
                    assert_eq!(format!("{price:.2}").parse(), Ok(price));
                }
                assert!((4.0..750.0).contains(&bar.close), "{} {bar:?}", stock.symbol());
            }
        }
    }
}

#[test]
fn volatilities_are_those_of_stocks() {
    let market = default_market();
    for stock in market.stocks() {
        let gains: Vec<f64> = (stock.bars().windows(2))
            .map(|pair| pair[1].close / carried_over(stock, &pair[0], pair[1].date) - 1.0)
            .collect();
        let count = gains.len() as f64;
        let mean = gains.iter().sum::<f64>() / count;
        let variance = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / count;
        let volatility = (252.0 * variance).sqrt();
        assert!((0.16..0.65).contains(&volatility), "{} {volatility}", stock.symbol());
    }
}

#[test]
fn the_benchmark_has_every_session() {
    let market = default_market();
    let dates: Vec<_> = market.benchmark().iter().map(|close| close.date).collect();
    assert_eq!(dates, market.calendar().sessions());
}
