//! From a body to a request.

use super::fields::{Fault, Fields};
use super::place_order::place_order;
use crate::engine::{ContractQuery, ExecutionFilter, HistoryQuery, NO_ORDER, Request};

/// Reads a body; one that cannot be read is a request of its own kind.
pub(crate) fn request(body: &[u8], version: i32) -> Request {
    let text = String::from_utf8_lossy(body);
    let mut fields = Fields::new(&text);
    let Some(message) = fields.text().ok().and_then(|text| text.parse().ok()) else {
        return Request::Unknown { message: 0 };
    };
    let order = (message == 3).then(|| order_id(&text));
    decode(message, &mut fields, version).unwrap_or_else(|fault| Request::Unreadable {
        message,
        order: order.unwrap_or(NO_ORDER),
        fault: fault.to_string(),
    })
}

/// Returns the id of an order of which something else cannot be read.
fn order_id(text: &str) -> i32 {
    text.split('\0').nth(1).and_then(|id| id.parse().ok()).unwrap_or(NO_ORDER)
}

fn decode(message: i32, fields: &mut Fields<'_>, version: i32) -> Result<Request, Fault> {
    // Most messages have a version of their own, which says nothing any more: where it is missing
    // and something comes behind it, that is missing as well.
    if !matches!(message, 3 | 20 | 99) {
        let _ = fields.text();
    }
    Ok(match message {
        1 => market_data(fields)?,
        2 => Request::CancelMarketData { request: fields.id()? },
        3 => Request::PlaceOrder(Box::new(place_order(fields, version)?)),
        4 => Request::CancelOrder { order: fields.id()? },
        5 => Request::OpenOrders,
        6 => Request::AccountUpdates { subscribe: fields.flag()?, account: fields.owned()? },
        7 => Request::Executions { request: fields.id()?, filter: executions(fields)? },
        8 => Request::Ids,
        9 => {
            let (request, contract) = (fields.id()?, contract(fields)?);
            fields.skip(1)?; // contracts that have expired
            Request::ContractDetails { request, contract: with_other_id(contract, fields)? }
        }
        12 => Request::Ignored("cancelNewsBulletins"),
        14 => Request::Ignored("setServerLogLevel"),
        15 => Request::AutoOpenOrders { bind: fields.flag()? },
        16 => Request::AllOpenOrders,
        17 => Request::ManagedAccounts,
        20 => history(fields)?,
        25 => Request::CancelHistoricalBars { request: fields.id()? },
        49 => Request::CurrentTime,
        58 => Request::GlobalCancel,
        59 => Request::MarketDataType(fields.id()?),
        61 => Request::Positions,
        62 => {
            let request = fields.id()?;
            Request::AccountSummary { request, group: fields.owned()?, tags: fields.owned()? }
        }
        63 => Request::CancelAccountSummary { request: fields.id()? },
        64 => Request::CancelPositions,
        71 => Request::StartApi { client: fields.id()? },
        76 => Request::AccountUpdatesMulti {
            request: fields.id()?,
            account: fields.owned()?,
            model: fields.owned()?,
            ledger_only: fields.flag()?,
        },
        77 => Request::CancelAccountUpdatesMulti { request: fields.id()? },
        99 => Request::CompletedOrders,
        106 => Request::Ignored("cancelContractData"),
        107 => Request::Ignored("cancelHistoricalTicks"),
        message => Request::Unknown { message },
    })
}

/// Takes the twelve fields of a contract.
pub(super) fn contract(fields: &mut Fields<'_>) -> Result<ContractQuery, Fault> {
    let con_id = fields.id()?;
    let (symbol, sec_type) = (fields.owned()?, fields.owned()?);
    fields.skip(4)?; // expiry, strike, right and multiplier: there are only stocks
    Ok(ContractQuery {
        con_id,
        symbol,
        sec_type,
        exchange: fields.owned()?,
        primary_exchange: fields.owned()?,
        currency: fields.owned()?,
        local_symbol: fields.owned()?,
        trading_class: fields.owned()?,
        ..ContractQuery::default()
    })
}

/// Takes another id of a contract, and what kind of id it is.
pub(super) fn with_other_id(
    contract: ContractQuery,
    fields: &mut Fields<'_>,
) -> Result<ContractQuery, Fault> {
    Ok(ContractQuery { sec_id_type: fields.owned()?, sec_id: fields.owned()?, ..contract })
}

