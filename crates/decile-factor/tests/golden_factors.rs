//! Parity, to 1e-9, with the part of the golden folder that comes with decile.

#[path = "support/parity.rs"]
mod parity;

use parity::Golden;

#[test]
fn every_factor_and_operator_is_exact() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../decile-rank/tests/golden"));
    assert_eq!(golden.factors(), 80 * 19);
    assert_eq!(golden.operators(), 80 * 38);
}
