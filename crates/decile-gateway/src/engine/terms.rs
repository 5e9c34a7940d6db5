use decile_core::{Price, Shares, Symbol};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What an order asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Shares,
    pub(crate) kind: Kind,
    pub(crate) tif: Tif,
    pub(crate) order_ref: Option<Arc<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Buy,
    Sell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Market,
    Limit(Price),
}

/// How long an order is good. Only the first two are accepted; the others are shown as they were
/// sent when they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tif {
    Day,
    Gtc,
    Auc,
    Dtc,
    Fok,
    Gtd,
    Gtx,
    Ioc,
    Opg,
}

impl Side {
    pub(crate) fn of(action: &str) -> Option<Self> {
        match action {
            "BUY" => Some(Self::Buy),
            "SELL" => Some(Self::Sell),
            _ => None,
        }
    }

    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }

    /// Returns the word that executions use.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Buy => "BOT",
            Self::Sell => "SLD",
        }
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Market => "MKT",
            Self::Limit(_) => "LMT",
        }
    }

    pub(crate) fn limit(self) -> Option<Price> {
        match self {
            Self::Market => None,
            Self::Limit(price) => Some(price),
        }
    }
}

impl Tif {
    const ALL: [Self; 9] = [
        Self::Day,
        Self::Gtc,
        Self::Auc,
        Self::Dtc,
        Self::Fok,
        Self::Gtd,
        Self::Gtx,
        Self::Ioc,
        Self::Opg,
    ];

    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tif| tif.name() == text)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Gtc => "GTC",
            Self::Auc => "AUC",
            Self::Dtc => "DTC",
            Self::Fok => "FOK",
            Self::Gtd => "GTD",
            Self::Gtx => "GTX",
            Self::Ioc => "IOC",
            Self::Opg => "OPG",
        }
    }

    pub(crate) fn is_simulated(self) -> bool {
        matches!(self, Self::Day | Self::Gtc)
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, side, quantity, kind, tif, order_ref } = self;
        write!(f, "{} {quantity} {symbol} {}", side.action(), kind.name())?;
        if let Some(limit) = kind.limit() {
            write!(f, " {limit}")?;
        }
        write!(f, " {}", tif.name())?;
        match order_ref {
            Some(order_ref) => write!(f, " ref {order_ref:?}"),
            None => Ok(()),
        }
    }
}
