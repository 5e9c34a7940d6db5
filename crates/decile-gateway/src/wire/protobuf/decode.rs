//! From a body to a request.

use super::messages::requests::{
    AccountDataRequest, AccountSummaryRequest, AccountUpdatesMultiRequest, ContractDataRequest,
    ExecutionRequest, FlagRequest, HistoricalDataRequest, IdRequest, MarketDataRequest,
    PlaceOrderRequest, StartApiRequest,
};
use super::messages::{Contract, Order};
use super::{OFFSET, attributes};
use crate::engine::{
    Algorithm, ContractQuery, ExecutionFilter, HistoryQuery, NO_ORDER, PlaceOrder, Request,
};
use prost::{DecodeError, Message};

/// Reads a body; one that cannot be read is a request of its own kind.
pub(crate) fn request(body: &[u8]) -> Request {
    let Some((id, payload)) = body.split_first_chunk::<4>() else {
        return Request::Unknown { message: 0 };
    };
    let id = i32::from_be_bytes(*id);
    // Below 200 it would be text, which nobody sends from version 213 on.
    let message = if id > OFFSET { id - OFFSET } else { return Request::Unknown { message: id } };
    decode(message, payload).unwrap_or_else(|error| unreadable(message, NO_ORDER, &error))
}

fn unreadable(message: i32, order: i32, fault: &DecodeError) -> Request {
    Request::Unreadable { message, order, fault: fault.to_string() }
}

fn decode(message: i32, payload: &[u8]) -> Result<Request, DecodeError> {
    let request = || Ok::<_, DecodeError>(IdRequest::decode(payload)?.request.unwrap_or_default());
    let flag = || Ok::<_, DecodeError>(FlagRequest::decode(payload)?.flag.unwrap_or_default());
    Ok(match message {
        1 => market_data(MarketDataRequest::decode(payload)?),
        2 => Request::CancelMarketData { request: request()? },
        3 => {
            let sent = PlaceOrderRequest::decode(payload)?;
            let id = sent.order_id.unwrap_or(NO_ORDER);
            place_order(sent).unwrap_or_else(|fault| unreadable(message, id, &fault))
        }
        4 => Request::CancelOrder { order: request()? },
        5 => Request::OpenOrders,
        6 => {
            let AccountDataRequest { subscribe, account } = Message::decode(payload)?;
            let (subscribe, account) = (subscribe.unwrap_or_default(), account.unwrap_or_default());
            Request::AccountUpdates { subscribe, account }
        }
        7 => executions(ExecutionRequest::decode(payload)?),
        8 => Request::Ids,
        9 => {
            let ContractDataRequest { request, contract } = Message::decode(payload)?;
            let (request, contract) = (request.unwrap_or_default(), query(contract));
            Request::ContractDetails { request, contract }
        }
        14 => Request::Ignored("setServerLogLevel"),
        15 => Request::AutoOpenOrders { bind: flag()? },
        16 => Request::AllOpenOrders,
        17 => Request::ManagedAccounts,
        20 => history(HistoricalDataRequest::decode(payload)?),
        25 => Request::CancelHistoricalBars { request: request()? },
        49 => Request::CurrentTime,
        58 => Request::GlobalCancel,
        59 => Request::MarketDataType(request()?),
        61 => Request::Positions,
        62 => {
            let AccountSummaryRequest { request, group, tags } = Message::decode(payload)?;
            let (group, tags) = (group.unwrap_or_default(), tags.unwrap_or_default());
            Request::AccountSummary { request: request.unwrap_or_default(), group, tags }
        }
        63 => Request::CancelAccountSummary { request: request()? },
        64 => Request::CancelPositions,
        71 => {
            let client = StartApiRequest::decode(payload)?.client_id.unwrap_or_default();
            Request::StartApi { client }
        }
        76 => {
            let sent: AccountUpdatesMultiRequest = Message::decode(payload)?;
            Request::AccountUpdatesMulti {
                request: sent.request.unwrap_or_default(),
                account: sent.account.unwrap_or_default(),
                model: sent.model.unwrap_or_default(),
                ledger_only: sent.ledger_only.unwrap_or_default(),
            }
        }
        77 => Request::CancelAccountUpdatesMulti { request: request()? },
        99 => Request::CompletedOrders,
        105 => Request::CurrentTimeMillis,
        106 => Request::Ignored("cancelContractData"),
        107 => Request::Ignored("cancelHistoricalTicks"),
        message => Request::Unknown { message },
    })
}

