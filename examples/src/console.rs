//! Where an example's words go, what it is doing, and how long that took.

use indicatif::{ProgressBar, ProgressStyle};
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Prints for people: to standard output, or to standard error when standard output is a
/// program's.
///
/// ```
/// use decile_examples::console::Console;
///
/// Console::new(false).say("nothing is written by this one to standard output");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Console {
    to_stdout: bool,
}

impl Console {
    /// Makes a console on standard output, or else on standard error.
    #[must_use]
    pub fn new(to_stdout: bool) -> Self {
        Self { to_stdout }
    }

    /// Prints a line. A reader who has gone away is no error.
    pub fn say(&self, line: impl Display) {
        let _ = match self.to_stdout {
            true => writeln!(io::stdout(), "{line}"),
            false => writeln!(io::stderr(), "{line}"),
        };
    }
}

/// Returns an error and its causes in one line.
///
/// ```
/// use decile_examples::console::one_line;
///
/// assert_eq!(one_line(&std::io::Error::other("the disk is full")), "the disk is full");
/// ```
#[must_use]
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// Shows the steps of a run in a progress bar, and keeps their times.
///
/// ```
/// use decile_examples::console::Steps;
///
/// let mut steps = Steps::new(2);
/// assert_eq!(steps.run("adding", || 1 + 1), 2);
/// assert_eq!(steps.report().lines().count(), 2); // the step and the sum
/// ```
#[derive(Debug)]
pub struct Steps {
    bar: ProgressBar,
    times: Vec<(&'static str, Duration)>,
    since: Instant,
}

impl Steps {
    /// Makes a bar of so many steps. It shows on terminals only.
    #[must_use]
    pub fn new(count: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(count).with_style(style);
        Self { bar, times: Vec::new(), since: Instant::now() }
    }

    /// Runs a step.
    pub fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> T) -> T {
        self.begin(name);
        let value = step();
        self.end(name);
        value
    }

    /// Begins a step that cannot be a closure; [`Steps::end`] ends it.
    pub fn begin(&mut self, name: &'static str) {
        self.bar.set_message(name);
        self.bar.tick();
        self.since = Instant::now();
    }

    /// Ends the step begun last.
    pub fn end(&mut self, name: &'static str) {
        self.times.push((name, self.since.elapsed()));
        self.bar.inc(1);
    }

    /// Takes the bar off the terminal before something is printed.
    pub fn pause(&self) {
        self.bar.finish_and_clear();
    }

    /// Returns the time of each step and their sum, a line each.
    #[must_use]
    pub fn report(&self) -> String {
        let line =
            |name: &str, time: Duration| format!("{name:<10} {:>9.1} ms", time.as_secs_f64() * 1e3);
        let sum = self.times.iter().map(|(_, time)| *time).sum();
        let lines = self.times.iter().map(|(name, time)| line(name, *time));
        lines.chain([line("all", sum)]).collect::<Vec<_>>().join("\n")
    }
}
