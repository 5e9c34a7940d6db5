//! The operators against numpy, pandas, scipy and zipline: every number of every case.

use decile_factor::Error;
use decile_factor::cross_section::{
    Chains, Plotting, Ties, decile, demean_by_group, kendall, median_deviation, pearson,
    percentile, percentile_middle, percentile_upper, population_z, quantile, quantile_cut,
    rank_gauss, sample_z, spearman, winsorize, winsorize_mad, winsorize_scipy, winsorize_zipline,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-9;

type Case = Map<String, Value>;

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("golden/xs_cases.json")).expect("a list of cases")
}

/// A list of numbers in which null is missing.
fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

/// The numbers of the groups, of which the file has the names.
fn groups(case: &Case) -> Vec<usize> {
    let names = case["group"].as_array().expect("a list");
    let number = |name: &Value| usize::from(name.as_str().expect("a letter").as_bytes()[0] - b'A');
    names.iter().map(number).collect()
}

/// What an operator that works in place makes of a case.
fn changed(values: &[f64], operator: impl FnOnce(&mut [f64])) -> Vec<f64> {
    let mut values = values.to_vec();
    operator(&mut values);
    values
}

fn number(value: Option<f64>) -> Vec<f64> {
    vec![value.unwrap_or(f64::NAN)]
}

/// Everything of ours that a case has numbers for, by its name there.
fn ours(case: &Case) -> BTreeMap<&'static str, Vec<f64>> {
    let x = numbers(&case["x"]);
    let chains = Chains::new(&x, 0.0);
    let (average, count) = (chains.ranks(Ties::Average), chains.known());
    let of_ranks = |percentile: fn(f64, usize) -> f64| -> Vec<f64> {
        average.iter().map(|rank| percentile(*rank, count)).collect()
    };
    let quantiles: Vec<f64> =
        [0.05, 0.5, 0.95].iter().filter_map(|share| quantile(&x, *share)).collect();
    let of_ordinal = |rank: &f64| {
        let ordinal = if rank.is_nan() { 0 } else { *rank as usize };
        decile(ordinal, count).map_or(f64::NAN, f64::from)
    };
    let ordinals = chains.ranks(Ties::Position);
    let mut ours = BTreeMap::from([
        ("rank_average", average.clone()),
        ("rank_min", chains.ranks(Ties::Minimum)),
        ("rank_max", chains.ranks(Ties::Maximum)),
        ("rank_dense", chains.ranks(Ties::Dense)),
        ("rank_ordinal_first", ordinals.clone()),
        ("pct_pandas_r_over_n", of_ranks(percentile_upper)),
        ("pct_r_minus1_over_nminus1", of_ranks(percentile)),
        ("pct_hazen_r_minus_half_over_n", of_ranks(percentile_middle)),
        ("zscore_pop", changed(&x, population_z)),
        ("zscore_sample", changed(&x, sample_z)),
        ("quantiles_type7_05_50_95", quantiles),
        ("winsor_clip_type7_05_95", changed(&x, |x| winsorize(x, 0.05, 0.95))),
        ("winsor_zipline_05_95", changed(&x, |x| winsorize_zipline(x, 0.05, 0.95))),
        ("winsor_scipy_05_05", changed(&x, |x| winsorize_scipy(x, 0.05, 0.05))),
        ("mad_normal", number(median_deviation(&x))),
        ("winsor_mad_3", changed(&x, |x| winsorize_mad(x, 3.0))),
        (
            "demean_by_group",
            changed(&x, |x| demean_by_group(x, &groups(case), 1).expect("a group each")),
        ),
        ("rank_gauss_blom", changed(&x, |x| rank_gauss(x, Plotting::Blom))),
        ("decile_equal_count_ties_by_position", ordinals.iter().map(of_ordinal).collect()),
    ]);
    if let Some(y) = case.get("y") {
        let y = numbers(y);
        for (name, correlate) in [
            ("spearman", spearman as fn(&[f64], &[f64]) -> _),
            ("pearson", pearson),
            ("kendall_b", kendall),
        ] {
            ours.insert(name, number(correlate(&x, &y).expect("finite, of one length")));
        }
    }
    ours
}

/// What is expected: a list, a number, or null for nothing at all.
fn expected(value: &Value, length: usize) -> Vec<f64> {
    match value {
        Value::Array(_) => numbers(value),
        Value::Null if length == 0 => Vec::new(),
        other => vec![other.as_f64().unwrap_or(f64::NAN)],
    }
}

/// The bins of `qcut`, or the error where it cannot cut.
fn same_cut(case: &Case) -> Option<(usize, usize)> {
    let cut = quantile_cut(&numbers(&case["x"]), 10);
    match (case.get("decile_qcut")?, cut) {
        (Value::String(reason), Err(Error::DuplicateEdges { .. })) => {
            assert_eq!(reason, "error: bin edges not unique");
            Some((1, 0))
        }
        (list @ Value::Array(_), Ok(bins)) => {
            let known = |bin: &Option<usize>| bin.map_or(f64::NAN, |bin| bin as f64);
            Some(compare(&bins.iter().map(known).collect::<Vec<_>>(), &numbers(list)))
        }
        (_, _) => Some((1, 1)),
    }
}

/// Counts the numbers and those that differ.
fn compare(ours: &[f64], expected: &[f64]) -> (usize, usize) {
    assert_eq!(ours.len(), expected.len());
    let differs = |(ours, expected): &(&f64, &f64)| {
        let same = (ours.is_nan() && expected.is_nan())
            || (*ours - *expected).abs() <= TOLERANCE * expected.abs() + 1e-12;
        !same
    };
    (ours.len(), ours.iter().zip(expected).filter(differs).count())
}

#[test]
fn operators_agree_with_the_reference_libraries() {
    let cases = cases();
    assert_eq!(cases.len(), 17);
    let (mut compared, mut differing) = (0, Vec::new());
    for case in &cases {
        let mut ours = ours(case);
        for (key, value) in case {
            let outcome = match key.as_str() {
                "name" | "x" | "y" | "group" => continue,
                "decile_qcut" => same_cut(case).expect("it has the key"),
                _ => {
                    let ours =
                        ours.remove(key.as_str()).unwrap_or_else(|| panic!("{key}: no operator"));
                    compare(&ours, &expected(value, ours.len()))
                }
            };
            compared += outcome.0;
            if outcome.1 > 0 {
                differing.push(format!("{} {key}: {} differ", case["name"], outcome.1));
            }
        }
        // Deciles are only given where there are ten values.
        ours.retain(|key, _| *key != "decile_equal_count_ties_by_position");
        assert!(ours.is_empty(), "not in the file: {:?}", ours.keys());
    }
    println!(
        "xs_cases: {} cases, {compared} cells compared, {} differ",
        cases.len(),
        differing.len()
    );
    assert_eq!(differing, Vec::<String>::new());
    assert!(compared > 5000, "only {compared} cells were compared");
}
