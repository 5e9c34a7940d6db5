use super::{NoteKind, Plan, PlanRules};
use crate::{Error, RiskLimits};
use decile_core::{Shares, Symbol, TargetSize, Targets};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// How many bytes of the hash are kept: enough that no two plans of a strategy have the same.
const BYTES: usize = 8;

/// What a person approves: the beginning of a SHA-256 of strategy, account, session, as-of date, model,
/// targets, rules and limits, whether buys were left out, and which names are bought and which sold, as 16
/// hexadecimal digits.
///
/// Prices and quantities are not part of it, since they move a little between the look and the approval:
/// [`moved`](Self::moved) tells whether it was too much. It never names an order: that is a
/// [`ClientOrderId`](crate::ClientOrderId).
///
/// ```
/// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
/// # use market::*;
/// use decile_trade::{PlanId, PlanRules, RiskLimits};
///
/// let plan = plan("10000", &[("KO", "50"), ("PEP", "150")]);
/// let (rules, limits) = (PlanRules::default(), RiskLimits::default());
/// let id = |names| PlanId::of(&plan, &targets(names), "q_core", (&rules, &limits));
/// assert_eq!(id(&["KO", "PEP"]).to_string().parse::<PlanId>()?, id(&["KO", "PEP"]));
/// assert_ne!(id(&["KO", "PEP"]), id(&["KO"]));
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct PlanId(SmolStr);

impl PlanId {
    /// Names a plan by what is wanted, and by which rules and limits. `model` is a text that no other model
    /// has, such as its hash.
    #[must_use]
    pub fn of(
        plan: &Plan,
        targets: &Targets,
        model: &str,
        (rules, limits): (&PlanRules, &RiskLimits),
    ) -> Self {
        let (strategy, account) = (plan.strategy(), plan.account());
        let (session, as_of) = (plan.session(), plan.as_of());
        let mut text = format!("{strategy}\n{account}\n{session}\n{as_of}\n{model}\n");
        for target in targets.iter() {
            let size = match target.size {
                TargetSize::Weight(weight) => format!("w {}", weight.get().normalize()),
                TargetSize::Shares(shares) => format!("s {shares}"),
            };
            text += &format!("{} {size}\n", target.symbol);
        }
        let leaves_buys_out = plan.notes().iter().any(|note| note.kind == NoteKind::NoBuys);
        for order in plan.orders() {
            text += &format!("{} {}\n", order.side, order.symbol);
        }
        // Plain numbers, of which no two print the same.
        text += &format!("{rules:?}\n{limits:?}\n{leaves_buys_out}\n");
        let mut id = String::new();
        for byte in Sha256::digest(text).iter().take(BYTES) {
            id += &format!("{byte:02x}");
        }
        Self(id.into())
    }
}

impl PlanId {
    /// Returns the first order whose quantity is another than was shown by more than a tenth of that and
    /// more than a share, in words; `None` if there is none. Buys are above 0 and sales below.
    ///
    /// ```
    /// # mod market { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/market.rs")); }
    /// # use market::*;
    /// use decile_trade::PlanId;
    ///
    /// let plan = plan("10000", &[("KO", "50")]);
    /// let mut shown = PlanId::quantities(&plan);
    /// assert_eq!(PlanId::moved(&plan, &shown), None);
    /// shown.insert(symbol("KO"), decile_core::Shares::new(100));
    /// assert_eq!(PlanId::moved(&plan, &shown).as_deref(), Some("189 KO by now, and 100 were shown"));
    /// ```
    #[must_use]
    pub fn moved(plan: &Plan, shown: &BTreeMap<Symbol, Shares>) -> Option<String> {
        let now = Self::quantities(plan);
        now.keys().chain(shown.keys()).find_map(|symbol| {
            let [now, shown] =
                [&now, shown].map(|all| all.get(symbol).copied().unwrap_or_default());
            let most = (shown.get().abs() / 10).max(1);
            ((now - shown).get().abs() > most)
                .then(|| format!("{now} {symbol} by now, and {shown} were shown"))
        })
    }

    /// Returns what a plan trades, below 0 what it sells: what a person is shown.
    #[must_use]
    pub fn quantities(plan: &Plan) -> BTreeMap<Symbol, Shares> {
        let orders = plan.orders().iter();
        orders.map(|order| (order.symbol.clone(), order.side.signed(order.quantity))).collect()
    }
}

impl FromStr for PlanId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(SmolStr::new(text))
    }
}

impl TryFrom<SmolStr> for PlanId {
    type Error = Error;

    fn try_from(text: SmolStr) -> Result<Self, Error> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == 2 * BYTES && text.bytes().all(is_digit) {
            true => Ok(Self(text)),
            false => Err(Error::InvalidPlanId { text: text.into() }),
        }
    }
}

impl From<PlanId> for SmolStr {
    fn from(id: PlanId) -> Self {
        id.0
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sixteen_small_hexadecimal_digits_are_an_id() {
        assert!("0123456789abcdef".parse::<PlanId>().is_ok());
        for bad in
            ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"]
        {
            assert!(matches!(bad.parse::<PlanId>(), Err(Error::InvalidPlanId { .. })), "{bad}");
        }
    }
}
