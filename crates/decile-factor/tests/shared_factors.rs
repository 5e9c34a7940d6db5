//! Parity with every factor of the whole golden folder and with what operators make of it: two
//! independent implementations of the rules, to 1e-9.

#[path = "support/parity.rs"]
mod parity;

use parity::Golden;
use std::path::PathBuf;

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_factor_and_operator_is_exact() {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the absolute path of the shared folder");
    let golden = Golden::read(PathBuf::from(root).join("golden"));
    assert_eq!(golden.factors(), 1000 * 19);
    assert_eq!(golden.operators(), 1000 * 38);
}
