//! Which trials come, and side by side with which.

use super::judge::Verdict;
use super::market::Depth;
use super::point::{Points, Scene};
use super::prepared::Prepared;
use super::trial::{Lengths, Trial};
use crate::console::one_line;
use std::error::Error;
use std::fmt;
use std::iter;
use std::thread;

/// Trials in turn in a deep and in a thin market, with one and with several orders in flight, and every
/// third with a second strike while it recovers.
#[derive(Debug)]
pub struct Schedule<'a> {
    prepared: &'a Prepared,
    markets: [Plan; 2],
    in_flight_max: usize,
    number: usize,
}

/// The points of the runs in one market, over and over.
struct Plan {
    depth: Depth,
    lengths: Lengths,
    count: usize,
    scenes: Box<dyn Iterator<Item = Scene>>,
    /// Recoveries are disturbed at points of their own.
    recoveries: Box<dyn Iterator<Item = Scene>>,
}

/// A trial that is over.
#[derive(Debug)]
pub struct Done {
    /// What was done in it.
    pub what: String,
    /// Its files.
    pub trial: Trial,
    /// What came of it, or what kept it from an end.
    pub verdict: Result<Verdict, String>,
}

impl<'a> Schedule<'a> {
    /// Measures the runs, and lists their points in the order of a seed.
    ///
    /// # Errors
    /// If a run without trouble does not do what it should.
    pub fn new(
        prepared: &'a Prepared,
        in_flight_max: usize,
        seed: u64,
    ) -> Result<Self, Box<dyn Error>> {
        let plan = |depth| -> Result<Plan, Box<dyn Error>> {
            // One by one has the most points; in windows other things are out together.
            let lengths = Trial::new(prepared, 1, depth)?.measure()?;
            Ok(Plan {
                depth,
                lengths,
                count: Points::new(lengths, seed).count(),
                scenes: Box::new(iter::repeat_with(move || Points::new(lengths, seed)).flatten()),
                recoveries: Box::new((seed + 1..).flat_map(move |seed| Points::new(lengths, seed))),
            })
        };
        Ok(Self {
            prepared,
            markets: [plan(Depth::Deep)?, plan(Depth::Thin)?],
            in_flight_max,
            number: 0,
        })
    }

    /// Returns how many points there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.markets.iter().map(|plan| plan.count).sum()
    }

    /// Runs so many trials side by side, with no more strikes than `kills` in all. Most of the time they
    /// wait.
    ///
    /// # Errors
    /// If there is no place for one, or if one has panicked.
    pub fn run(&mut self, at_once: usize, kills: usize) -> Result<Vec<Done>, Box<dyn Error>> {
        let (mut batch, mut left) = (Vec::new(), kills);
        while left > 0 && batch.len() < at_once.max(1) {
            let (trial, scenes) = self.next(left)?;
            left -= scenes.len();
            batch.push((trial, scenes));
        }
        thread::scope(|scope| {
            let start = |(trial, scenes): (Trial, Vec<Scene>)| {
                scope.spawn(move || {
                    let verdict = trial.run(&scenes).map_err(|error| one_line(&*error));
                    Done { what: format!("{trial}, {scenes:?}"), trial, verdict }
                })
            };
            let started: Vec<_> = batch.into_iter().map(start).collect();
            let done = started.into_iter().map(|trial| trial.join().ok());
            done.collect::<Option<_>>().ok_or_else(|| "a trial has panicked".into())
        })
    }

    fn next(&mut self, left: usize) -> Result<(Trial, Vec<Scene>), Box<dyn Error>> {
        self.number += 1;
        let number = self.number;
        let in_flight_max = if number.is_multiple_of(2) { self.in_flight_max } else { 1 };
        let plan = &mut self.markets[number / 2 % 2];
        let mut scenes: Vec<_> = plan.scenes.next().into_iter().collect();
        if number.is_multiple_of(3) && left > 1 {
            scenes.extend(plan.recoveries.next());
        }
        Ok((Trial::new(self.prepared, in_flight_max, plan.depth)?, scenes))
    }
}

impl fmt::Display for Schedule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [deep, thin] = &self.markets;
        write!(f, "a run of {}: {} ways to disturb it; ", deep.lengths, deep.count)?;
        write!(f, "with orders that fill in parts, of {}: {}", thin.lengths, thin.count)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("depth", &self.depth).finish_non_exhaustive()
    }
}