/// Passes over the legs of a combination: id, ratio, action and exchange of each.
fn skip_legs(contract: &ContractQuery, fields: &mut Fields<'_>) -> Result<(), Fault> {
    if contract.sec_type == "BAG" {
        let legs = fields.count()?;
        fields.skip(legs.saturating_mul(4))?;
    }
    Ok(())
}

fn market_data(fields: &mut Fields<'_>) -> Result<Request, Fault> {
    let request = fields.id()?;
    let contract = contract(fields)?;
    skip_legs(&contract, fields)?;
    if fields.flag()? {
        fields.skip(3)?; // what a delta-neutral combination is hedged with
    }
    fields.skip(1)?; // generic ticks
    let (snapshot, regulatory) = (fields.flag()?, fields.flag()?);
    Ok(Request::MarketData { request, contract, snapshot: snapshot || regulatory })
}

fn executions(fields: &mut Fields<'_>) -> Result<ExecutionFilter, Fault> {
    Ok(ExecutionFilter {
        client: fields.id()?,
        account: fields.owned()?,
        time: fields.owned()?,
        symbol: fields.owned()?,
        sec_type: fields.owned()?,
        exchange: fields.owned()?,
        side: fields.owned()?,
        last_days: None,
        dates: Vec::new(),
    })
}

fn history(fields: &mut Fields<'_>) -> Result<Request, Fault> {
    let request = fields.id()?;
    let contract = contract(fields)?;
    fields.skip(1)?; // contracts that have expired
    let (end, bar_size, duration) = (fields.owned()?, fields.owned()?, fields.owned()?);
    fields.skip(1)?; // regular hours
    let what = fields.owned()?;
    let in_epoch = fields.int()? == Some(2);
    skip_legs(&contract, fields)?;
    let keep_up_to_date = fields.flag()?;
    Ok(Request::HistoricalBars(Box::new(HistoryQuery {
        request,
        contract,
        end,
        bar_size,
        duration,
        what,
        in_epoch,
        keep_up_to_date,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads fields that are written with bars between them.
    fn read(fields: &str) -> Request {
        request(format!("{fields}|").replace('|', "\0").as_bytes(), 178)
    }

    #[test]
    fn requests_are_read_as_clients_write_them() {
        assert_eq!(read("71|2|31|"), Request::StartApi { client: 31 });
        assert_eq!(read("61|1"), Request::Positions);
        assert_eq!(read("99|0"), Request::CompletedOrders);
        assert_eq!(
            read("6|2|1|DU1"),
            Request::AccountUpdates { subscribe: true, account: "DU1".to_owned() }
        );
        let (group, tags) = ("All".to_owned(), "A,B".to_owned());
        let summary = Request::AccountSummary { request: 9000, group, tags };
        assert_eq!(read("62|1|9000|All|A,B"), summary);
        let snapshot = read("1|11|5|0|KO|STK||0.0|||SMART||USD|||0||1|0|");
        assert!(matches!(snapshot, Request::MarketData { request: 5, snapshot: true, .. }));
    }

    #[test]
    fn bodies_that_are_none_are_unknown_or_unreadable() {
        assert_eq!(request(b"", 178), Request::Unknown { message: 0 });
        assert_eq!(request(&[0xff, 0, 1], 178), Request::Unknown { message: 0 });
        assert_eq!(read("5000|1"), Request::Unknown { message: 5000 });
        // However short.
        assert_eq!(read("80"), Request::Unknown { message: 80 });
        assert_eq!(read("106"), Request::Ignored("cancelContractData"));
        let of = |message, order, fault: &str| Request::Unreadable {
            message,
            order,
            fault: fault.to_owned(),
        };
        let fault = |message, fault: &str| of(message, NO_ORDER, fault);
        assert_eq!(read("3|7|one"), of(3, 7, "field 2 is \"one\", which is no number"));
        assert_eq!(read("3|seven"), fault(3, "field 1 is \"seven\", which is no number"));
        assert_eq!(read("62|1|9000"), fault(62, "field 3 is missing"));
        assert_eq!(read("4|1|one"), fault(4, "field 2 is \"one\", which is no number"));
    }

    proptest! {
        #[test]
        fn no_fields_make_it_panic(
            id in 0..110_i32,
            fields in prop::collection::vec("[0-9A-Z.-]{0,6}", 0..140),
            version in 157..=178,
        ) {
            let body = format!("{id}\0{}", fields.join("\0"));
            let _ = request(body.as_bytes(), version).to_string();
        }

        #[test]
        fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = request(&body, 178).to_string();
        }
    }
}
