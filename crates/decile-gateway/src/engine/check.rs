//! What an order must be before it is taken: a refusal leaves nothing but its id used up.

use super::Engine;
use super::book::Status;
use super::notice::Refusal;
use super::request::{Algorithm, PlaceOrder};
use super::terms::{Distance, Kind, Oca, Priority, Side, Terms, Tif};
use super::times::{self, Named};
use crate::venue::exchange;
use chrono::{DateTime, Utc};
use decile_core::{Decimal, Price, Shares};

/// Order types that a real gateway knows and this one does not have.
const FOREIGN_TYPES: [&str; 14] = [
    "STP PRT",
    "TRAIL LIMIT",
    "MIT",
    "LIT",
    "MTL",
    "MKT PRT",
    "REL",
    "MIDPRICE",
    "PEG MID",
    "PEG MKT",
    "PEG BEST",
    "PEG BENCH",
    "SNAP MID",
    "BOX TOP",
];

/// The smallest step of a price.
const TICK: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

impl Engine {
    /// Reads an order; what it returns may still lack the funds.
    pub(super) fn check(&self, client: i32, order: &PlaceOrder) -> Result<Terms, Refusal> {
        let symbol = self.floor.resolve(&order.contract)?.symbol.clone();
        if order.contract.exchange.is_empty() {
            return Err(Refusal::invalid("Missing order exchange"));
        }
        let side = Side::of(&order.action)
            .ok_or_else(|| Refusal::invalid("Invalid action was entered"))?;
        let quantity = quantity(&order.quantity)?;
        let kind = kind(order)?;
        let tif = Tif::of(&order.tif).ok_or_else(|| {
            let name = if order.tif.is_empty() { "Empty" } else { &order.tif };
            Refusal::new(10052, format!("Invalid time in force:{name}"))
        })?;
        if tif == Tif::Opg && !matches!(kind, Kind::Market | Kind::Limit(_)) {
            return Err(Refusal::unsupported_type());
        }
        if !order.account.is_empty() && *order.account != *self.account {
            return Err(Refusal::invalid(format!("Invalid account code '{}'.", order.account)));
        }
        if let Some(name) = &order.foreign_attribute {
            return Err(foreign(name));
        }
        if self.habits.refuse_in_halt && !order.what_if && self.floor.is_halted(&symbol) {
            let text = "Orders cannot be transmitted for a halted security.";
            return Err(Refusal::new(154, text));
        }
        let adaptive = order.algorithm.as_ref().map(|it| adaptive(it, kind)).transpose()?;
        let parent = match order.parent {
            0 => None,
            id => Some(self.parent(client, id)?),
        };
        let own_group = (!order.oca_group.is_empty()).then(|| Oca {
            group: order.oca_group.as_str().into(),
            cancels: order.oca_type == 1,
            blocks: order.oca_type == 2,
        });
        // Orders behind one parent cancel each other, as recorded.
        let oca = own_group.or_else(|| {
            parent.map(|parent| Oca {
                group: parent.to_string().into(),
                cancels: false,
                blocks: false,
            })
        });
        let order_ref = order.order_ref.as_deref().map(Into::into);
        let good_till = self.good_till(order, tif)?;
        let reckoned = None;
        let route = exchange(&order.contract.exchange).map(Into::into);
        Ok(Terms {
            symbol,
            side,
            quantity,
            kind,
            tif,
            order_ref,
            route,
            parent,
            oca,
            adaptive,
            reckoned,
            good_till,
        })
    }

    /// Reads when an order is to end by itself; only one that is good till a date says so.
    fn good_till(&self, order: &PlaceOrder, tif: Tif) -> Result<Option<DateTime<Utc>>, Refusal> {
        match (order.good_till.as_str(), tif) {
            ("", Tif::Gtd) => Err(Refusal::invalid(
                "The time entered is invalid.\n\nThe correct format is hh:mm:ss\nE.g.: \
                 15:59:00\n\nTime zone associated with the financial instrument is assumed.",
            )),
            ("", _) => Ok(None),
            (_, Tif::Gtd) => match self.named_end(order) {
                Some(end) => Ok(Some(end.at)),
                None => Err(Refusal::invalid_time(343, "End Time")),
            },
            _ => Err(foreign("Good Till Date")),
        }
    }

    /// Returns the end of an order as it names it, if it can be read.
    pub(super) fn named_end(&self, order: &PlaceOrder) -> Option<Named> {
        let today = times::local_date(self.now());
        times::named(&order.good_till, today, self.habits.zone.as_deref())
    }

    /// Returns the permanent id of the order that another one waits for. One that has ended
    /// without its fill lets nothing go any more.
    fn parent(&self, client: i32, id: i32) -> Result<i64, Refusal> {
        let found = self.book.find(client, id).map(|index| self.book.order(index));
        let alive = found.filter(|order| matches!(order.status, Status::Working | Status::Filled));
        let missing = || Refusal::new(135, format!("Can't find order with id = {id}"));
        alive.map(|order| order.perm_id).ok_or_else(missing)
    }
}

/// Refuses an attribute that this gateway does not have.
fn foreign(name: &str) -> Refusal {
    let text = format!("The '{name}' order attribute may not be specified for this order.");
    Refusal::new(10255, text)
}

