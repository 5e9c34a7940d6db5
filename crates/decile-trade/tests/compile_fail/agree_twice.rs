//! A consent is used once.

use decile_trade::{ApprovedPlan, Consent};

fn agree(consent: Consent, plan: ApprovedPlan, other: ApprovedPlan) {
    let _ = plan.with_consent(consent);
    let _ = other.with_consent(consent);
}

fn main() {}
