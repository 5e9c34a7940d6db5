//! An approved plan cannot be put together.

fn forge(plan: decile_trade::Plan) -> decile_trade::ApprovedPlan {
    decile_trade::ApprovedPlan { plan, checks: forged(), costs: forged(), grounds: forged() }
}

fn forged<T>() -> T {
    unreachable!("this must not compile")
}

fn main() {}
