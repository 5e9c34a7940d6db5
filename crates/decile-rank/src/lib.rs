//! Multi-factor models for **decile**: from factor values to a ranking with reasons.
//!
//! A [`Model`] says which factors count and how much; it is code, a preset or a TOML file.
//! [`Model::resolve`] finds its factors in a registry; [`ResolvedModel::score`] scores one session of a
//! panel; [`Scores::rank`] sorts the stocks, with every factor's contribution and the reason for every
//! exclusion. [`Ranking::check`] says whether it may be traded on, [`Ranking::diff`] what moved since
//! another one, and [`construct`] turns the best of them into [`Targets`](decile_core::Targets).
//!
//! The presets are in the style of J.P. Morgan's published Q-Score description; they are not the
//! bank's model, and the weights are ours.

pub mod construct;
mod error;
mod exclusion;
#[cfg(feature = "polars")]
mod frame;
mod gates;
mod model;
mod ranking;
mod remark;
mod resolved;
mod score_panel;
mod scores;

pub use decile_core::{Document, DocumentError};
pub use error::Error;
pub use exclusion::Exclusion;
pub use gates::{GateCheck, GateName, GateReport, Verdict};
pub use model::{
    Gates, Group, Missing, Model, ModelFile, Part, Standardise, WeightedFactor, Winsorise,
};
pub use ranking::{
    Cause, FactorChange, FactorScore, GroupScore, InputChange, RankedFactor, RankedStock, Ranking,
    RankingDiff, StockChange, StockSources,
};
pub use remark::Remark;
pub use resolved::ResolvedModel;
pub use score_panel::ScorePanel;
pub use scores::Scores;
