//! The recordings, each gone wrong in many places.

use super::symbol;
use crate::shelf::{Shelf, wait};
use crate::support::damage::{Damage, Numbers, paths};
use crate::support::yahoo::{Endpoint, Parrot};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Places of a recording that are changed, each in every way.
const PLACES: usize = 6;
/// All questions together, about one reply.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Every number given is one of the reply, or one that the whole reply gives as well: nothing that is
/// missing becomes 0.
#[test]
#[ignore = "needs DECILE_SHARED"]
fn a_recording_that_is_wrong_somewhere_never_invents_a_number() {
    let parrot = Parrot::new();
    let (mut replies, mut answers) = (0, 0);
    for recording in Shelf::open().of("yahoo") {
        let Ok(body) = serde_json::from_slice::<Value>(&recording.body) else { continue };
        let symbol = recording.last().parse().unwrap_or_else(|_| symbol("AAPL"));
        let endpoint = Endpoint::of(&body);
        let whole = wait(parrot.told(recording.body.clone(), &symbol, endpoint));
        let mut known = Numbers::default();
        known.add(&body);
        known.merge(&whole.numbers);
        // Evenly over the body.
        let paths = paths(&body);
        for path in paths.iter().step_by(paths.len().div_ceil(PLACES)) {
            for damage in Damage::ALL {
                let mutant = damage.apply(&body, path);
                let started = Instant::now();
                let wrong = wait(parrot.told(mutant.clone(), &symbol, endpoint));
                assert!(started.elapsed() < TIME_MAX, "{}: {damage:?}", recording.file);
                let mut known_too = Numbers::default();
                known_too.merge(&known);
                if let Ok(mutant) = serde_json::from_slice(&mutant) {
                    known_too.add(&mutant);
                }
                let invented = wrong.numbers.beyond(&known_too);
                assert!(
                    invented.is_empty(),
                    "{} {damage:?} {path:?}: {invented:?}",
                    recording.file
                );
                replies += 1;
                answers += wrong.given;
            }
        }
    }
    assert!(replies > 3_000 && answers > replies / 2, "{replies} replies, {answers} answers");
    println!("{replies} replies that are wrong somewhere, {answers} answers without a new number");
}
