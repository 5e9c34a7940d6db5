//! The models that come with decile, in the style of J.P. Morgan's published description of its
//! Q-Score: cheap, successful, quality companies with solid earnings. Not the bank's model; nothing
//! is published about its weights, so ours are equal.

use super::{Group, Model};
use crate::Error;

pub(super) fn model(name: &str) -> Result<Model, Error> {
    match name {
        "q_core" => {
            Ok(core("q_core", "em_3m")?.without_estimates(core("q_core_eaccel", "eaccel")?))
        }
        "q_core_eaccel" => core("q_core_eaccel", "eaccel"),
        _ => Err(Error::UnknownPreset { name: name.to_owned(), known: Model::PRESETS.join(", ") }),
    }
}

/// Seven factors in four groups of equal weight, with one or the other measure of earnings momentum.
fn core(name: &str, momentum: &str) -> Result<Model, Error> {
    let groups = vec![
        Group::new("value", 0.25, &[("ey_ttm", 0.5), ("bm", 0.5)]),
        Group::new("price", 0.25, &[("mom_12_1", 0.5), ("rev_1m", 0.5)]),
        Group::new("quality", 0.25, &[("roe", 1.0)]),
        Group::new("earnings", 0.25, &[("eg_sym", 0.5), (momentum, 0.5)]),
    ];
    Model::new(name, groups)?.requiring("mom_12_1")
}
