use super::{NoteKind, Plan, PlanRules};
use crate::{Error, RiskLimits};
use decile_core::{TargetSize, Targets};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::fmt;
use std::str::FromStr;

/// How many bytes of the hash are kept: enough that no two plans of a strategy have the same.
const BYTES: usize = 8;

/// What a person approves: the beginning of a SHA-256 of strategy, account, session, as-of date, model,
/// targets, rules and limits, and whether buys were left out, as 16 hexadecimal digits.
///
/// Prices and quantities are not part of it, since they move between the look and the approval; the
/// limits see to those. So it names what is wanted and by which rules, and never an order: that is a
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
        // Plain numbers, of which no two print the same.
        text += &format!("{rules:?}\n{limits:?}\n{leaves_buys_out}\n");
        let mut id = String::new();
        for byte in Sha256::digest(text).iter().take(BYTES) {
            id += &format!("{byte:02x}");
        }
        Self(id.into())
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
