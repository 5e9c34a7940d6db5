//! Factors that are polars expressions.

#![cfg(feature = "expr")]

#[path = "support/market.rs"]
mod market;

use decile_core::Market;
use decile_factor::conformance::Suite;
use decile_factor::expr::{ExprFactor, ago, today};
use decile_factor::{Engine, Error, Factor, FactorRegistry, Field, Item, Panel};
use market::market;
use polars::prelude::{Expr, LiteralValue, col, lit, when};
use std::sync::Arc;

const INCOME: Field = Field::Ttm(Item::NetIncome);

fn factor(name: &str, expression: Expr) -> Arc<dyn Factor> {
    Arc::new(ExprFactor::new(name, expression).expect("a factor"))
}

/// The values of every session, row by row.
fn values(market: &Market, factor: &Arc<dyn Factor>) -> Vec<f64> {
    let panel = Panel::new(market, factor.inputs());
    let engine = Engine::new(&panel, std::slice::from_ref(factor)).expect("its fields are held");
    let values = engine.run(0..panel.sessions().len()).expect("finite values");
    values.matrix(factor.name()).expect("computed").to_vec()
}

fn same(ours: &[f64], theirs: &[f64]) -> usize {
    assert_eq!(ours.len(), theirs.len());
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
            "cell {at}"
        );
    }
    ours.iter().filter(|value| !value.is_nan()).count()
}

/// A market on which a rule is checked in seconds.
fn small() -> Market {
    let sessions = 200;
    let market = market();
    market.known_at(market.calendar().sessions()[sessions]).expect("a market")
}

fn missing() -> Expr {
    lit(LiteralValue::untyped_null())
}

#[test]
fn factors_of_the_library_come_out_as_expressions() {
    let market = market();
    let registry = FactorRegistry::library();
    let library = |name: &str| values(&market, &registry.get(name).expect("library"));

    let change = today(Field::TotalReturn) / ago(Field::TotalReturn, 21) - lit(1.0);
    let reversal = factor("mine", lit(0.0) - change);
    assert_eq!(reversal.inputs(), [Field::TotalReturn]);
    assert_eq!(reversal.lookback(), 21);
    assert!(same(&values(&market, &reversal), &library("rev_1m")) > 10_000);

    let book = || today(Field::Quarter(Item::BookEquity, 0));
    let cap = today(Field::Close) * today(Field::ListedShares);
    let ratio = book() * today(Field::Fx) / cap;
    let value = factor("mine", when(book().gt(lit(0.0))).then(ratio).otherwise(missing()));
    assert!(same(&values(&market, &value), &library("bm")) > 10_000);
}

#[test]
fn expressions_keep_the_rules() {
    let market = small();
    let suite = Suite::new(&market).expect("fit");
    let jump = today(Field::Close) / ago(Field::Close, 3);
    let against = col("benchmark") / col("benchmark@3");
    suite.check(&factor("against_benchmark", jump.clone() - against)).expect("keeps the rules");

    // Across the stocks of a session, and of a sector.
    let across = suite.clone().reads_other_stocks();
    let inside = || when(col("universe")).then(jump.clone()).otherwise(missing());
    across.check(&factor("from_mean", inside() - inside().mean())).expect("keeps the rules");
    let peers = inside().mean().over([col("sector")]).expect("a partition");
    across.check(&factor("from_sector", inside() - peers)).expect("keeps the rules");
    // It does read other stocks.
    let broken = suite.check(&factor("from_mean", inside() - inside().mean()));
    assert!(matches!(broken, Err(Error::RuleBroken { .. })), "{broken:?}");
}

#[test]
fn rows_are_stocks_so_shifting_them_is_found() {
    let market = small();
    let shifted = factor("shifted", today(Field::Close) - today(Field::Close).shift(lit(1)));
    let broken = Suite::new(&market).expect("fit").check(&shifted);
    assert!(matches!(broken, Err(Error::RuleBroken { .. })), "{broken:?}");
}

#[test]
fn missing_is_null_and_a_single_number_is_that_of_all() {
    let market = market();
    let known = factor("known", today(INCOME).is_not_null());
    let income = factor("income", today(INCOME));
    let panel = Panel::new(&market, &[INCOME]);
    let engine = Engine::new(&panel, &[known, income]).expect("held");
    let section = engine.session(5).expect("computed");
    for ((known, income), inside) in
        section.factor(0).iter().zip(section.factor(1)).zip(section.universe())
    {
        let flag = if income.is_nan() { 0.0 } else { 1.0 };
        assert!(if *inside { *known == flag } else { known.is_nan() });
    }
    let count = factor("count", today(INCOME).count());
    let engine = Engine::new(&panel, &[count]).expect("held");
    let section = engine.session(300).expect("computed");
    let counted = panel.row(&INCOME, 300).expect("a row").iter().filter(|v| !v.is_nan()).count();
    assert!(counted > 20);
    for (value, inside) in section.factor(0).iter().zip(section.universe()) {
        assert!(if *inside { *value == counted as f64 } else { value.is_nan() });
    }
}

#[test]
fn what_gives_no_factor_is_refused() {
    let told = |expression: Expr| ExprFactor::new("mine", expression).expect_err("no factor");
    let constant = told(lit(1.0)).to_string();
    assert!(constant.contains("factor mine") && constant.contains("names no column"), "{constant}");
    assert!(told(col("symbol")).to_string().contains("type str"), "{}", told(col("symbol")));
    assert!(matches!(told(polars::prelude::all().as_expr()), Error::Expression { .. }));
    assert!(matches!(told(col("universe") + col("sector").mean()), Error::Expression { .. }));

    let market = market();
    let unknown = factor("unknown", col("my_signal@4"));
    assert_eq!((unknown.inputs(), unknown.lookback()), (&[Field::custom("my_signal")][..], 4));
    let panel = Panel::new(&market, &[Field::Close]);
    let missing = Engine::new(&panel, &[unknown]).expect_err("it is not in the panel");
    assert!(matches!(missing, Error::MissingField { .. }), "{missing}");

    let few = today(Field::Close).filter(today(Field::Close).gt(lit(1e9)));
    let engine = Engine::new(&panel, &[factor("few", few)]).expect("held");
    let error = engine.session(300).expect_err("fewer values than stocks").to_string();
    let date = panel.sessions()[300].to_string();
    assert!(error.contains("factor few") && error.contains(&date), "{error}");

    let infinite = factor("infinite", today(Field::Close) / lit(0.0));
    let error = Engine::new(&panel, &[infinite]).expect("held").session(300).expect_err("infinite");
    assert!(matches!(error, Error::Infinite { .. }), "{error}");
}
