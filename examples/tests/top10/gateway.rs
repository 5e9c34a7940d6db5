//! The simulated gateway as a process of its own.

use crate::support::built;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) const ACCOUNT: &str = "DU7654321";

/// A gateway over the synthetic market of seed 1; gone when dropped.
pub(crate) struct Gateway {
    process: Child,
    pub(crate) port: u16,
}

impl Gateway {
    /// Starts a gateway on a free port, and waits until it says that it is ready.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let fixed = ["--port", "0", "--synthetic", "1", "--account", ACCOUNT];
        let mut command = Command::new(built("decile-gateway"));
        command.args(fixed).args(arguments).current_dir(folder).stdout(Stdio::piped());
        let mut process = command.spawn().expect("decile-gateway starts");
        let output = process.stdout.take().expect("it was asked for");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let ready = lines.find(|line| line.contains("listening")).expect("a line when it is ready");
        let port = ready.rsplit(':').next().and_then(|port| port.trim().parse().ok());
        // What else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port: port.unwrap_or_else(|| panic!("no port in {ready:?}")) }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).expect("a gateway that runs");
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
