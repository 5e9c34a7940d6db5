//! Sources made of sources: asked again, in turn, or against each other.

mod cross_checked;
mod fallback;
mod gap;
mod retrying;

pub use cross_checked::CrossChecked;
pub use fallback::Fallback;
pub use retrying::Retrying;

pub(crate) use gap::{Gap, Tolerance};
