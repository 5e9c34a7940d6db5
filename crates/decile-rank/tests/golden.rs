//! Parity, to 1e-9, with the numbers in `tests/golden`: the first 275 sessions of a longer market.
//! What is expected there is what the longer market expects, so this is also a test that later rows
//! change nothing.

#[path = "support/parity.rs"]
mod parity;

use parity::Golden;

#[test]
fn every_table_is_exact() {
    let golden = Golden::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    assert_eq!(golden.known_dates(), 519);
    assert_eq!(golden.factors(), 80 * 10);
    assert_eq!(golden.scores(), 80 * 19);
    assert_eq!(golden.models(), 80 * 14);
    assert_eq!(golden.composites(), 897 * 5);
    assert!(golden.contributions() > 60);
}
