//! The operators that the `q_core` models use, against numpy, pandas and scipy.

use decile_factor::cross_section::{Chains, percentile, population_z, quantile, winsorize};
use serde_json::Value;

const TOLERANCE: f64 = 1e-9;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("golden/xs_cases.json")).expect("a list of cases")
}

/// A list of numbers in which null is missing.
fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

fn compare(case: &Value, key: &str, ours: &[f64]) -> usize {
    let name = case["name"].as_str().expect("a name");
    let expected = numbers(&case[key]);
    assert_eq!(ours.len(), expected.len(), "{name} {key}");
    for (ours, expected) in ours.iter().zip(&expected) {
        let same = (ours.is_nan() && expected.is_nan())
            || (ours - expected).abs() <= TOLERANCE * expected.abs() + 1e-12;
        assert!(same, "{name} {key}: ours {ours}, expected {expected}");
    }
    ours.len()
}

#[test]
fn operators_agree_with_the_reference_libraries() {
    let cases = cases();
    assert_eq!(cases.len(), 17);
    let mut compared = 0;
    for case in &cases {
        let values = numbers(&case["x"]);
        let chains = Chains::new(&values, 0.0);
        let (ranks, count) = (chains.average_ranks(), chains.known());
        compared += compare(case, "rank_average", &ranks);
        let percentiles: Vec<f64> = ranks.iter().map(|rank| percentile(*rank, count)).collect();
        compared += compare(case, "pct_r_minus1_over_nminus1", &percentiles);
        let mut z = values.clone();
        population_z(&mut z);
        compared += compare(case, "zscore_pop", &z);
        let mut clipped = values.clone();
        winsorize(&mut clipped, 0.05, 0.95);
        compared += compare(case, "winsor_clip_type7_05_95", &clipped);
        compared += compare_quantiles(case, &values);
    }
    println!("xs_cases: {} cases, {compared} numbers compared, 0 differ", cases.len());
    assert!(compared > 1200, "only {compared} numbers were compared");
}

fn compare_quantiles(case: &Value, values: &[f64]) -> usize {
    let key = "quantiles_type7_05_50_95";
    let ours: Option<Vec<f64>> = [0.05, 0.5, 0.95].iter().map(|p| quantile(values, *p)).collect();
    match ours {
        Some(ours) => compare(case, key, &ours),
        None => {
            assert!(case[key].is_null(), "{} {key}", case["name"]);
            1
        }
    }
}
