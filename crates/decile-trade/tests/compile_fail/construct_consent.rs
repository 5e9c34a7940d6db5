//! A person's consent cannot be put together.

fn forge(id: decile_trade::PlanId, plan: decile_trade::Plan) -> decile_trade::Consent {
    decile_trade::Consent { id, plan, approved_at: forged() }
}

fn forged<T>() -> T {
    unreachable!("this must not compile")
}

fn main() {}
