//! Parity with every factor of the whole golden folder: two independent implementations of the
//! rules, to 1e-9.

#[path = "support/parity.rs"]
mod parity;

use std::path::PathBuf;

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_factor_is_exact() {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the absolute path of the shared folder");
    assert_eq!(parity::factors(&PathBuf::from(root).join("golden")), 1000 * 19);
}
