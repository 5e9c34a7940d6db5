//! What must not compile: the ways around the risk limits.

#[test]
fn there_is_no_way_around_the_limits() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
