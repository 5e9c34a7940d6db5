//! What was executed beside what was planned, said and written down.

use super::client::Outcome;
use super::market::{Depth, Fills, SHARES, STOCKS, symbols};
use super::tally::Tally;
use super::truth::Truth;
use decile::core::{Shares, Symbol};
use decile::trade::{ClientOrderId, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

/// What the gateway executed of a stock, in both waves and all attempts.
#[derive(Debug)]
struct Executed {
    bought: Shares,
    sold: Shares,
    /// An order came twice.
    is_again: bool,
    /// The broker tells all of it, the journal knows all of it, and nothing else.
    is_written: bool,
    /// The last run said of an order that a person must look.
    is_unknown: bool,
    /// And some of it was executed and it is over, which must not stay unknown.
    is_found: bool,
    /// The broker shows an open order.
    is_resting: bool,
}

/// What came of a trial.
#[derive(Debug)]
pub struct Verdict {
    /// The orders of the second wave by what became of them.
    pub tally: Tally,
    /// What was killed, or kept the journal from being written.
    pub struck: Vec<&'static str>,
    /// How many orders ended in part, what rested of them was cancelled, and all of it is known.
    pub in_part: usize,
    /// What is known of those that were doubled or lost.
    pub faults: Vec<String>,
}

/// Counts the orders of the second wave by what became of them.
pub(super) fn judge(
    outcome: &Outcome,
    truth: &Truth,
    depth: Depth,
) -> Result<Verdict, Box<dyn Error>> {
    let (mut faults, mut in_part) = (Vec::new(), 0);
    let mut tally = Tally { orders: STOCKS, ..Tally::default() };
    let all = Shares::new(SHARES);
    for (stock, symbol) in symbols()?.into_iter().enumerate() {
        let told = executed(outcome, truth, &symbol)?;
        // The first half was bought before anything went wrong, and is sold now.
        let is_sale = stock < STOCKS / 2;
        let (traded, other) = match is_sale {
            true => (told.sold, all - told.bought),
            false => (told.bought, told.sold),
        };
        let held = outcome.held.get(&symbol).copied().unwrap_or_default();
        let missing = outcome.missing.get(&symbol).copied().unwrap_or_default();
        let is_open = outcome.open.contains(&symbol);
        // Where the next part is late, too, what rests is cancelled, and its rest bought with the cash that
        // is left of it.
        let may_miss = told.is_unknown || depth.fills(stock) != Fills::Whole;
        // To the share: what is not executed is what the last run said is missing.
        let is_accounted = held == told.bought - told.sold
            && traded + missing == all
            && (may_miss || missing.is_zero())
            && is_open == told.is_resting;
        let before = tally;
        let is_once = traded <= all && other.is_zero() && !told.is_again;
        if !is_once || held < Shares::ZERO || held > all {
            tally.doubled += 1;
        } else if !is_accounted || !told.is_written || told.is_found {
            tally.lost += 1;
        } else if told.is_unknown || is_open {
            tally.unknown += 1;
        } else if !missing.is_zero() {
            in_part += 1;
        }
        if (tally.doubled, tally.lost) != (before.doubled, before.lost) {
            faults.push(format!(
                "{symbol}: {told:?}, held {held}, missing {missing}, open {is_open}"
            ));
        }
    }
    Ok(Verdict { tally, struck: Vec::new(), in_part, faults })
}

fn executed(outcome: &Outcome, truth: &Truth, symbol: &Symbol) -> Result<Executed, Box<dyn Error>> {
    let mut told = Executed {
        bought: Shares::ZERO,
        sold: Shares::ZERO,
        is_again: false,
        is_written: true,
        is_unknown: false,
        is_found: false,
        is_resting: false,
    };
    let Outcome { executed, journalled, journalled_executions, unknown, resting, .. } = outcome;
    let said = [executed, journalled, journalled_executions];
    let known = said.iter().flat_map(|known| known.keys()).chain(unknown).chain(resting);
    let ids: BTreeSet<&String> = known.chain(truth.came.keys()).collect();
    for id in ids {
        let order: ClientOrderId = id.parse()?;
        if order.symbol() != symbol {
            continue;
        }
        let shares = |of: &BTreeMap<String, Shares>| of.get(id).copied().unwrap_or_default();
        let traded = shares(&truth.executed);
        let sum = match order.side() {
            Side::Buy => &mut told.bought,
            Side::Sell => &mut told.sold,
        };
        *sum = *sum + traded;
        told.is_again |= truth.came.get(id).is_some_and(|times| *times > 1);
        told.is_written &= said.iter().all(|known| shares(known) == traded);
        let is_unknown = unknown.contains(id);
        told.is_unknown |= is_unknown;
        let is_resting = resting.contains(id);
        told.is_resting |= is_resting;
        told.is_found |= is_unknown && !traded.is_zero() && !is_resting;
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(stock: usize, attempt: u32) -> String {
        let side = if stock < STOCKS / 2 { "S" } else { "B" };
        format!("crash:DU1234567:20251201:S{stock:02}:{side}:{attempt}")
    }

    /// All as planned.
    fn done() -> (Outcome, Truth) {
        let (mut outcome, mut truth) = (Outcome::default(), Truth::default());
        let all = Shares::new(SHARES);
        for stock in 0..STOCKS {
            let first = format!("crash:DU1234567:20251201:S{stock:02}:B:1");
            for id in [first, name(stock, 1)] {
                truth.came.insert(id.clone(), 1);
                truth.executed.insert(id, all);
            }
        }
        let bought = symbols().unwrap().into_iter().skip(STOCKS / 2);
        outcome.held = bought.map(|symbol| (symbol, all)).collect();
        for said in
            [&mut outcome.executed, &mut outcome.journalled, &mut outcome.journalled_executions]
        {
            *said = truth.executed.clone();
        }
        (outcome, truth)
    }

    /// Doubled, lost and unknown, and how many ended in part, after this was done to it.
    fn judged(depth: Depth, bend: impl FnOnce(&mut Outcome, &mut Truth)) -> [usize; 4] {
        let (mut outcome, mut truth) = done();
        bend(&mut outcome, &mut truth);
        let verdict = judge(&outcome, &truth, depth).unwrap();
        assert_eq!(verdict.faults.len(), verdict.tally.doubled + verdict.tally.lost);
        let Tally { doubled, lost, unknown, .. } = verdict.tally;
        [doubled, lost, unknown, verdict.in_part]
    }

    /// Six shares of the last attempt of a stock are not executed, and all say so.
    fn cut(stock: usize) -> impl Fn(&mut Outcome, &mut Truth) {
        move |outcome, truth| {
            let symbol = symbols().unwrap()[stock].clone();
            let said = [
                &mut outcome.executed,
                &mut outcome.journalled,
                &mut outcome.journalled_executions,
                &mut truth.executed,
            ];
            for said in said {
                said.insert(name(stock, 1), Shares::new(4));
            }
            outcome.missing.insert(symbol.clone(), Shares::new(6));
            outcome.held.insert(symbol, Shares::new(if stock < STOCKS / 2 { 6 } else { 4 }));
        }
    }

    #[test]
    fn what_is_as_planned_is_sound_and_what_came_twice_is_doubled() {
        assert_eq!(judged(Depth::Deep, |_, _| ()), [0; 4]);
        // Even if nothing of it was executed.
        let again = |_: &mut Outcome, truth: &mut Truth| {
            truth.came.insert(name(13, 1), 2);
        };
        assert_eq!(judged(Depth::Thin, again), [1, 0, 0, 0]);
        let more = |_: &mut Outcome, truth: &mut Truth| {
            truth.came.insert(name(13, 2), 1);
            truth.executed.insert(name(13, 2), Shares::new(1));
        };
        assert_eq!(judged(Depth::Thin, more), [1, 0, 0, 0]);
    }

    #[test]
    fn what_anybody_does_not_know_of_is_lost() {
        type Bend = fn(&mut Outcome);
        let bends: [Bend; 6] = [
            |outcome| outcome.executed.clear(),
            |outcome| outcome.journalled.clear(),
            |outcome| outcome.journalled_executions.clear(),
            |outcome| outcome.held.clear(),
            |outcome| outcome.open = symbols().unwrap().into_iter().collect(),
            |outcome| outcome.unknown = (0..STOCKS).map(|stock| name(stock, 1)).collect(),
        ];
        for (number, bend) in bends.into_iter().enumerate() {
            let [doubled, lost, unknown, in_part] = judged(Depth::Deep, |outcome, _| bend(outcome));
            let some = if number == 3 { STOCKS / 2 } else { STOCKS };
            assert_eq!([doubled, lost, unknown, in_part], [0, some, 0, 0], "{number}");
        }
    }

    #[test]
    fn only_a_stock_of_which_there_is_little_may_end_in_part_and_to_the_share() {
        for stock in [3, 13] {
            assert_eq!(judged(Depth::Thin, cut(stock)), [0, 0, 0, 1]);
            assert_eq!(judged(Depth::Deep, cut(stock)), [0, 1, 0, 0]);
            assert_eq!(judged(Depth::Thin, cut(stock + 1)), [0, 1, 0, 0]);
            let wrong = |outcome: &mut Outcome, truth: &mut Truth| {
                cut(stock)(outcome, truth);
                outcome.missing = [(symbols().unwrap()[stock].clone(), Shares::new(5))].into();
            };
            assert_eq!(judged(Depth::Thin, wrong), [0, 1, 0, 0]);
            let resting = |outcome: &mut Outcome, truth: &mut Truth| {
                cut(stock)(outcome, truth);
                outcome.open = [symbols().unwrap()[stock].clone()].into();
                outcome.resting = [name(stock, 1)].into();
            };
            assert_eq!(judged(Depth::Thin, resting), [0, 0, 1, 0]);
        }
    }
}
