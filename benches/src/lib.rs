//! Made-up markets, panels of any size, and made-up replies of Yahoo for the benchmarks.

mod panel;
#[cfg(feature = "peers")]
pub mod peers;
pub mod universe;
pub mod yahoo;

pub use panel::random_panel;

use chrono::{Days, NaiveDate};
use decile::core::{
    Bar, BenchmarkClose, Calendar, EstimateSnapshot, Filing, Market, Security, Symbol, Table,
    Tables,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Makes a market of so many random walks with quarterly filings, monthly estimates and a benchmark,
/// in which every factor of the library has values.
///
/// # Panics
/// If the NYSE's calendar is shorter than the sessions asked for.
#[must_use]
pub fn random_market(symbols: usize, sessions: usize) -> Market {
    let sessions = nyse_sessions(sessions);
    let mut tables = Tables::default();
    for index in 0..symbols {
        let symbol: Symbol = format!("R{index}").parse().expect("a canonical symbol");
        add_stock(&mut tables, &symbol, &sessions, index as u64);
    }
    let level = |(step, date): (usize, &NaiveDate)| BenchmarkClose {
        date: *date,
        close: 1000.0 + (step % 7) as f64,
    };
    tables.benchmark = sessions.iter().enumerate().map(level).collect();
    assert!(!tables.prices.is_empty(), "{} has rows", Table::Prices);
    let calendar = Calendar::from_sessions(sessions).expect("rising sessions");
    Market::new(calendar, tables).expect("valid tables")
}

/// The last sessions before 2026.
fn nyse_sessions(count: usize) -> Vec<NaiveDate> {
    let all = Calendar::nyse().sessions();
    let end = all.partition_point(|date| *date < day(2026, 1, 1));
    all[end - count..end].to_vec()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

fn add_stock(tables: &mut Tables, symbol: &Symbol, sessions: &[NaiveDate], seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = move || f64::from(random.next_u32()) / f64::from(u32::MAX) - 0.5;
    tables.securities.push(Security::us(symbol.clone(), symbol.as_str(), "Made up"));
    let mut close = 100.0 + 50.0 * uniform();
    for date in sessions {
        close *= 1.0 + 0.05 * uniform();
        let bar = Bar { volume: Some(1e6 * (1.0 + uniform())), ..Bar::close_only(*date, close) };
        tables.prices.push((symbol.clone(), bar));
    }
    let first = sessions[0] - Days::new(3 * 365);
    for quarter in 0..(sessions.len() as u64 / 63 + 12) {
        let period_end = first + Days::new(quarter * 91);
        let form = "10-Q".parse().expect("a form");
        let mut filing = Filing::new(symbol.clone(), period_end, form);
        filing.filed = Some(period_end + Days::new(35));
        filing.net_income = Some(1e8 * (1.0 + uniform()));
        filing.book_equity = Some(4e9 * (1.0 + uniform()));
        filing.shares = Some(1e8);
        filing.gross_profit = Some(4e8 * (1.0 + uniform()));
        filing.total_assets = Some(8e9 * (1.0 + uniform()));
        filing.operating_cash_flow = Some(1e8 * (1.0 + uniform()));
        tables.filings.push(filing);
    }
    for as_of in sessions.iter().step_by(21) {
        let mut snapshot = EstimateSnapshot::new(symbol.clone(), *as_of, *as_of + Days::new(200));
        snapshot.fy1 = Some(4.0 + uniform());
        snapshot.fy2 = Some(4.5 + uniform());
        snapshot.fy1_90d = Some(4.0 + uniform());
        snapshot.fy2_90d = Some(4.5 + uniform());
        (snapshot.fy1_std, snapshot.fy2_std) = (Some(0.1), Some(0.2));
        (snapshot.fy1_high, snapshot.fy1_low) = (Some(5.0), Some(3.0));
        (snapshot.fy2_high, snapshot.fy2_low) = (Some(6.0), Some(3.0));
        (snapshot.analysts, snapshot.recommending) = (Some(9), Some(9));
        (snapshot.fy2_up_30d, snapshot.fy2_down_30d) = (Some(4), Some(2));
        snapshot.recommendation = Some(2.5 + uniform());
        snapshot.recommendation_30d = Some(2.5 + uniform());
        tables.estimates.push(snapshot);
    }
}
