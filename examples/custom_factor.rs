//! A factor of your own: written, checked, and ranked with.
//!
//! `cargo run --example custom_factor`

#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use decile::factor::conformance::Suite;
use decile::prelude::*;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // The factor: what fell over the last five sessions. Missing (NaN) stays missing by itself.
    let reversal = factor_fn("reversal_5d", &[Field::TotalReturn], 5, |window, out| {
        let now = window.today(Field::TotalReturn);
        let then = window.ago(Field::TotalReturn, 5);
        for (value, (now, then)) in out.iter_mut().zip(now.iter().zip(then)) {
            *value = 1.0 - now / then;
        }
    });

    // The checks: no look-ahead, an honest lookback, no surprise where data are missing …
    let market = SyntheticMarket::default().seed(1).generate()?;
    Suite::new(&market)?.check(&reversal)?;
    println!("{} keeps every rule", reversal.name());

    // The ranking, beside factors of the library, found by name.
    let mut registry = FactorRegistry::library();
    registry.register(reversal)?;
    let model = Model::new(
        "my_model",
        vec![
            Group::new("price", 0.5, &[("reversal_5d", 0.5), ("vol_63", 0.5)]),
            Group::new("value", 0.5, &[("ey_fwd", 0.5), ("gpa", 0.5)]),
        ],
    )?;
    let model = model.resolve(&registry)?;
    let panel = Panel::new(&market, &model.fields());
    let ranking = model.score(&panel, market.calendar().last())?.rank();
    println!("{} on {}", ranking.model(), ranking.as_of());
    for stock in ranking.iter().take(10) {
        let parts = stock.factors.iter().map(|f| format!("{} {:+.2}", f.name, f.contribution));
        let (rank, score) = (stock.rank.unwrap_or_default(), stock.composite.unwrap_or_default());
        println!(
            "{rank:3}  {:5} {score:+.2}  = {}",
            stock.symbol,
            parts.collect::<Vec<_>>().join(", ")
        );
    }
    Ok(())
}
