//! Approval does not come out of a file.

trait Read: for<'a> serde::Deserialize<'a> {}

impl Read for decile_trade::ApprovedPlan {}
impl Read for decile_trade::ApprovedOrder {}
impl Read for decile_trade::Consent {}

fn main() {}
