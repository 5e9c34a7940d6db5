//! Parity with the whole golden folder: two independent implementations of the rules, to 1e-9.

#[path = "support/parity.rs"]
mod parity;

use decile_core::Symbol;
use decile_data::read_folder;
use decile_factor::{Field, Panel, adjusted_closes};
use parity::Golden;
use parity::table::Table;
use parity::tally::Tally;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn root() -> PathBuf {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the absolute path of the shared folder");
    PathBuf::from(root).join("golden")
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_table_is_exact() {
    let golden = Golden::read(root());
    assert_eq!(golden.known_dates(), 828);
    assert_eq!(golden.factors(), 1000 * 10);
    assert_eq!(golden.scores(), 1000 * 19);
    assert_eq!(golden.models(), 1000 * 14);
    assert_eq!(golden.composites(), 19_980 * 5);
    assert!(golden.contributions() > 800);
}

#[test]
#[ignore = "needs DECILE_SHARED"]
fn adjusted_closes_are_exact_and_the_forward_index_has_their_returns() {
    let market = read_folder(root().join("inputs")).expect("a market folder");
    let panel = Panel::new(&market, &[Field::TotalReturn]);
    let table = Table::read(root().join("expected/adj_close.csv"));
    let mut expected: BTreeMap<Symbol, Vec<_>> = BTreeMap::new();
    for row in table.rows() {
        let symbol = row.text("symbol").parse().expect("a symbol");
        expected.entry(symbol).or_default().push((row.date("date"), row.number("adj_close")));
    }
    let (mut backward, mut forward) = (Tally::default(), Tally::default());
    for (column, stock) in market.stocks().iter().enumerate() {
        let rows = &expected[stock.symbol()];
        let closes = adjusted_closes(stock);
        assert_eq!(rows.len(), closes.len(), "{}", stock.symbol());
        let index = |date| {
            let session = panel.session_index(date).expect("a session");
            panel.row(&Field::TotalReturn, session).expect("held")[column]
        };
        // The two series differ by one constant per stock.
        let scale = closes[0] / index(rows[0].0);
        for ((date, adjusted), close) in rows.iter().zip(&closes) {
            let cell = || format!("{} {date}", stock.symbol());
            backward.number(*close, *adjusted, cell);
            forward.number(index(*date) * scale, *adjusted, cell);
        }
    }
    assert_eq!(backward.finish("adj_close"), 29_476);
    assert_eq!(forward.finish("total_return against adj_close"), 29_476);
}
