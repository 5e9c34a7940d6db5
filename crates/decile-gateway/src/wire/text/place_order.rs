//! An order: some hundred fields in a fixed order, of which a few have others behind them.
//!
//! As in the other dialect, an order that carries an attribute which would change what it does and
//! which this gateway does not have is refused by its name.

use super::decode::{contract, with_other_id};
use super::fields::{Fault, Fields};
use crate::engine::{Algorithm, PlaceOrder};
use crate::wire::attributes;
use std::collections::BTreeMap;

/// Takes an order. The id of the message is taken; the client's order id is next.
pub(super) fn place_order(fields: &mut Fields<'_>, version: i32) -> Result<PlaceOrder, Fault> {
    let mut fields = Attributes { fields, foreign: None };
    let mut order = head(&mut fields)?;
    fields.tell_later(&["Block Order", "Sweep To Fill", "Display Size"])?;
    fields.skip(1)?; // trigger method
    order.outside_rth = fields.flag()?;
    fields.tell_later(&["Hidden"])?;
    legs(&mut fields, &order)?;
    fields.skip(1)?; // shares of an allocation, which is no more
    fields.tell_later(&["Discretionary Amount", "Good After Time"])?;
    order.good_till = fields.owned()?;
    fields.tell_later(&["Allocation Group", "Allocation Method", "Allocation Percentage"])?;
    if version < 177 {
        fields.tell_later(&["Allocation Profile"])?;
    }
    fields.tell_later(&["Model Code"])?;
    fields.skip(1)?; // short sale slot
    fields.tell_later(&["Designated Location"])?;
    fields.skip(1)?; // exemption from short sale rules
    order.oca_type = fields.int()?.unwrap_or_default();
    fields.tell_later(&["Rule 80A", "Settling Firm", "All Or None", "Minimum Quantity"])?;
    fields.tell_later(&["Percent Offset"])?;
    fields.skip(3)?; // electronic trading, firm quotes and a cap of the price, which are no more
    fields.tell_later(&[
        "Auction Strategy",
        "Starting Price",
        "Stock Reference Price",
        "Delta",
        "Stock Range Lower",
        "Stock Range Upper",
    ])?;
    fields.tell_later(&["Override Percentage Constraints", "Volatility"])?;
    fields.skip(1)?; // how volatility counts
    if fields.is_next_set("Delta Neutral Order Type")? {
        fields.skip(9)?;
    } else {
        fields.skip(1)?;
    }
    fields.tell_later(&["Continuous Update"])?;
    fields.skip(1)?; // reference price
    order.trail_stop = fields.number()?;
    order.trail_percent = fields.number()?;
    fields.tell_later(&["Scale Initial Size", "Scale Size"])?;
    if fields.number()?.is_some_and(|increment| increment > 0.0) {
        fields.remember("Scale Price Increment");
        fields.skip(7)?;
    }
    fields.tell_later(&["Scale Table", "Active Start Time", "Active Stop Time"])?;
    if fields.is_next_set("Hedge Type")? {
        fields.skip(1)?;
    }
    fields.tell_later(&["Opt Out Of Smart Routing", "Clearing Account"])?;
    fields.skip(1)?; // clearing intent
    fields.tell_later(&["Not Held"])?;
    if fields.flag()? {
        fields.remember("Delta Neutral Contract Id");
        fields.skip(3)?;
    }
    let algorithm = fields.owned()?;
    if is_set(&algorithm) {
        let count = fields.count()?;
        let mut parameters = BTreeMap::new();
        for _ in 0..count {
            parameters.insert(fields.owned()?, fields.owned()?);
        }
        order.algorithm = Some(Algorithm { name: algorithm, parameters });
    }
    fields.tell_later(&["Algo Id"])?;
    order.what_if = fields.flag()?;
    fields.tell_later(&["Order Misc Options", "Solicited", "Randomize Size", "Randomize Price"])?;
    tail(&mut fields, &order, version)?;
    order.foreign_attribute = fields.foreign.map(str::to_owned);
    Ok(order)
}

/// Takes what every order has.
fn head(fields: &mut Attributes<'_, '_>) -> Result<PlaceOrder, Fault> {
    let id = fields.id()?;
    let contract = contract(fields)?;
    let contract = with_other_id(contract, fields)?;
    let mut order = PlaceOrder {
        id,
        contract,
        action: fields.owned()?,
        quantity: fields.owned()?,
        order_type: fields.owned()?,
        limit: fields.number()?,
        aux: fields.number()?,
        ..PlaceOrder::default()
    };
    // As recorded; in the other dialect a missing time in force is refused.
    order.tif = Some(fields.text()?).filter(|tif| !tif.is_empty()).unwrap_or("DAY").to_owned();
    order.oca_group = fields.owned()?;
    order.account = fields.owned()?;
    if !matches!(fields.text()?, "" | "O") {
        fields.remember("Open Close");
    }
    fields.skip(1)?; // the origin
    order.order_ref = Some(fields.owned()?).filter(|order_ref| !order_ref.is_empty());
    order.transmit = fields.flag()?;
    order.parent = fields.int()?.unwrap_or_default();
    Ok(order)
}

/// Passes over what a combination has: its legs, their prices and how they are routed.
fn legs(fields: &mut Attributes<'_, '_>, order: &PlaceOrder) -> Result<(), Fault> {
    if order.contract.sec_type == "BAG" {
        for width in [8, 1, 2] {
            let count = fields.count()?;
            fields.skip(count.saturating_mul(width))?;
        }
    }
    Ok(())
}

