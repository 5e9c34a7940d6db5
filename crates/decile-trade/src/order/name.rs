use crate::ClientOrderId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of an order at a broker, where people and other programs trade as well.
///
/// In text, and so in files, it is the bare name: what reads as a [`ClientOrderId`] is one.
///
/// ```
/// use decile_trade::OrderName;
///
/// let name = OrderName::from("q:DU1:20251201:KO:B:1".to_owned());
/// assert!(name.ours().is_some_and(|id| id.attempt() == 1));
/// let name = OrderName::from("typed by hand".to_owned());
/// assert_eq!(name, OrderName::Foreign("typed by hand".to_owned()));
/// assert_eq!(name.ours(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum OrderName {
    /// An order with an id of ours, of this strategy or another.
    Ours(ClientOrderId),
    /// An order of somebody else, in the words of the broker.
    Foreign(String),
}

impl OrderName {
    /// Returns the id, if it is one of ours.
    #[must_use]
    pub fn ours(&self) -> Option<&ClientOrderId> {
        match self {
            Self::Ours(id) => Some(id),
            Self::Foreign(_) => None,
        }
    }
}

impl From<ClientOrderId> for OrderName {
    fn from(id: ClientOrderId) -> Self {
        Self::Ours(id)
    }
}

impl From<String> for OrderName {
    fn from(text: String) -> Self {
        text.parse().map_or(Self::Foreign(text), Self::Ours)
    }
}

impl From<OrderName> for String {
    fn from(name: OrderName) -> Self {
        name.to_string()
    }
}

impl PartialEq<ClientOrderId> for OrderName {
    fn eq(&self, id: &ClientOrderId) -> bool {
        self.ours() == Some(id)
    }
}

impl fmt::Display for OrderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(id) => id.fmt(f),
            Self::Foreign(text) => f.pad(text),
        }
    }
}
