use super::Consent;
use crate::{AccountId, PlanId};
use chrono::TimeDelta;

/// Why there is no consent to a plan, and nothing is sent.
///
/// ```
/// use decile_trade::{Consent, ConsentError};
///
/// let account = "DU1234567".parse()?;
/// let error = Consent::check_account(&account, true).expect_err("a paper account");
/// assert!(matches!(error, ConsentError::OnPaper { .. }));
/// # Ok::<(), decile_trade::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// An account with real money, without the flag for it.
    #[error(
        "{account} is not a paper account (DU… or DF…): for real money, go through \
         docs/live-checklist.md and add the flag --live"
    )]
    NotMeant {
        /// The account.
        account: AccountId,
    },
    /// The flag for real money, with a paper account.
    #[error("--live is for real money, and {account} is a paper account: leave it out")]
    OnPaper {
        /// The account.
        account: AccountId,
    },
    /// An environment that names no account.
    #[error("real money needs {}={account} in the environment", Consent::VARIABLE)]
    NotNamed {
        /// The account.
        account: AccountId,
    },
    /// An environment that names another account.
    #[error("{} names {named:?}, and the account is {account}: set it anew", Consent::VARIABLE)]
    OtherNamed {
        /// The account.
        account: AccountId,
        /// What the environment names.
        named: String,
    },
    /// A plan that is another by now.
    #[error("the plan is {found} by now, and {approved} was approved: look at it again")]
    OtherPlan {
        /// What the person typed.
        approved: PlanId,
        /// What the plan is.
        found: PlanId,
    },
    /// A plan that the journal does not know as shown.
    #[error("the journal has no look at the plan {plan}: look at it first")]
    NotShown {
        /// The plan.
        plan: PlanId,
    },
    /// A plan that trades much more or less than was shown.
    #[error("the plan {plan} is for {moved}: look at it again")]
    Moved {
        /// The plan.
        plan: PlanId,
        /// What it trades now, and what was shown.
        moved: String,
    },
    /// A plan that was shown too long ago, or by a clock that is ahead.
    #[error(
        "the plan {plan} was shown {} minutes ago, of at most {}: look at it again",
        age.num_minutes(),
        most.num_minutes()
    )]
    ShownBefore {
        /// The plan.
        plan: PlanId,
        /// How long ago.
        age: TimeDelta,
        /// How long ago it may be.
        most: TimeDelta,
    },
    /// A consent to another plan, or to an earlier approval.
    #[error("the consent is to another approval, of the plan {plan}: ask for it anew")]
    OtherApproval {
        /// What was agreed to.
        plan: PlanId,
    },
    /// A plan for an account with real money to which nobody has agreed.
    #[error(
        "{account} is not a paper account (DU… or DF…), and nobody has agreed to its plan: nothing \
         is sent without ApprovedPlan::with_consent"
    )]
    Missing {
        /// The account.
        account: AccountId,
    },
}
