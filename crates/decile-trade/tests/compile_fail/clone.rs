//! What is approved once is sent once.

fn must_clone<T: Clone>() {}

fn main() {
    must_clone::<decile_trade::ApprovedPlan>();
    must_clone::<decile_trade::ApprovedOrder>();
    must_clone::<decile_trade::Consent>();
}
