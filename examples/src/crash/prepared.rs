use super::market::{Depth, Wave};
use super::trial::Trial;
use std::error::Error;
use std::fs;

/// The files of a client and a gateway after a run that bought the first wave without any trouble: what
/// every trial begins with.
#[derive(Debug)]
pub struct Prepared(Trial);

impl Prepared {
    /// Buys the first wave.
    ///
    /// # Errors
    /// If that does not do what it should.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let trial = Trial::empty(1, Depth::Deep)?;
        trial.undisturbed(Wave::First)?;
        Ok(Self(trial))
    }

    pub(super) fn copy_to(&self, trial: &Trial) -> Result<(), Box<dyn Error>> {
        fs::copy(self.0.journal(), trial.journal())?;
        fs::copy(self.0.state(), trial.state())?;
        Ok(())
    }
}
