//! Attributes of an order that change what it does and that this gateway does not have.
//!
//! An order that carries one is refused: nothing is silently left out of it.

use crate::wire::attributes;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// Fields that are read, or that change nothing here whatever they say: the ids and constants that
/// a gateway itself puts into an open order, which clients send back when they change it.
const UNDERSTOOD: [u32; 41] = [
    1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 15, 19, 22, 23, 26, 27, 28, 30, 31, 38, 40, 61, 62, 65, 66,
    69, 70, 72, 98, 111, 114, 115, 118, 120, 121, 122, 128, 129, 137, 142,
];

/// Returns the name of the first attribute of an encoded order that is set and not understood.
pub(super) fn foreign(order: &[u8]) -> Option<String> {
    let (mut rest, mut first) = (order, None);
    while !rest.is_empty() {
        let (tag, wire_type) = decode_key(&mut rest).ok()?;
        let before = rest;
        skip_field(wire_type, tag, &mut rest, DecodeContext::default()).ok()?;
        let value = &before[..before.len() - rest.len()];
        if !is_understood(tag) && is_set(wire_type, value) {
            // A field of a later version than those that are known here.
            let unnamed = || format!("Field {tag}");
            let name = attributes::name(tag).map_or_else(unnamed, str::to_owned);
            first = first.filter(|(other, _)| *other < tag).or(Some((tag, name)));
        }
    }
    first.map(|(_, name)| name)
}

fn is_understood(tag: u32) -> bool {
    // The type of a what-if is of no consequence, nor are the names of people and programs.
    UNDERSTOOD.contains(&tag) || matches!(tag, 104 | 107..=110 | 132 | 136 | 143)
}

/// Tells whether a value says anything: 0, an empty text and the greatest number, which some
/// clients send for "unset", do not.
fn is_set(wire_type: WireType, value: &[u8]) -> bool {
    let varint = |mut bytes: &[u8]| decode_varint(&mut bytes).unwrap_or_default();
    match wire_type {
        WireType::Varint => !matches!(varint(value) as i64, 0 | 0x7fff_ffff | i64::MAX),
        WireType::SixtyFourBit => {
            let number = value.try_into().map_or(0.0, f64::from_le_bytes);
            number != 0.0 && number != f64::MAX
        }
        WireType::LengthDelimited => {
            let mut bytes = value;
            let _ = decode_varint(&mut bytes);
            // No type, and that a purchase opens a holding, are what there is without a word.
            if matches!(bytes, b"None" | b"O") {
                return false;
            }
            // A message of empty texts, as of a soft dollar tier, is empty too.
            bytes.chunks(2).any(|pair| pair.get(1).is_none_or(|length| *length != 0))
        }
        _ => !value.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages::Order;
    use super::*;
    use prost::Message;
    use prost::encoding::{double, int32, string};

    fn found(write: impl FnOnce(&mut Vec<u8>)) -> Option<String> {
        let order = Order {
            action: Some("BUY".to_owned()),
            exempt_code: Some(-1),
            clearing_intent: Some("IB".to_owned()),
            shareholder: Some("Not an insider or substantial shareholder".to_owned()),
            compete_against_best_offset: Some(0.02),
            ..Order::default()
        };
        let mut bytes = order.encode_to_vec();
        write(&mut bytes);
        foreign(&bytes)
    }

    #[test]
    fn what_gateways_put_into_orders_may_come_back() {
        assert_eq!(found(|_| ()), None);
    }

    #[test]
    fn attributes_that_say_nothing_are_none() {
        assert_eq!(found(|out| int32::encode(7, &0, out)), None);
        assert_eq!(found(|out| int32::encode(24, &i32::MAX, out)), None);
        assert_eq!(found(|out| double::encode(76, &f64::MAX, out)), None);
        assert_eq!(found(|out| string::encode(105, &String::new(), out)), None);
        assert_eq!(found(|out| string::encode(68, &"O".to_owned(), out)), None);
        assert_eq!(found(|out| string::encode(93, &"None".to_owned(), out)), None);
        // A soft dollar tier of three empty texts.
        assert_eq!(found(|out| out.extend([0xca, 6, 6, 0x0a, 0, 0x12, 0, 0x1a, 0])), None);
    }

    #[test]
    fn attributes_that_change_the_order_are_found() {
        let name = |write: fn(&mut Vec<u8>)| found(write).unwrap();
        assert_eq!(name(|out| int32::encode(7, &1, out)), "Display Size");
        assert_eq!(name(|out| double::encode(76, &1.5, out)), "Discretionary Amount");
        assert_eq!(name(|out| string::encode(59, &"D".to_owned(), out)), "Hedge Type");
        assert_eq!(name(|out| int32::encode(48, &1, out)), "Scale Initial Size");
        assert_eq!(name(|out| string::encode(68, &"C".to_owned(), out)), "Open Close");
        assert_eq!(
            name(|out| string::encode(41, &"MKT".to_owned(), out)),
            "Delta Neutral Order Type"
        );
        assert_eq!(name(|out| int32::encode(999, &1, out)), "Field 999");
        // In whatever order they come.
        let two = |out: &mut Vec<u8>| {
            string::encode(59, &"D".to_owned(), out);
            int32::encode(7, &1, out);
        };
        assert_eq!(name(two), "Display Size");
    }
}
