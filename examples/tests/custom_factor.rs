//! The example `custom_factor` from outside.

use std::path::Path;
use std::process::Command;

#[test]
fn the_factor_is_checked_and_ranks_ten_stocks() {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program =
        profile.join("examples/custom_factor").with_extension(std::env::consts::EXE_EXTENSION);
    let output = Command::new(&program).output().expect("cargo build --examples has built it");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["reversal_5d keeps every rule", "my_model on 2025-12-31"]);
    assert_eq!(lines.len(), 12, "{text}");
    for (line, rank) in lines[2..].iter().zip(1..) {
        assert!(line.trim_start().starts_with(&format!("{rank}  QZ")), "{line}");
        assert!(line.contains("reversal_5d") && line.contains("gpa"), "{line}");
    }
}
