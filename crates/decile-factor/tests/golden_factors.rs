//! Parity, to 1e-9, with the part of the golden folder that comes with decile.

#[path = "support/parity.rs"]
mod parity;

use std::path::Path;

#[test]
fn every_factor_is_exact() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../decile-rank/tests/golden");
    assert_eq!(parity::factors(&root), 80 * 19);
}
