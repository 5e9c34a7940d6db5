//! Factors for **decile**: numbers that say which stocks to prefer, made only of what was known.
//!
//! A [`Market`](decile_core::Market) is resolved, point in time, into a [`Panel`]: one matrix per
//! [`Field`], sessions by symbols. A [`Factor`] reads it through a [`Window`] that ends at one
//! session, so it cannot look ahead. The [`Engine`] computes many factors over many sessions in
//! parallel; [`cross_section`] has the operators that make them comparable.
//!
//! A factor of your own is one call:
//!
//! ```
//! use decile_factor::{Field, factor_fn};
//!
//! let reversal = factor_fn("reversal_5d", &[Field::TotalReturn], 5, |window, out| {
//!     let rows = window.today(Field::TotalReturn).iter().zip(window.ago(Field::TotalReturn, 5));
//!     for (value, (now, then)) in out.iter_mut().zip(rows) {
//!         *value = 1.0 - now / then;
//!     }
//! });
//! # let _ = reversal;
//! ```
//!
//! Missing is NaN and stays missing through everything; infinite is an error. [`library`] lists the
//! factors that come with decile. The module `conformance` (feature of that name) checks that a factor
//! keeps what it promises; the module `expr` (likewise) has factors that are polars expressions.

mod bounded;
#[cfg(feature = "conformance")]
pub mod conformance;
mod consensus;
pub mod cross_section;
mod engine;
mod error;
#[cfg(feature = "expr")]
pub mod expr;
mod factor;
mod factor_panel;
mod field;
#[cfg(feature = "polars")]
pub mod frame;
mod group;
pub mod library;
mod panel;
mod registry;
mod series;
mod source;
#[cfg(any(test, feature = "conformance"))]
mod unscanned;
mod window;

pub use bounded::Bounded;
pub use consensus::Consensus;
pub use engine::{CrossSection, Engine};
pub use error::Error;
#[cfg(feature = "expr")]
pub use expr::ExprFactor;
pub use factor::{Factor, Scan, factor_fn};
pub use factor_panel::FactorPanel;
pub use field::{Field, Item};
pub use group::Grouping;
pub use panel::{Finding, Implausible, Panel, Screen, VendorFigures, adjusted_closes};
pub use registry::FactorRegistry;
pub use series::Series;
pub use source::{KnownFiling, Source};
#[cfg(any(test, feature = "conformance"))]
use unscanned::Unscanned;
pub use window::Window;
