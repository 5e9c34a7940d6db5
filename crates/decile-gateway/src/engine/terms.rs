use super::times::local;
use chrono::{DateTime, Utc};
use decile_core::{Decimal, Price, Shares, Symbol};
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
    /// The exchange that it is sent to, unless the gateway chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<Arc<str>>,
    /// The permanent id of the order whose fill this one waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) oca: Option<Oca>,
    /// How urgent it is to the algorithm Adaptive, if that is to work it. It deals as without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adaptive: Option<Priority>,
    /// What a share is reckoned to cost while an order without a limit waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reckoned: Option<Price>,
    /// When it is to end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) good_till: Option<DateTime<Utc>>,
}

/// Orders of which one cancels all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Oca {
    pub(crate) group: Arc<str>,
    /// Whether a part of one cancels the others, or makes them smaller by that part.
    pub(crate) cancels: bool,
    /// Whether it is told as one that has only one order at the exchange at a time. Here nothing
    /// deals twice at once, whether it is or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) blocks: bool,
}

/// How urgent an order is to the algorithm Adaptive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    Urgent,
    Normal,
    Patient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    Buy,
    Sell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Market,
    Limit(Price),
    Stop(Price),
    StopLimit { stop: Price, limit: Price },
    MarketOnClose,
    LimitOnClose(Price),
    Trail(Distance),
}

/// How far the stop of a trailing order stays behind the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Distance {
    Amount(Price),
    Percent(Decimal),
}

/// How long an order is good. The first six are traded; the others are shown as they were sent
/// when they are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tif {
    Day,
    Gtc,
    Ioc,
    Fok,
    Opg,
    Gtd,
    Auc,
    Dtc,
    Gtx,
}

impl Priority {
    /// The algorithm, and its only parameter.
    pub(crate) const ALGORITHM: &str = "Adaptive";
    pub(crate) const PARAMETER: &str = "adaptivePriority";

    pub(crate) fn of(text: &str) -> Option<Self> {
        [Self::Urgent, Self::Normal, Self::Patient].into_iter().find(|it| it.name() == text)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Urgent => "Urgent",
            Self::Normal => "Normal",
            Self::Patient => "Patient",
        }
    }
}

impl Terms {
    /// Returns the exchange that an order shows.
    pub(crate) fn shown_exchange(&self) -> &str {
        self.route.as_deref().unwrap_or("SMART")
    }
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
            Self::Stop(_) => "STP",
            Self::StopLimit { .. } => "STP LMT",
            Self::MarketOnClose => "MOC",
            Self::LimitOnClose(_) => "LOC",
            Self::Trail(_) => "TRAIL",
        }
    }

    pub(crate) fn limit(self) -> Option<Price> {
        match self {
            Self::Limit(limit) | Self::LimitOnClose(limit) | Self::StopLimit { limit, .. } => {
                Some(limit)
            }
            _ => None,
        }
    }

    /// Returns the stop that an order was given.
    pub(crate) fn stop(self) -> Option<Price> {
        match self {
            Self::Stop(stop) | Self::StopLimit { stop, .. } => Some(stop),
            _ => None,
        }
    }

    /// Tells whether an order waits for a stop.
    pub(crate) fn is_stop(self) -> bool {
        matches!(self, Self::Stop(_) | Self::StopLimit { .. } | Self::Trail(_))
    }
}

impl Distance {
    /// Returns the stop of a sale below a price or of a purchase above it, in cents.
    pub(crate) fn stop(self, side: Side, price: Price) -> Option<Price> {
        let distance = match self {
            Self::Amount(amount) => amount.get(),
            Self::Percent(percent) => price.get() * percent / Decimal::ONE_HUNDRED,
        };
        let stop = match side {
            Side::Buy => price.get() + distance,
            Side::Sell => price.get() - distance,
        };
        Price::new(stop.round_dp(2)).ok()
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

    pub(crate) fn is_traded(self) -> bool {
        matches!(self, Self::Day | Self::Gtc | Self::Ioc | Self::Fok | Self::Opg | Self::Gtd)
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { symbol, side, quantity, kind, tif, order_ref, adaptive, good_till, .. } = self;
        write!(f, "{} {quantity} {symbol} {}", side.action(), kind.name())?;
        for price in [kind.limit(), kind.stop()].into_iter().flatten() {
            write!(f, " {price}")?;
        }
        write!(f, " {}", tif.name())?;
        if let Some(end) = good_till {
            write!(f, " {}", local(*end))?;
        }
        if let Some(priority) = adaptive {
            write!(f, " {} {}", Priority::ALGORITHM, priority.name())?;
        }
        match order_ref {
            Some(order_ref) => write!(f, " ref {order_ref:?}"),
            None => Ok(()),
        }
    }
}
