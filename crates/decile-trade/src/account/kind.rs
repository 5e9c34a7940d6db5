use serde::{Deserialize, Serialize};

/// What an account may buy with.
///
/// Sales of stocks settle one session later (SEC rule 15c6-1, T+1). In a margin account what they bring
/// pays at once. In a cash account it does not: a stock that is bought with it and sold before it has
/// settled is a violation (Regulation T, 12 CFR 220.8), for which a broker freezes the account. So a cash
/// account buys with settled cash only, and changes what it holds over two sessions.
///
/// ```
/// use decile_trade::{AccountKind, RiskLimits};
///
/// assert_eq!(RiskLimits::default().account_kind, AccountKind::Margin);
/// let limits: RiskLimits = serde_json::from_str(r#"{"account_kind": "cash"}"#)?;
/// assert_eq!(limits.account_kind, AccountKind::Cash);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// All cash pays for buys.
    #[default]
    Margin,
    /// Only settled cash does.
    Cash,
}