/// Takes what has been added over the years. Conditions are of many shapes: an order with one is
/// refused, so nothing behind them matters.
fn tail(fields: &mut Attributes<'_, '_>, order: &PlaceOrder, version: i32) -> Result<(), Fault> {
    if matches!(order.order_type.as_str(), "PEG BENCH" | "PEGBENCH") {
        fields.skip(5)?;
    }
    if fields.is_next_set("Condition")? {
        return Ok(());
    }
    fields.tell_later(&[
        "Adjusted Order Type",
        "Trigger Price",
        "Limit Price Offset",
        "Adjusted Stop Price",
        "Adjusted Stop Limit Price",
        "Adjusted Trailing Amount",
    ])?;
    fields.skip(4)?; // unit of adjustments, operator and two of soft dollars
    fields.tell_later(&["Cash Quantity"])?;
    fields.skip(5)?; // who decided, and prices of hedges
    fields.tell_later(&["OMS Container", "Discretionary Up To Limit Price"])?;
    fields.skip(1)?; // price management
    if version >= 158 {
        fields.tell_later(&["Duration"])?;
    }
    if version >= 160 {
        fields.tell_later(&["Post To ATS"])?;
    }
    if version >= 162 {
        fields.tell_later(&["Auto Cancel Parent"])?;
    }
    if version >= 166 {
        fields.tell_later(&["Advanced Error Override"])?;
    }
    if version >= 169 {
        fields.tell_later(&["Manual Order Time"])?;
    }
    if version >= 170 && order.contract.exchange == "IBKRATS" {
        fields.tell_later(&["Minimum Trade Quantity"])?;
    }
    Ok(())
}

/// The fields of an order, and of the attributes among them that are not understood the one that it
/// is refused for.
struct Attributes<'f, 'a> {
    fields: &'f mut Fields<'a>,
    foreign: Option<&'static str>,
}

impl Attributes<'_, '_> {
    /// Takes attributes that this gateway does not have, and remembers the first that is set.
    fn tell_later(&mut self, names: &[&'static str]) -> Result<(), Fault> {
        for name in names {
            self.is_next_set(name)?;
        }
        Ok(())
    }

    fn is_next_set(&mut self, name: &'static str) -> Result<bool, Fault> {
        let is_set = is_set(self.fields.text()?);
        if is_set {
            self.remember(name);
        }
        Ok(is_set)
    }

    fn remember(&mut self, name: &'static str) {
        self.foreign = Some(self.foreign.map_or(name, |other| attributes::first(other, name)));
    }
}

impl<'a> std::ops::Deref for Attributes<'_, 'a> {
    type Target = Fields<'a>;

    fn deref(&self) -> &Self::Target {
        self.fields
    }
}

impl std::ops::DerefMut for Attributes<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.fields
    }
}

/// Tells whether a value says anything: empty, 0, "None" and the greatest numbers, which clients
/// send for "unset", do not.
fn is_set(text: &str) -> bool {
    match text.parse::<f64>() {
        Ok(number) => number != 0.0 && number != f64::MAX && number != f64::from(i32::MAX),
        Err(_) => !matches!(text, "" | "None" | "false" | "False"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a client sent to a TWS at version 164, of its own accord and empty fields and all.
    const RECORDED_SHAPE: &str = "13|0|TSLA|STK||0|||SMART||USD|||||BUY|100|MKT|||||||0||1|0|0|0|0|0|0|0||0||||||||0||-1|0|||0|||0|0||0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0|||||||0|||||||||0|0|0|0|||0|";

    fn read(fields: &str, version: i32) -> PlaceOrder {
        let body = fields.replace('|', "\0");
        let mut fields = Fields::new(&body);
        place_order(&mut fields, version).unwrap()
    }

    fn with(index: usize, value: &str) -> PlaceOrder {
        let mut fields: Vec<&str> = RECORDED_SHAPE.split('|').collect();
        fields[index] = value;
        read(&fields.join("|"), 164)
    }

    #[test]
    fn an_order_is_read_to_its_end() {
        let order = read(RECORDED_SHAPE, 164);
        assert_eq!((order.id, order.contract.symbol.as_str()), (13, "TSLA"));
        assert_eq!((order.action.as_str(), order.quantity.as_str()), ("BUY", "100"));
        assert_eq!((order.order_type.as_str(), order.limit), ("MKT", None));
        assert!(order.transmit && !order.what_if && !order.outside_rth);
        assert_eq!(order.foreign_attribute, None);
        assert_eq!(order.tif, "DAY");
    }

    #[test]
    fn an_algorithm_is_read_with_its_parameters() {
        let mut fields: Vec<&str> = RECORDED_SHAPE.split('|').collect();
        fields.splice(82..83, ["Adaptive", "1", "adaptivePriority", "Patient"]);
        let order = read(&fields.join("|"), 164);
        let Algorithm { name, parameters } = order.algorithm.unwrap();
        assert_eq!(name, "Adaptive");
        let told = ("adaptivePriority".to_owned(), "Patient".to_owned());
        assert_eq!(parameters.into_iter().collect::<Vec<_>>(), [told]);
        // What is behind it is where it belongs.
        assert!(!order.what_if && order.foreign_attribute.is_none());
        assert_eq!(read(RECORDED_SHAPE, 164).algorithm, None);
    }

    #[test]
    fn attributes_that_change_the_order_are_found() {
        assert_eq!(with(18, "12.5").limit, Some(12.5));
        assert_eq!(with(25, "ref").order_ref, Some("ref".to_owned()));
        let named = |index, value| with(index, value).foreign_attribute.unwrap();
        assert_eq!(named(30, "1"), "Display Size");
        assert_eq!(named(33, "1"), "Hidden");
        assert_eq!(named(36, "20260825 10:00:00"), "Good After Time");
        assert_eq!(with(30, "2147483647").foreign_attribute, None);
    }
}
