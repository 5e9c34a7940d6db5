//! What was executed beside what was planned, said and written down.

use super::client::Outcome;
use super::market::{SHARES, STOCKS, symbols};
use super::tally::Tally;
use decile::core::Shares;
use decile::trade::{ClientOrderId, Side};
use std::error::Error;

/// What the broker executed of a stock, in both waves.
#[derive(Default)]
struct Executed {
    bought: Shares,
    sold: Shares,
    /// The journal knows of all of it.
    is_written: bool,
}

/// Counts the orders of the second wave by what became of them.
pub(super) fn judge(outcome: &Outcome) -> Result<Tally, Box<dyn Error>> {
    let mut tally = Tally { orders: STOCKS, ..Tally::default() };
    let all = Shares::new(SHARES);
    for (index, symbol) in symbols()?.into_iter().enumerate() {
        let mut told = Executed { is_written: true, ..Executed::default() };
        for (id, shares) in &outcome.executed {
            let order: ClientOrderId = id.parse()?;
            if *order.symbol() != symbol {
                continue;
            }
            let sum = match order.side() {
                Side::Buy => &mut told.bought,
                Side::Sell => &mut told.sold,
            };
            *sum = *sum + *shares;
            told.is_written &= outcome.journalled.get(id) == Some(shares);
        }
        // The first half was bought before anything went wrong, and is sold now.
        let is_sale = index < STOCKS / 2;
        let (traded, wanted) = match is_sale {
            true => (told.sold, Shares::ZERO),
            false => (told.bought, all),
        };
        let held = outcome.held.get(&symbol).copied().unwrap_or_default();
        let is_once = told.bought <= all && told.sold <= if is_sale { all } else { Shares::ZERO };
        if !is_once || held < Shares::ZERO || held > all {
            tally.doubled += 1;
        } else if outcome.unknown.contains(&symbol) && traded.is_zero() {
            // What the broker has executed must not stay unknown.
            tally.unknown += 1;
        } else if held != wanted || traded != all || !told.is_written {
            tally.lost += 1;
        }
    }
    Ok(tally)
}
