//! Every way in which things can go wrong, one after the other.

use std::sync::{Arc, Mutex};

/// What was chosen at each question of a run, and out of how many answers.
///
/// The first answer of each question is the good one; each other one counts as a fault, and a run
/// has at most so many of them. Beyond what is on the tape, all goes well.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    taken: Vec<Turn>,
    position: usize,
}

#[derive(Debug, Clone)]
struct Turn {
    question: &'static str,
    answer: usize,
    answers: usize,
}

impl Tape {
    /// Returns the answer to the next question.
    pub(crate) fn choose(&self, question: &'static str, answers: usize) -> usize {
        let mut turns = self.turns.lock().expect("no panic");
        let position = turns.position;
        turns.position += 1;
        if let Some(turn) = turns.taken.get(position) {
            let same = (turn.question, turn.answers) == (question, answers);
            assert!(same, "not deterministic: {turn:?}, now {question}");
            return turn.answer;
        }
        turns.taken.push(Turn { question, answer: 0, answers });
        0
    }

    /// What went wrong, in words.
    pub(crate) fn faults(&self) -> Vec<String> {
        let turns = self.turns.lock().expect("no panic");
        let asked = turns.taken.iter().enumerate().filter(|(_, turn)| turn.answer > 0);
        asked.map(|(at, turn)| format!("{at}: {} {}", turn.question, turn.answer)).collect()
    }

    /// Returns the tape of the run after this one, depth first, or none after the last.
    fn next(&self, faults_max: usize) -> Option<Arc<Self>> {
        let turns = self.turns.lock().expect("no panic");
        let mut taken = turns.taken.clone();
        while let Some(mut turn) = taken.pop() {
            let faults = taken.iter().filter(|turn| turn.answer > 0).count();
            let may_fail = turn.answer > 0 || faults < faults_max;
            if may_fail && turn.answer + 1 < turn.answers {
                turn.answer += 1;
                taken.push(turn);
                let turns = Turns { taken, position: 0 };
                return Some(Arc::new(Self { turns: Mutex::new(turns) }));
            }
        }
        None
    }
}

/// Runs once for each combination of at most so many faults; returns how many runs that were, and
/// how many questions were answered in them.
pub(crate) fn explore(faults_max: usize, run: impl Fn(Arc<Tape>)) -> (usize, usize) {
    let (mut runs, mut answers) = (0, 0);
    let mut next = Some(Arc::new(Tape::default()));
    while let Some(tape) = next {
        run(tape.clone());
        runs += 1;
        answers += tape.turns.lock().expect("no panic").position;
        next = tape.next(faults_max);
    }
    (runs, answers)
}

#[test]
fn each_combination_comes_once() {
    // Three questions of three answers: 1 good run, 6 with a fault, 12 with two.
    let seen = Mutex::new(std::collections::BTreeSet::new());
    let ask = |tape: Arc<Tape>| {
        let answers: Vec<_> = (0..3).map(|_| tape.choose("which", 3)).collect();
        assert!(seen.lock().expect("no panic").insert(answers));
    };
    assert_eq!(explore(2, ask), (19, 57));
}