/// Reads the only algorithm there is here, for the orders that it is for.
fn adaptive(algorithm: &Algorithm, kind: Kind) -> Result<Priority, Refusal> {
    let Algorithm { name, parameters } = algorithm;
    let is_its = name == Priority::ALGORITHM && matches!(kind, Kind::Market | Kind::Limit(_));
    let told = parameters.get(Priority::PARAMETER).filter(|_| is_its && parameters.len() == 1);
    told.and_then(|text| Priority::of(text)).ok_or_else(|| foreign("Algo Strategy"))
}

fn quantity(text: &str) -> Result<Shares, Refusal> {
    let odd = || {
        let text = "Order size is not correct; it must be a multiple of the lot size.";
        Refusal::new(461, text)
    };
    let quantity: Decimal =
        if text.is_empty() { Decimal::ZERO } else { text.parse().map_err(|_| odd())? };
    if quantity.is_zero() {
        return Err(Refusal::new(434, "The order size cannot be zero."));
    }
    if quantity < Decimal::ZERO || !quantity.fract().is_zero() {
        return Err(odd());
    }
    i64::try_from(quantity).map(Shares::new).map_err(|_| odd())
}

fn kind(order: &PlaceOrder) -> Result<Kind, Refusal> {
    let limit = || in_cents(order.limit);
    let aux = || in_cents(order.aux);
    match order.order_type.as_str() {
        "MKT" => Ok(Kind::Market),
        "LMT" => Ok(Kind::Limit(limit()?)),
        "STP" => Ok(Kind::Stop(aux()?)),
        "STP LMT" => Ok(Kind::StopLimit { stop: aux()?, limit: limit()? }),
        "MOC" => Ok(Kind::MarketOnClose),
        "LOC" => Ok(Kind::LimitOnClose(limit()?)),
        "TRAIL" => {
            order
                .trail_stop
                .filter(|stop| *stop != 0.0)
                .map(|stop| in_cents(Some(stop)))
                .transpose()?;
            trail(order).map(Kind::Trail)
        }
        other if FOREIGN_TYPES.contains(&other) => Err(Refusal::unsupported_type()),
        _ => Err(Refusal::invalid("Invalid order type was entered")),
    }
}

/// Reads how far a stop trails: by an amount, or by percent.
fn trail(order: &PlaceOrder) -> Result<Distance, Refusal> {
    match order.trail_percent.filter(|percent| *percent != 0.0) {
        Some(percent) => Decimal::try_from(percent)
            .ok()
            .filter(|percent| *percent > Decimal::ZERO && *percent < Decimal::ONE_HUNDRED)
            .map(Distance::Percent)
            .ok_or_else(|| Refusal::invalid("Invalid trailing percent was entered")),
        None => in_cents(order.aux).map(Distance::Amount),
    }
}

/// Returns where the stop of a trailing order is to stand, if it says so.
pub(super) fn given_stop(order: &PlaceOrder) -> Option<Price> {
    in_cents(order.trail_stop.filter(|_| order.order_type == "TRAIL")).ok()
}

/// Reads a price, which is above 0 and in whole cents.
fn in_cents(price: Option<f64>) -> Result<Price, Refusal> {
    let price = Price::from_f64(price.unwrap_or_default());
    price.ok().filter(|price| (price.get() % TICK).is_zero()).ok_or_else(|| {
        let text = "The price does not conform to the minimum price variation for this contract.";
        Refusal::new(110, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_whole_and_above_nothing() {
        assert_eq!(quantity("10"), Ok(Shares::new(10)));
        assert_eq!(quantity("10.0"), Ok(Shares::new(10)));
        let code = |text: &str| quantity(text).unwrap_err().code;
        assert_eq!([code(""), code("0"), code("0.000")], [434; 3]);
        assert_eq!([code("-1"), code("1.5"), code("ten"), code("1e400")], [461; 4]);
        assert_eq!(code("9223372036854775808"), 461);
    }

    #[test]
    fn limits_are_in_cents() {
        let code = |limit: Option<f64>| {
            let order = PlaceOrder { order_type: "LMT".to_owned(), limit, ..PlaceOrder::default() };
            kind(&order).map_err(|refusal| refusal.code)
        };
        assert_eq!(code(Some(82.39)), Ok(Kind::Limit("82.39".parse().unwrap())));
        for bad in [None, Some(0.0), Some(-1.0), Some(82.391), Some(f64::NAN), Some(f64::MAX)] {
            assert_eq!(code(bad), Err(110), "{bad:?}");
        }
    }

    #[test]
    fn trailing_stops_are_an_amount_or_percent_away() {
        let order = |aux, trail_percent| PlaceOrder {
            order_type: "TRAIL".to_owned(),
            aux,
            trail_percent,
            ..PlaceOrder::default()
        };
        let stop = |order: &PlaceOrder, side| {
            let Ok(Kind::Trail(distance)) = kind(order) else { panic!("{order:?}") };
            distance.stop(side, "200".parse().unwrap()).unwrap().to_string()
        };
        assert_eq!(stop(&order(Some(1.5), None), Side::Sell), "198.5");
        assert_eq!(stop(&order(Some(0.0), Some(1.5)), Side::Buy), "203");
        assert_eq!(kind(&order(None, None)).unwrap_err().code, 110);
        assert_eq!(kind(&order(None, Some(100.0))).unwrap_err().code, 321);
    }
}
