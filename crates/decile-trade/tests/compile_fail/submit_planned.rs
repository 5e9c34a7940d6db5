//! A broker takes no order that nobody has approved.

async fn sneak(broker: &dyn decile_trade::Broker, order: &decile_trade::PlannedOrder) {
    let _ = broker.submit(order).await;
}

fn main() {}
