//! The broker's own margin check, asked before anything of a run is sent.
//!
//! Each order is reckoned by the broker as if it came alone. A plan that is fully invested sells before
//! it buys, and none of its buys would be borne alone: so the changes of the orders before are added to
//! what the broker says of each, in the order in which they are sent.

use super::Executor;
use crate::broker::plus;
use crate::error::in_full;
use crate::{
    AccountId, ApprovedOrder, Check, CheckName, Error, Margins, PlannedOrder, Released, Side,
};
use decile_core::Money;
use futures::{StreamExt, stream};

/// How many orders the broker is asked about at a time.
const CONCURRENT: usize = 8;

/// What comes of the answers.
enum Verdict {
    Allowed(String),
    Denied(String),
    /// Nobody knows: there was no answer, or a figure is missing.
    Unknown(String),
}

impl Executor {
    /// Asks the broker what the orders would do to the margin: for real money always, else if the
    /// configuration says so. Returns what it says, if it was asked and nothing speaks against the run.
    ///
    /// What is not known denies real money, and is told on paper.
    pub(super) async fn check_margin(
        &self,
        account: &AccountId,
        released: &[Released],
    ) -> Result<Option<Check>, Error> {
        let is_paper = account.is_paper();
        if is_paper && !self.config.margin_check {
            return Ok(None);
        }
        let mut orders = Vec::new();
        for released in released {
            if let Released::Ready(order) = released {
                orders.push(order);
            }
        }
        let verdict = match self.margins(&orders).await {
            Ok(margins) => judge(orders.iter().map(|order| order.order()).zip(&margins)),
            Err(error) => Verdict::Unknown(in_full(&error)),
        };
        let allowed = |reason| Ok(Some(Check { name: CheckName::Margin, allowed: true, reason }));
        let reason = match verdict {
            Verdict::Allowed(reason) => return allowed(reason),
            Verdict::Unknown(reason) if is_paper => return allowed(format!("not known: {reason}")),
            Verdict::Denied(reason) => reason,
            Verdict::Unknown(reason) => format!("not known: {reason}"),
        };
        Err(self.refused(Error::MarginDenied { reason }))
    }

    /// Asks about every order. One that is not answered keeps none of the others from being heard to its
    /// end: the broker may have to take something back.
    async fn margins(&self, orders: &[&ApprovedOrder]) -> Result<Vec<Option<Margins>>, Error> {
        let ask = |order| self.ask("margin", self.broker.what_if(order));
        let asked: Vec<_> = orders.iter().map(|order| ask(*order)).collect();
        let answers: Vec<_> = stream::iter(asked).buffered(CONCURRENT).collect().await;
        answers.into_iter().collect()
    }
}

/// Holds the initial margin against the equity with loan after each order and all before it.
fn judge<'a>(
    orders: impl ExactSizeIterator<Item = (&'a PlannedOrder, &'a Option<Margins>)>,
) -> Verdict {
    let count = orders.len();
    let (mut wrong, mut unknown, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = [Money::ZERO; 2];
    let mut told = None;
    for (order, margins) in orders {
        let (side, symbol) = (order.side, &order.symbol);
        let Some(margins) = margins else {
            return Verdict::Allowed("the broker has no such check".to_owned());
        };
        if let Some(refusal) = &margins.refusal {
            wrong.push(format!("the broker would refuse to {side} {symbol}: {refusal}"));
            continue;
        }
        if let Some(warning) = &margins.warning {
            warnings.push(format!("; {side} {symbol}: {warning}"));
        }
        let Some([initial, equity]) = after(margins, before) else {
            unknown.push(format!("the broker does not say what {side} {symbol} does to it"));
            continue;
        };
        // A sale makes it better, however bad it is.
        if side == Side::Buy && initial > equity {
            wrong.push(format!(
                "{side} {symbol} leads to an initial margin of {initial}, and the equity with loan \
                 is {equity}"
            ));
        }
        told = Some([initial, equity]);
        before = changed(margins, before).unwrap_or(before);
    }
    let warnings = warnings.concat();
    match (wrong.is_empty(), unknown.is_empty(), told) {
        (false, ..) => Verdict::Denied(wrong.join(", ") + &warnings),
        (_, false, _) => Verdict::Unknown(unknown.join(", ") + &warnings),
        (.., Some([initial, equity])) => Verdict::Allowed(format!(
            "initial margin {initial} of {equity} in equity with loan after {count} orders{warnings}"
        )),
        (.., None) => Verdict::Allowed("no order".to_owned()),
    }
}

/// Initial margin and equity with an order, behind what the orders before it change.
fn after(margins: &Margins, before: [Money; 2]) -> Option<[Money; 2]> {
    let [initial, equity] = before;
    // What cannot be added to the next order's is not known there, so it is looked at here.
    changed(margins, before)?;
    Some([plus(margins.initial.after()?, initial)?, plus(margins.equity.after()?, equity)?])
}

/// What the orders so far change, one more included.
fn changed(margins: &Margins, [initial, equity]: [Money; 2]) -> Option<[Money; 2]> {
    Some([plus(margins.initial.change()?, initial)?, plus(margins.equity.change()?, equity)?])
}
