//! The polars expressions say what decile says.

#![cfg(feature = "peers")]

use decile::prelude::*;
use decile_benches::peers::{Peer, Scaling};
use decile_benches::random_panel;
use polars::prelude::*;
use std::num::{NonZeroU8, NonZeroU32};

const SESSIONS: usize = 300;

/// Compares sessions from `first` on; returns how many values are known.
fn same(name: &str, scaling: Scaling, first: usize) -> usize {
    let model = Model::preset(name).expect("a preset");
    let model = model.resolve(&FactorRegistry::library()).expect("library factors");
    let panel = random_panel(700, SESSIONS, &model.fields());
    let ours = model.score_all(&panel, first..SESSIONS).expect("finite factors");
    let peer = if first == 0 { Peer::new(&panel) } else { Peer::last(&panel) };
    let theirs = peer.and_then(|peer| peer.scores(scaling)).expect("polars computes it");
    let column = |name: &str| {
        let values = theirs.column(name).and_then(|column| column.cast(&DataType::Float64));
        let values = values.expect("a number").f64().expect("cast").clone();
        values.iter().map(|value| value.unwrap_or(f64::NAN)).collect::<Vec<f64>>()
    };
    let mut compared = 0;
    let mut check = |name: &str, ours: &[f64]| {
        let theirs = column(name);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (place, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let near = (ours - theirs).abs() <= 1e-9 * theirs.abs() + 1e-12;
            assert!(near || (ours.is_nan() && theirs.is_nan()), "{name} {place}: {ours} {theirs}");
            compared += usize::from(!ours.is_nan());
        }
    };
    check("composite", ours.composite_matrix());
    check("coverage", ours.coverage_matrix());
    check("q_score", ours.q_score_matrix());
    let rows = 0..SESSIONS - first;
    let ordinal = |place: &Option<NonZeroU32>| place.map_or(f64::NAN, |p| f64::from(p.get()));
    let ordinals = rows.clone().flat_map(|row| ours.ordinals(row)).map(ordinal);
    check("ordinal", &ordinals.collect::<Vec<_>>());
    let decile = |place: &Option<NonZeroU8>| place.map_or(f64::NAN, |p| f64::from(p.get()));
    check("decile", &rows.flat_map(|row| ours.deciles(row)).map(decile).collect::<Vec<_>>());
    compared
}

#[test]
fn polars_q_core_gives_the_scores_of_q_core() {
    assert!(same("q_core", Scaling::Scores, 0) > 300_000);
    assert!(same("q_core", Scaling::Scores, SESSIONS - 1) > 2500);
}

#[test]
fn polars_ranks_gives_the_scores_of_ranks() {
    assert!(same("ranks", Scaling::Ranks, 0) > 300_000);
    assert!(same("ranks", Scaling::Ranks, SESSIONS - 1) > 2500);
}
