//! Runs the example `top10` as a user does.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::str::FromStr;

use decile::core::Decimal;

/// The built example.
pub(crate) fn program() -> PathBuf {
    built("examples/top10")
}

/// A built program: where cargo puts them, beside the folder of the test that is running.
pub(crate) fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program = profile.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let path = program.display();
    assert!(program.exists(), "{path} is not built: cargo build --workspace --bins --examples");
    program
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Runs `top10` in a folder.
    pub(crate) fn new(folder: &Path, arguments: &[&str]) -> Self {
        Self::with_threads(folder, arguments, "2")
    }

    pub(crate) fn with_threads(folder: &Path, arguments: &[&str], threads: &str) -> Self {
        Self::of(command(&program(), folder, arguments, threads).output().expect("it starts"))
    }

    /// Runs `top10` with an account with real money in the environment.
    pub(crate) fn named_live(folder: &Path, arguments: &[&str], account: Option<&str>) -> Self {
        let mut command = command(&program(), folder, arguments, "2");
        command.envs(account.map(|account| ("DECILE_LIVE", account)));
        Self::of(command.output().expect("it starts"))
    }

    /// Runs another example in a folder.
    pub(crate) fn example(name: &str, folder: &Path, arguments: &[&str]) -> Self {
        let program = built(&format!("examples/{name}"));
        Self::of(command(&program, folder, arguments, "2").output().expect("it starts"))
    }

    /// Starts `top10` and does not wait for it.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Child {
        let mut command = command(&program(), folder, arguments, "2");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Reads what a run has said.
    pub(crate) fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let code = status.code().expect("it was not killed");
        Self { code, stdout: text(stdout), stderr: text(stderr) }
    }

    /// Runs `top10 --json -` and reads what it prints.
    pub(crate) fn json(folder: &Path, arguments: &[&str]) -> (i32, Value) {
        let arguments = [arguments, &["--json", "-"]].concat();
        let run = Self::new(folder, &arguments);
        let value = serde_json::from_str(&run.stdout);
        (run.code, value.unwrap_or_else(|error| panic!("{error}: {} {}", run.stdout, run.stderr)))
    }
}

fn command(program: &Path, folder: &Path, arguments: &[&str], threads: &str) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("RAYON_NUM_THREADS", threads);
    // Each test is a machine of its own, as far as locks go.
    command.env("TMPDIR", folder);
    command
}

/// A decimal string of the JSON.
pub(crate) fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is not a string"));
    Decimal::from_str(text).expect("a decimal")
}

pub(crate) fn orders<'a>(run: &'a Value, key: &str) -> Vec<&'a str> {
    let orders = run["orders"].as_array().expect("a list");
    orders.iter().map(|order| order[key].as_str().expect("text")).collect()
}
