//! Filings and estimates of the synthetic market: what they promise, and when they are known.

use super::{default_market, markets, originals, stock};
use decile_core::{Calendar, EstimateSnapshot, Filing, FormKind, Market, ReportTime, Stock};

fn every_filing(market: &Market) -> impl Iterator<Item = &Filing> {
    market.stocks().iter().flat_map(Stock::filings)
}

#[test]
fn filings_come_20_to_60_days_after_their_quarter_and_within_the_span() {
    for market in markets() {
        for filing in every_filing(market) {
            let known = filing.known_on(Calendar::nyse()).unwrap();
            assert!(filing.period_end < known && known <= market.calendar().last(), "{filing:?}");
            if let (Some(filed), "10-Q" | "10-K") = (filing.filed, filing.form.as_str()) {
                let days = (filed - filing.period_end).num_days();
                assert!((20..=60).contains(&days), "{filing:?}");
            }
        }
    }
}

#[test]
fn filing_times_are_mixed_and_a_few_days_are_unknown() {
    for market in markets() {
        let share = |wanted: &dyn Fn(&Filing) -> bool| {
            let count = every_filing(market).filter(|filing| wanted(filing)).count();
            count as f64 / every_filing(market).count() as f64
        };
        assert!((0.3..0.5).contains(&share(&|filing| filing.report_time == ReportTime::Pre)));
        assert!((0.3..0.6).contains(&share(&|filing| filing.report_time == ReportTime::Post)));
        assert!((0.08..0.3).contains(&share(&|filing| filing.report_time == ReportTime::Unknown)));
        assert!((0.005..0.06).contains(&share(&Filing::is_imputed)));
    }
}

#[test]
fn nine_quarters_are_known_before_the_first_session() {
    let market = default_market();
    for stock in market.stocks().iter().filter(|stock| stock.symbol() != &"QZDL") {
        let first = market.calendar().first();
        let known = |filing: &&&Filing| filing.known_on(Calendar::nyse()).unwrap() <= first;
        assert!(originals(stock).iter().filter(known).count() >= 9, "{}", stock.symbol());
    }
    let listed = stock(market, "QZDL");
    let first = listed.bars()[0].date;
    let prospectus = originals(listed).into_iter().filter(|filing| filing.form.as_str() == "S-1");
    let days: Vec<_> = prospectus.map(|filing| filing.filed.unwrap()).collect();
    assert_eq!(days.len(), 9);
    assert!(days.iter().all(|day| *day < first && (first - *day).num_days() < 20));
}

#[test]
fn quarters_follow_each_other_and_the_fourth_is_a_10_k() {
    for market in markets() {
        for stock in market.stocks() {
            let rows = originals(stock);
            for pair in rows.windows(2) {
                let days = (pair[1].period_end - pair[0].period_end).num_days();
                assert!((84..=119).contains(&days), "{} {days}", stock.symbol());
            }
            let regular = rows.iter().filter(|filing| filing.form.as_str() != "S-1");
            let kinds: Vec<_> = regular.map(|filing| filing.form.kind()).collect();
            let annual =
                |kinds: &[FormKind]| kinds.iter().filter(|k| **k == FormKind::Annual).count();
            assert!(kinds.windows(4).all(|year| annual(year) == 1), "{}", stock.symbol());
        }
        let weeks = originals(stock(market, "QZPW"));
        assert!(
            weeks
                .iter()
                .all(|filing| (filing.period_end - weeks[0].period_end).num_days() % 7 == 0)
        );
    }
}

#[test]
fn quarters_are_filed_again_with_less_income() {
    for market in markets() {
        for (symbol, days_least) in [("QZOF", 0), ("QZGW", 0), ("QZVS", 90), ("QZFM", 400)] {
            let stock = stock(market, symbol);
            let again: Vec<_> =
                stock.filings().iter().filter(|f| f.form.as_str().ends_with("/A")).collect();
            assert_eq!(again.len(), 1, "{symbol}");
            let rows = originals(stock);
            let first = rows.iter().find(|row| row.period_end == again[0].period_end).unwrap();
            assert_eq!(again[0].form.as_str(), format!("{}/A", first.form));
            assert!(
                again[0].net_income < first.net_income && again[0].book_equity < first.book_equity
            );
            let calendar = Calendar::nyse();
            assert!(first.known_on(calendar) < again[0].known_on(calendar));
            let age = (again[0].filed.unwrap() - again[0].period_end).num_days();
            assert!(age > days_least, "{symbol} {age}");
        }
    }
}

#[test]
fn three_make_losses_and_one_has_negative_book() {
    for market in markets() {
        for stock in market.stocks() {
            let symbol = stock.symbol().as_str();
            let income = |filing: &Filing| filing.net_income.unwrap();
            let sum: f64 = stock.filings().iter().map(income).sum();
            assert_eq!(sum < 0.0, ["QZMW", "QZTR", "QZDL"].contains(&symbol), "{symbol}");
            let negative =
                stock.filings().iter().filter(|filing| filing.book_equity < Some(0.0)).count();
            if symbol == "QZNB" {
                assert_eq!(negative, stock.filings().len());
            } else {
                assert_eq!(negative, 0, "{symbol}");
            }
        }
    }
}

#[test]
fn income_is_seasonal() {
    let market = default_market();
    let rows = originals(stock(market, "QZKM"));
    let mean = |kind: FormKind| {
        let rows: Vec<_> = rows.iter().filter(|filing| filing.form.kind() == kind).collect();
        rows.iter().map(|filing| filing.net_income.unwrap()).sum::<f64>() / rows.len() as f64
    };
    assert!(mean(FormKind::Annual) > 1.4 * mean(FormKind::Quarterly));
}

