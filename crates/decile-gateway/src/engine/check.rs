//! What an order must be before it is taken: a refusal leaves nothing but its id used up.

use super::Engine;
use super::notice::Refusal;
use super::request::PlaceOrder;
use super::terms::{Kind, Side, Terms, Tif};
use crate::venue::Listing;
use decile_core::{Decimal, Price, Shares};
use std::sync::Arc;

/// Order types that a real gateway knows and this one does not have.
const FOREIGN_TYPES: [&str; 19] = [
    "STP",
    "STP LMT",
    "STP PRT",
    "TRAIL",
    "TRAIL LIMIT",
    "MOC",
    "LOC",
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
    pub(super) fn check(&self, order: &PlaceOrder) -> Result<(Arc<Listing>, Terms), Refusal> {
        let listing = self.floor.resolve(&order.contract)?.clone();
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
        if !order.account.is_empty() && *order.account != *self.account {
            return Err(Refusal::invalid(format!("Invalid account code '{}'.", order.account)));
        }
        let attribute = order.foreign_attribute.as_deref();
        if let Some(name) = attribute.or((!order.transmit).then_some("Transmit")) {
            let text = format!("The '{name}' order attribute may not be specified for this order.");
            return Err(Refusal::new(10255, text));
        }
        let symbol = listing.symbol.clone();
        let order_ref = order.order_ref.as_deref().map(Into::into);
        Ok((listing, Terms { symbol, side, quantity, kind, tif, order_ref }))
    }
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
    match order.order_type.as_str() {
        "MKT" => Ok(Kind::Market),
        "LMT" => {
            let price = Price::from_f64(order.limit.unwrap_or_default());
            let price = price.ok().filter(|price| (price.get() % TICK).is_zero());
            price.map(Kind::Limit).ok_or_else(|| {
                let text = "The price does not conform to the minimum price variation for this \
                            contract.";
                Refusal::new(110, text)
            })
        }
        other if FOREIGN_TYPES.contains(&other) => {
            let text = "Unsupported order type for this exchange and security type.";
            Err(Refusal::new(387, text))
        }
        _ => Err(Refusal::invalid("Invalid order type was entered")),
    }
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
}
