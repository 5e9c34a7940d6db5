//! What goes wrong, at random.

use decile::gateway::{Fault, Faults, Message, Trouble};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// How many faults a pass has at most.
const MOST: u32 = 4;
/// After how many chances a fault comes at the latest.
const SKIP_MAX: u32 = 300;

const OF_MESSAGES: [Trouble; 4] =
    [Trouble::Drop, Trouble::Delay, Trouble::Duplicate, Trouble::Reorder];
const MESSAGES: [Message; 4] =
    [Message::OrderStatus, Message::OpenOrder, Message::ExecDetails, Message::CommissionReport];
const OF_ORDERS: [Trouble; 8] = [
    Trouble::SwallowOrder,
    Trouble::NoStatus,
    Trouble::PresetNotice,
    Trouble::CommissionFirst,
    Trouble::CommissionUnset,
    Trouble::Disconnect,
    Trouble::DisconnectAfter,
    Trouble::Restart,
];

/// A number below `end`.
pub(super) fn below(random: &mut ChaCha8Rng, end: u32) -> u32 {
    random.next_u32() % end.max(1)
}

fn one<T: Copy>(random: &mut ChaCha8Rng, all: &[T]) -> T {
    all[random.next_u32() as usize % all.len()]
}

/// Returns what goes wrong in a pass, and how much that is.
pub(super) fn any(random: &mut ChaCha8Rng) -> (Faults, usize) {
    let count = below(random, MOST + 1);
    let faults = (0..count).map(|_| {
        let (skip, times) = (below(random, SKIP_MAX), 1 + below(random, 3));
        if below(random, 2) == 0 {
            let fault = Fault::of(one(random, &OF_ORDERS)).skip(skip).times(1);
            return (fault, 1);
        }
        let what = one(random, &OF_MESSAGES);
        let fault = Fault::of(what).message(one(random, &MESSAGES)).skip(skip).times(times);
        let fault = if what == Trouble::Delay { fault.delay_ms(50) } else { fault };
        (fault, times as usize)
    });
    let (faults, counts): (Vec<_>, Vec<usize>) = faults.unzip();
    (Faults::new(faults), counts.into_iter().sum())
}
