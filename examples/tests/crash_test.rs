//! A small run of `crash_test`; the documented one kills a thousand times.

use std::path::Path;
use std::process::Command;

#[test]
fn nothing_is_doubled_or_lost_when_anything_is_killed() {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program = profile.join("examples").join("crash_test");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: cargo build --examples", program.display());
    let output = Command::new(program).args(["--kills", "40", "--seed", "3"]).output();
    let output = output.expect("it starts");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = text.lines().rev();
    let last = lines.next().expect("a line");
    // Refused writes and orders that fill in part are there.
    let struck = lines.next().expect("a line before it");
    assert!(["disk full ", "read-only "].iter().all(|what| struck.contains(what)), "{text}");
    assert!(!struck.ends_with("orders in part 0"), "{text}");
    let sound =
        last.starts_with("kills 40, orders ") && last.contains("doubled 0, lost 0, unknown ");
    assert!(sound, "{text}");
}
