use decile_core::Symbol;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a plan has another order for a stock than its target asks for, or none.
///
/// ```
/// use decile_trade::NoteKind;
///
/// assert_eq!(NoteKind::AdvClip.to_string(), "adv_clip");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoteKind {
    /// No price: nothing is traded, and the weight stays in cash.
    NoPrice,
    /// The holding is close enough to its target.
    Band,
    /// The change is too small to be worth an order.
    MinNotional,
    /// The average daily volume is not known, so the order is not clipped by it. A live check
    /// denies such an order, a simulation notes it.
    AdvUnknown,
    /// Clipped to a fraction of the average daily volume.
    AdvClip,
    /// Clipped to the largest order that is allowed.
    NotionalClip,
    /// The cash does not pay for all buys, so all are scaled by the same factor.
    Scaled,
    /// It would be bought, but the strategy may only sell.
    NoBuys,
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoPrice => "no_price",
            Self::Band => "band",
            Self::MinNotional => "min_notional",
            Self::AdvUnknown => "adv_unknown",
            Self::AdvClip => "adv_clip",
            Self::NotionalClip => "notional_clip",
            Self::Scaled => "scaled",
            Self::NoBuys => "no_buys",
        })
    }
}

/// A remark of a plan on one stock.
///
/// ```
/// use decile_trade::{Note, NoteKind};
///
/// let note = Note { symbol: "KO".parse()?, kind: NoteKind::Band };
/// assert_eq!(note.to_string(), "KO: band");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// The stock.
    pub symbol: Symbol,
    /// The remark.
    pub kind: NoteKind,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.symbol, self.kind)
    }
}
