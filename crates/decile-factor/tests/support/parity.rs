//! Compares every factor of a golden folder with ours, to 1e-9.

#[path = "../../../decile-rank/tests/support/table.rs"]
mod table;
#[path = "../../../decile-rank/tests/support/tally.rs"]
mod tally;

use decile_core::Symbol;
use decile_data::read_folder;
use decile_factor::{Engine, FactorRegistry, Field, Panel};
use std::path::Path;
use table::Table;
use tally::Tally;

/// The factors of `factors_monthly.csv`.
const FACTORS: [&str; 16] = [
    "mom_12_1",
    "mom_12_0",
    "rev_1m",
    "ey_ttm",
    "ey_fwd",
    "bm",
    "roe",
    "roe_fwd",
    "eg_sym",
    "eg_abs",
    "eaccel",
    "em_3m",
    "epsg_fwd",
    "net_rev_fy2",
    "rec_chg_1m",
    "erisk",
];

/// Compares universe, price, market value and every factor of `factors_monthly.csv`; returns the number of
/// cells.
pub(crate) fn factors(root: &Path) -> usize {
    let market = read_folder(root.join("inputs")).expect("the inputs are a market folder");
    let library = FactorRegistry::library();
    let factors = FACTORS.map(|name| library.get(name).expect("library factor"));
    let mut fields = vec![Field::Close, Field::ListedShares];
    fields.extend(factors.iter().flat_map(|factor| factor.inputs().to_vec()));
    let panel = Panel::new(&market, &fields);
    let engine = Engine::new(&panel, &factors).expect("all fields held");
    let values = engine.run(0..panel.sessions().len()).expect("finite factors");
    let mut tally = Tally::default();
    for row in Table::read(root.join("expected/factors_monthly.csv")).rows() {
        let session = panel.session_index(row.date("date")).expect("a session");
        let symbol: Symbol = row.text("symbol").parse().expect("a symbol");
        let column = panel.symbols().binary_search(&symbol).expect("listed");
        let cell = |name: &str| format!("{symbol} {} {name}", row.text("date"));
        for name in FACTORS {
            let value = values.row(name, session).expect("computed")[column];
            tally.number(value, row.number(name), || cell(name));
        }
        let of = |field: &Field| panel.row(field, session).expect("held")[column];
        let priced = panel.universe(session)[column].to_string();
        let expected = row.number("price").is_some().to_string();
        tally.equal(&priced, &expected, || cell("universe"));
        let price = of(&Field::Close);
        tally.number(price, row.number("price"), || cell("price"));
        tally.number(price * of(&Field::ListedShares), row.number("mcap"), || cell("mcap"));
    }
    tally.finish("factors_monthly (universe, price, mcap, sixteen factors)")
}
