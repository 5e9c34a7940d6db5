//! Splits, dividends and spin-offs of what a paper account holds.

use super::book::Book;
use crate::Error;
use chrono::NaiveDate;
use decile_core::{AppliedAction, CorporateAction, Price, Symbol};
use std::collections::BTreeMap;

/// Carries a book on to a session; see [`PaperBroker::roll_to`](super::PaperBroker::roll_to).
pub(super) fn roll(
    book: &mut Book,
    session: NaiveDate,
    actions: &[CorporateAction],
    closes: &BTreeMap<Symbol, Price>,
) -> Result<Vec<AppliedAction>, Error> {
    let reached = book.session();
    if session < reached {
        return Err(Error::SessionPassed { account: book.id().clone(), reached, session });
    }
    book.begin(session);
    let mut applied = Vec::new();
    for action in CorporateAction::due(actions, reached, session) {
        applied.extend(book.apply(action, closes.get(&action.symbol).copied())?);
    }
    book.drop_empty_positions();
    Ok(applied)
}
