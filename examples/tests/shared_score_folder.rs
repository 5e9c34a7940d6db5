//! The example `score_folder` on the whole golden folder: every cell of every table, to 1e-9.

#[path = "support/score_folder.rs"]
mod support;

use std::path::PathBuf;
use support::{compare, score_folder};

#[test]
#[ignore = "needs DECILE_SHARED"]
fn every_table_of_the_golden_folder_is_exact() {
    let root = std::env::var_os("DECILE_SHARED")
        .expect("set DECILE_SHARED to the absolute path of the shared folder");
    let golden = PathBuf::from(root).join("golden");
    let out = tempfile::tempdir().expect("a scratch folder");
    score_folder(&golden.join("inputs"), out.path(), &[]).expect("scored");
    let expected = golden.join("expected");
    let cells = |name| compare(out.path(), &expected, name, true);
    assert_eq!(cells("adj_close"), 29_476 * 3);
    assert_eq!(cells("known_dates"), 828 * 5);
    assert_eq!(cells("factors_monthly"), 1000 * 20);
    assert_eq!(cells("scores_monthly"), 1000 * 64);
    assert_eq!(cells("composite_daily"), 19_980 * 7);
}
