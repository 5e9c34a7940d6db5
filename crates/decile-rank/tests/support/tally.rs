//! Counts what agrees with an expected table.

/// Rule 12 of the golden README.
fn close_enough(ours: f64, expected: f64) -> bool {
    (ours - expected).abs() <= 1e-9 * expected.abs() + 1e-12
}

/// Counts cells and keeps the first that differ.
#[derive(Default)]
pub(crate) struct Tally {
    compared: usize,
    differing: usize,
    shown: Vec<String>,
}

impl Tally {
    /// Compares a number of ours, NaN = missing, by rule 12.
    pub(crate) fn number(&mut self, ours: f64, expected: Option<f64>, cell: impl Fn() -> String) {
        let same = match expected {
            Some(expected) => close_enough(ours, expected),
            None => ours.is_nan(),
        };
        self.count(same, || format!("{}: ours {ours}, expected {expected:?}", cell()));
    }

    pub(crate) fn equal(&mut self, ours: &str, expected: &str, cell: impl Fn() -> String) {
        let same = ours == expected;
        self.count(same, || format!("{}: ours {ours:?}, expected {expected:?}", cell()));
    }

    fn count(&mut self, same: bool, difference: impl Fn() -> String) {
        self.compared += 1;
        if !same {
            self.differing += 1;
            if self.shown.len() < 12 {
                self.shown.push(difference());
            }
        }
    }

    /// Prints the counts, fails on a difference, and returns how many cells were compared.
    #[expect(clippy::print_stdout, reason = "the counts are the test's report")]
    pub(crate) fn finish(self, table: &str) -> usize {
        println!("{table}: {} cells compared, {} differ", self.compared, self.differing);
        assert_eq!(self.differing, 0, "{table} differs:\n{}", self.shown.join("\n"));
        self.compared
    }
}
