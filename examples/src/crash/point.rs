//! Where in a run something is killed, and what.

use super::trial::Lengths;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// How many kills there are between one full or read-only disk and the next.
const KILLS_PER_REFUSAL: usize = 4;

/// Before or after a thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Moment {
    Before,
    After,
}

/// Who speaks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Speaker {
    Client,
    Gateway,
}

/// A point of a run; writes and messages count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Point {
    Journal {
        write: usize,
        moment: Moment,
    },
    Wire {
        speaker: Speaker,
        message: usize,
        moment: Moment,
    },
    /// No page more from this write on.
    DiskFull {
        write: usize,
    },
    /// Nothing more from this write on.
    Sealed {
        write: usize,
    },
    /// Read-only from the beginning.
    ReadOnly,
}

/// Who is killed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    Client,
    Gateway,
    /// The gateway, which is started again at once, so that the run can go on.
    Restarted,
    Both,
    Nobody,
}

/// Every point of a run with every victim, in an order that a seed decides, over and over.
///
/// ```
/// use decile_examples::crash::{Lengths, Points};
///
/// let lengths = Lengths { writes: 42, asked: 60, answered: 200 };
/// assert_eq!(Points::new(lengths, 1).count(), 42 * 10 + (60 + 200) * 8 + 1);
/// ```
#[derive(Debug)]
pub struct Points {
    all: Vec<(Point, Victim)>,
    next: usize,
}

impl Points {
    /// Lists the points of a run of such lengths.
    #[must_use]
    pub fn new(lengths: Lengths, seed: u64) -> Self {
        let Lengths { writes, asked, answered } = lengths;
        let moments = [Moment::Before, Moment::After];
        let victims = [Victim::Client, Victim::Gateway, Victim::Restarted, Victim::Both];
        let killed = |point: Point| victims.map(|victim| (point, victim));
        let journal = (1..=writes)
            .flat_map(|write| moments.map(|moment| Point::Journal { write, moment }))
            .flat_map(killed);
        let wire = |speaker: Speaker, messages: usize| {
            (1..=messages).flat_map(move |message| {
                moments.map(|moment| Point::Wire { speaker, message, moment })
            })
        };
        let wire = wire(Speaker::Client, asked).chain(wire(Speaker::Gateway, answered));
        let refused = (1..=writes)
            .flat_map(|write| [Point::DiskFull { write }, Point::Sealed { write }])
            .map(|point| (point, Victim::Nobody));
        let mut refused: Vec<_> = refused.collect();
        refused.push((Point::ReadOnly, Victim::Nobody));
        let mut killed: Vec<_> = journal.chain(wire.flat_map(killed)).collect();
        shuffle(&mut refused, seed);
        shuffle(&mut killed, seed);
        // There are few ways to refuse a write, so that they would hardly ever come.
        let (mut refused, mut killed) = (refused.into_iter(), killed.into_iter());
        let mut all = Vec::new();
        while refused.len() + killed.len() > 0 {
            all.extend(refused.next());
            all.extend(killed.by_ref().take(KILLS_PER_REFUSAL));
        }
        Self { all, next: 0 }
    }
}

impl Iterator for Points {
    type Item = Scene;

    fn next(&mut self) -> Option<Scene> {
        let (point, victim) = *self.all.get(self.next)?;
        self.next += 1;
        Some(Scene { point, victim })
    }
}

/// What is killed, and where.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    pub(super) point: Point,
    pub(super) victim: Victim,
}

impl Scene {
    /// What happens to whom.
    pub(super) fn name(self) -> &'static str {
        match (self.point, self.victim) {
            (Point::DiskFull { .. }, _) => "disk full",
            (Point::Sealed { .. } | Point::ReadOnly, _) => "read-only",
            (_, Victim::Client) => "client",
            (_, Victim::Gateway) => "gateway",
            (_, Victim::Restarted) => "gateway, started again",
            (_, Victim::Both) => "both",
            (_, Victim::Nobody) => "nobody",
        }
    }
}

/// Fisher and Yates.
fn shuffle<T>(all: &mut [T], seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for last in (1..all.len()).rev() {
        let other = rng.next_u64() % (last as u64 + 1);
        all.swap(last, other as usize);
    }
}
