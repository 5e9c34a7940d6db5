//! What the rules of brokers and the law say of a trade.

use super::{Review, Verdict, verdict};
use crate::AccountKind;
use crate::exact::{Exact, exact, money, whole};
use decile_core::{Decimal, Shares};

impl Review<'_> {
    /// In a cash account a sale pays for nothing before it has settled.
    pub(super) fn settled_cash(&self) -> Verdict {
        let kind = self.limits.account_kind;
        if kind == AccountKind::Margin {
            return Ok("not a cash account: what is sold pays at once".to_owned());
        }
        if self.buys().next().is_none() {
            return Ok("nothing is bought".to_owned());
        }
        let Some(settled) = self.inputs.account.spendable(kind) else {
            return Err(vec!["the broker does not tell the settled cash".to_owned()]);
        };
        let kept = self.plan.sizing().cash_kept;
        let free = exact(settled.get()) - exact(kept.get());
        let with_fee = exact(Decimal::ONE + self.plan.fee());
        // The plan leaves the buffer at its own prices. It is there for worse ones, so at those it may
        // go, and no more than it.
        let value = |quantity: Shares, price: Decimal| whole(quantity) * exact(price);
        let planned = self.buys().map(|order| value(order.quantity, order.reference.get()));
        let planned = planned.sum::<Exact>() * with_fee;
        let worst: Exact = self.buys().map(|order| self.cost(order).exactly(order.quantity)).sum();
        let told = |needed: &Exact| match money(needed) {
            Some(needed) => format!("{:.2}", needed.to_cents()),
            None => "an amount out of range".to_owned(),
        };
        let mut wrong = Vec::new();
        if planned > free {
            wrong.push(format!(
                "buys of {} and {:.2} is settled, of which {:.2} stays: what is sold pays from the \
                 next session on",
                told(&planned),
                settled.to_cents(),
                kept.to_cents()
            ));
        }
        if worst > exact(settled.get()) {
            let (worst, settled) = (told(&worst), settled.to_cents());
            wrong.push(format!("buys may take {worst} and {settled:.2} is settled"));
        }
        verdict(wrong, || {
            format!("buys of {} of {:.2} that is settled", told(&planned), settled.to_cents())
        })
    }
}
