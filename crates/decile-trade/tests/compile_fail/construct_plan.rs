//! An approved plan cannot be put together.

fn forge(plan: decile_trade::Plan) -> decile_trade::ApprovedPlan {
    let approved_at = Default::default();
    let (limits, checks) = (decile_trade::RiskLimits::default(), Vec::new());
    decile_trade::ApprovedPlan { plan, checks, costs: Vec::new(), limits, approved_at }
}

fn main() {}