#[test]
fn shares_are_on_the_split_basis_of_the_quarters_end() {
    let market = default_market();
    let stock = stock(market, "QZBV");
    let split = stock.actions().iter().find(|action| action.value == 4.0).unwrap().ex_date;
    let shares = |after: bool| {
        let rows = originals(stock);
        let mut ends = rows.iter().filter(|filing| (filing.period_end >= split) == after);
        if after { ends.next() } else { ends.next_back() }.unwrap().shares.unwrap()
    };
    let ratio = shares(true) / shares(false);
    assert!((ratio - 4.0).abs() < 0.05, "{ratio}");
}

#[test]
fn dividends_paid_are_the_cash_of_the_ex_dates() {
    let market = default_market();
    for stock in market.stocks() {
        let rows = originals(stock);
        for pair in rows.windows(2).filter(|pair| pair[0].period_end > market.calendar().first()) {
            let within = |date| pair[0].period_end < date && date <= pair[1].period_end;
            let actions = stock.actions().iter();
            let splits = actions
                .clone()
                .any(|action| action.split_ratio().is_some() && within(action.ex_date));
            let cash: f64 = actions
                .filter(|action| {
                    action.kind == decile_core::ActionKind::Dividend && within(action.ex_date)
                })
                .map(|action| action.value * pair[1].shares.unwrap())
                .sum();
            // A split between ex-date and quarter's end changes the shares that were paid.
            if !splits {
                assert!((cash - pair[1].dividends_paid.unwrap()).abs() < 1000.0, "{:?}", pair[1]);
            }
        }
    }
}

#[test]
fn estimates_have_the_gaps_of_real_ones() {
    for market in markets() {
        assert_eq!(stock(market, "QZIM").estimates(), []);
        let dropped = stock(market, "QZLS").estimates().last().unwrap().as_of;
        assert!((market.calendar().last() - dropped).num_days() > 365);
        let all = || market.stocks().iter().flat_map(Stock::estimates);
        let share = |wanted: &dyn Fn(&EstimateSnapshot) -> bool| {
            all().filter(|row| wanted(row)).count() as f64 / all().count() as f64
        };
        assert!((0.005..0.08).contains(&share(&|row| row.fy2.is_none())));
        assert!((0.005..0.08).contains(&share(&|row| row.fy1_90d.is_none())));
        assert!((0.005..0.08).contains(&share(&|row| row.recommendation.is_none())));
        let gap = |pair: &[EstimateSnapshot]| (pair[1].as_of - pair[0].as_of).num_days() > 45;
        let gaps = |stock: &Stock| stock.estimates().windows(2).filter(|pair| gap(pair)).count();
        assert!(market.stocks().iter().map(gaps).sum::<usize>() > 5);
    }
}

#[test]
fn the_first_fiscal_year_of_an_estimate_is_the_first_unreported_one() {
    for market in markets() {
        for stock in market.stocks() {
            let annual = |filing: &&Filing| filing.form.kind() == FormKind::Annual;
            let rows = originals(stock);
            let years: Vec<_> = rows.into_iter().filter(annual).collect();
            for row in stock.estimates() {
                let reported =
                    |filing: &&Filing| filing.filed.is_some_and(|filed| filed < row.as_of);
                let newest =
                    years.iter().copied().filter(reported).map(|year| year.period_end).max();
                assert!(newest.is_none_or(|newest| row.fy1_end > newest), "{row:?}");
                let ahead = (row.fy1_end - row.as_of).num_days();
                assert!((-91..=366).contains(&ahead), "{} {row:?}", stock.symbol());
            }
        }
    }
}

#[test]
fn estimates_are_near_what_is_earned_but_not_equal() {
    let market = default_market();
    let stock = stock(market, "QZQS");
    let rows = originals(stock);
    let mut misses = Vec::new();
    for (at, year) in
        rows.iter().enumerate().filter(|(at, f)| *at >= 3 && f.form.kind() == FormKind::Annual)
    {
        let earned: f64 = rows[at - 3..=at].iter().map(|filing| filing.net_income.unwrap()).sum();
        let asked = stock.estimates().iter().filter(|row| row.fy1_end == year.period_end);
        misses.extend(asked.map(|row| row.fy1.unwrap() * year.shares.unwrap() / earned - 1.0));
    }
    assert!(misses.len() > 50);
    let mean = misses.iter().map(|miss| miss.abs()).sum::<f64>() / misses.len() as f64;
    assert!((0.01..0.3).contains(&mean), "{mean}");
}

#[test]
fn the_range_of_the_analysts_is_about_their_mean() {
    let market = default_market();
    let mut ranges = 0;
    for row in market.stocks().iter().flat_map(Stock::estimates) {
        for (low, mean, high) in
            [(row.fy1_low, row.fy1, row.fy1_high), (row.fy2_low, row.fy2, row.fy2_high)]
        {
            assert_eq!((low.is_some(), high.is_some()), (mean.is_some(), mean.is_some()));
            if let (Some(low), Some(mean), Some(high)) = (low, mean, high) {
                assert!(low < mean && mean < high, "{row:?}");
                ranges += 1;
            }
        }
    }
    assert!(ranges > 3000, "{ranges}");
}

#[test]
fn nothing_is_said_of_a_stock_after_it_is_gone() {
    for market in markets() {
        let gone = stock(market, "QZSD");
        let last = gone.bars().last().unwrap().date;
        assert!(gone.filings().iter().all(|f| f.known_on(Calendar::nyse()).unwrap() <= last));
        assert!(gone.estimates().iter().all(|row| row.as_of <= last));
        assert!(gone.actions().iter().all(|action| action.ex_date <= last));
    }
}
