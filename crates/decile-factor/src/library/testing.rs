//! Small panels whose numbers are written out, for tests by hand.

use crate::group::Groups;
use crate::{Engine, Factor, Field, Panel};
use chrono::{Days, NaiveDate};
use smol_str::SmolStr;
use std::sync::Arc;

/// A panel of the fields, whose matrices are given row by row.
pub(super) fn panel(width: usize, fields: Vec<(Field, Vec<f64>)>) -> Panel {
    let sessions = fields[0].1.len() / width;
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    let names = |prefix: &str| (0..width).map(|i| SmolStr::new(format!("{prefix}{i}"))).collect();
    Panel {
        sessions: (0..sessions).map(|day| first + Days::new(day as u64)).collect(),
        symbols: (0..width).map(|i| format!("S{i}").parse().unwrap()).collect(),
        sectors: Groups::new(names("sector ")),
        issuers: Groups::new(names("issuer ")),
        universe: vec![true; sessions * width],
        fields: fields.into_iter().collect(),
        benchmark: vec![f64::NAN; sessions],
        first_estimate: None,
        sources: Vec::new(),
        screened: Default::default(),
    }
}

/// A matrix whose values are given by session and column.
pub(super) fn matrix(
    sessions: usize,
    width: usize,
    value: impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    (0..sessions)
        .flat_map(|session| (0..width).map(move |column| (session, column)))
        .map(|(s, c)| value(s, c))
        .collect()
}

/// The factor at the last session of a panel.
pub(super) fn last(factor: impl Factor + 'static, panel: &Panel) -> Vec<f64> {
    let engine = Engine::new(panel, &[Arc::new(factor)]).unwrap();
    engine.session(panel.sessions().len() - 1).unwrap().factor(0).to_vec()
}

/// The factor of one session with one row of each input, one value per stock.
pub(super) fn of_inputs<const S: usize>(
    factor: impl Factor + 'static,
    rows: &[[f64; S]],
) -> [f64; S] {
    let fields = factor.inputs().iter().cloned();
    let fields: Vec<_> = fields.zip(rows).map(|(field, row)| (field, row.to_vec())).collect();
    assert_eq!(fields.len(), factor.inputs().len(), "a row for each input");
    last(factor, &panel(S, fields)).try_into().unwrap()
}

/// Tells whether two values are equal to a few roundings, or both missing.
pub(super) fn same(ours: f64, by_hand: f64) -> bool {
    (ours.is_nan() && by_hand.is_nan()) || (ours - by_hand).abs() <= 1e-14 * by_hand.abs()
}
