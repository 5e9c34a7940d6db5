//! Log lines on the standard error: warnings always, traffic on request.

use log::{Level, LevelFilter, Log, Metadata, Record};
use std::io::Write;

struct StderrLog;

static LOG: StderrLog = StderrLog;

/// Begins to log; with `traffic` every message of every client.
pub(crate) fn install(traffic: bool) {
    log::set_max_level(if traffic { LevelFilter::Debug } else { LevelFilter::Warn });
    // It fails only if there is a logger already, and this is the only one.
    let _ = log::set_logger(&LOG);
}

impl Log for StderrLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("decile_gateway")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let time = chrono::Utc::now().format("%H:%M:%S%.3f");
        let level = match record.level() {
            Level::Error => "error: ",
            Level::Warn => "warning: ",
            _ => "",
        };
        // A log that cannot be written is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{time} {level}{}", record.args());
    }

    fn flush(&self) {}
}
