//! Nor can an approved order.

fn forge(
    id: decile_trade::ClientOrderId,
    order: decile_trade::PlannedOrder,
) -> decile_trade::ApprovedOrder {
    decile_trade::ApprovedOrder { id, order, cost: forged(), cash_needed: forged(), sizing: None }
}

fn forged<T>() -> T {
    unreachable!("this must not compile")
}

fn main() {}
