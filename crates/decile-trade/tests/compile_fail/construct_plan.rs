//! An approved plan cannot be put together.

fn forge(plan: decile_trade::Plan) -> decile_trade::ApprovedPlan {
    let (checks, costs, grounds) = (forged(), forged(), forged());
    decile_trade::ApprovedPlan { plan, checks, costs, grounds, consent: None }
}

fn forged<T>() -> T {
    unreachable!("this must not compile")
}

fn main() {}
