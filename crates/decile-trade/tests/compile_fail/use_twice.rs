//! The orders of a plan are given out once.

fn twice(approved: decile_trade::ApprovedPlan, attempts: &decile_trade::Attempts) {
    let _ = approved.into_orders(attempts);
    let _ = approved.into_orders(attempts);
}

fn main() {}
