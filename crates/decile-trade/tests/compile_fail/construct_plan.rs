//! An approved plan cannot be put together.

fn forge(plan: decile_trade::Plan) -> decile_trade::ApprovedPlan {
    let (approved_at, day_caps) = Default::default();
    decile_trade::ApprovedPlan { plan, checks: Vec::new(), costs: Vec::new(), approved_at, day_caps }
}

fn main() {}