fn query(contract: Option<Contract>) -> ContractQuery {
    let contract = contract.unwrap_or_default();
    ContractQuery {
        con_id: contract.con_id.unwrap_or_default(),
        symbol: contract.symbol.unwrap_or_default(),
        sec_type: contract.sec_type.unwrap_or_default(),
        exchange: contract.exchange.unwrap_or_default(),
        primary_exchange: contract.primary_exchange.unwrap_or_default(),
        currency: contract.currency.unwrap_or_default(),
        local_symbol: contract.local_symbol.unwrap_or_default(),
        trading_class: contract.trading_class.unwrap_or_default(),
        sec_id_type: contract.sec_id_type.unwrap_or_default(),
        sec_id: contract.sec_id.unwrap_or_default(),
    }
}

fn market_data(sent: MarketDataRequest) -> Request {
    let is_snapshot = [sent.snapshot, sent.regulatory_snapshot].contains(&Some(true));
    Request::MarketData {
        request: sent.request.unwrap_or_default(),
        contract: query(sent.contract),
        snapshot: is_snapshot,
    }
}

fn place_order(sent: PlaceOrderRequest) -> Result<Request, DecodeError> {
    let encoded = sent.order.unwrap_or_default();
    let order = Order::decode(&*encoded)?;
    Ok(Request::PlaceOrder(Box::new(PlaceOrder {
        id: sent.order_id.unwrap_or_default(),
        contract: query(sent.contract),
        action: order.action.unwrap_or_default(),
        quantity: order.total_quantity.unwrap_or_default(),
        order_type: order.order_type.unwrap_or_default(),
        limit: order.limit_price,
        aux: order.aux_price,
        trail_percent: order.trailing_percent.filter(|percent| *percent != f64::MAX),
        trail_stop: order.trail_stop_price.filter(|stop| *stop != f64::MAX),
        tif: order.tif.unwrap_or_default(),
        good_till: order.good_till_date.unwrap_or_default(),
        account: order.account.unwrap_or_default(),
        order_ref: order.order_ref.filter(|order_ref| !order_ref.is_empty()),
        outside_rth: order.outside_rth.unwrap_or_default(),
        what_if: order.what_if.unwrap_or_default(),
        transmit: order.transmit.unwrap_or_default(),
        parent: order.parent_id.filter(|parent| *parent != i32::MAX).unwrap_or_default(),
        oca_group: order.oca_group.unwrap_or_default(),
        oca_type: order.oca_type.unwrap_or_default(),
        algorithm: order
            .algo_strategy
            .filter(|name| !name.is_empty())
            .map(|name| Algorithm { name, parameters: order.algo_params }),
        foreign_attribute: attributes::foreign(&encoded),
    })))
}

fn executions(sent: ExecutionRequest) -> Request {
    let filter = sent.filter.unwrap_or_default();
    let filter = ExecutionFilter {
        client: filter.client_id.unwrap_or_default(),
        account: filter.account.unwrap_or_default(),
        time: filter.time.unwrap_or_default(),
        symbol: filter.symbol.unwrap_or_default(),
        sec_type: filter.sec_type.unwrap_or_default(),
        exchange: filter.exchange.unwrap_or_default(),
        side: filter.side.unwrap_or_default(),
        last_days: filter.last_days,
        dates: filter.dates,
    };
    Request::Executions { request: sent.request.unwrap_or_default(), filter }
}

fn history(sent: HistoricalDataRequest) -> Request {
    Request::HistoricalBars(Box::new(HistoryQuery {
        request: sent.request.unwrap_or_default(),
        contract: query(sent.contract),
        end: sent.end.unwrap_or_default(),
        bar_size: sent.bar_size.unwrap_or_default(),
        duration: sent.duration.unwrap_or_default(),
        what: sent.what_to_show.unwrap_or_default(),
        in_epoch: sent.format_date == Some(2),
        keep_up_to_date: sent.keep_up_to_date.unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(id: i32, payload: &[u8]) -> Vec<u8> {
        [&id.to_be_bytes(), payload].concat()
    }

    #[test]
    fn bodies_that_are_too_short_or_text_are_unknown() {
        assert_eq!(request(&[]), Request::Unknown { message: 0 });
        assert_eq!(request(b"abc"), Request::Unknown { message: 0 });
        assert_eq!(request(&body(61, b"1\0")), Request::Unknown { message: 61 });
        assert_eq!(request(&body(261, b"")), Request::Positions);
    }

    #[test]
    fn a_payload_that_is_no_message_is_unreadable() {
        let found = request(&body(203, &[0xff]));
        assert!(matches!(found, Request::Unreadable { message: 3, order: -1, .. }), "{found:?}");
        // Order 7, and an order within it that is no message.
        let found = request(&body(203, &[0x08, 7, 0x1a, 1, 0xff]));
        assert!(matches!(found, Request::Unreadable { message: 3, order: 7, .. }), "{found:?}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(id in 190..320_i32, payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = request(&body(id, &payload)).to_string();
        }
    }
}
