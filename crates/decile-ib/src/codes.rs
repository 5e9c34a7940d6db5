//! What the codes of a gateway mean for an order.
//!
//! One table, read from the top; the first row whose code and text fit counts. What no row fits is
//! [`Meaning::Doubt`]: only what is known to be harmless passes for harmless, and only what is known
//! to refuse an order passes for a refusal.

/// What a message of the gateway means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    /// The order goes on as if nothing had been said.
    Information,
    /// It is about a request to cancel; the order is as it was.
    CancelAnswer,
    /// It says nothing about any order that is proven: look the order up.
    Doubt,
    /// It says why an order was cancelled. That it was, its status says.
    Cancelled,
    /// The order was refused. Before anything else was heard of it, that is proof.
    Refused,
    /// The gateway has lost Interactive Brokers.
    UpstreamLost,
    /// The gateway has Interactive Brokers back.
    UpstreamRestored,
    /// It is about market data or its farms.
    Data,
    /// The gateway takes no orders.
    ReadOnly,
}

struct Row {
    code: i32,
    /// What the text must contain; empty if the code says it all.
    pattern: &'static str,
    meaning: Meaning,
}

const fn row(code: i32, pattern: &'static str, meaning: Meaning) -> Row {
    Row { code, pattern, meaning }
}

use Meaning::{
    CancelAnswer, Cancelled, Data, Doubt, Information, ReadOnly, Refused, UpstreamLost,
    UpstreamRestored,
};

const TABLE: &[Row] = &[
    // Warnings on orders that go on.
    row(0, "Warning:", Information),
    row(399, "Warning:", Information),
    row(399, "was repriced", Information),
    row(404, "", Information),
    row(2109, "", Information),
    row(2174, "", Information),
    row(10349, "", Information),
    // Refused by the gateway: nothing else is heard of the order, and its id is used up.
    row(103, "", Refused),
    row(104, "", Refused),
    row(105, "", Refused),
    row(110, "", Refused),
    row(200, "No security definition", Refused),
    row(203, "", Refused),
    row(320, "Error reading request", Refused),
    row(321, "Read-Only mode", ReadOnly),
    row(321, "Error validating request", Refused),
    row(387, "", Refused),
    row(434, "", Refused),
    row(460, "", Refused),
    row(461, "", Refused),
    row(463, "", Refused),
    row(478, "", Refused),
    row(10052, "", Refused),
    row(10149, "", Refused),
    row(10255, "", Refused),
    // Refused by Interactive Brokers; the status Inactive comes before or after it.
    row(201, "too late to replace", Doubt),
    row(201, "Order rejected", Refused),
    // About orders that end.
    row(202, "Order Canceled", Cancelled),
    // About requests to cancel.
    row(135, "", CancelAnswer),
    row(161, "", CancelAnswer),
    row(10147, "", CancelAnswer),
    row(10148, "", CancelAnswer),
    // The id is one of an order that is being worked on. One source only, so it proves nothing.
    row(2102, "", Doubt),
    // Too many messages: this one may or may not have been read.
    row(100, "", Doubt),
    // An order that is changed. This adapter changes none, so something else has the order's id.
    row(329, "", Doubt),
    row(462, "", Doubt),
    // The line to Interactive Brokers.
    row(1100, "", UpstreamLost),
    row(1101, "", UpstreamRestored),
    row(1102, "", UpstreamRestored),
    row(1300, "", UpstreamLost),
    row(2110, "", UpstreamLost),
    // Farms of market data and of contracts come and go; the connection stays.
    row(2103, "", Data),
    row(2104, "", Data),
    row(2105, "", Data),
    row(2106, "", Data),
    row(2107, "", Data),
    row(2108, "", Data),
    row(2119, "", Data),
    row(2157, "", Data),
    row(2158, "", Data),
    // Market data and history.
    row(162, "", Data),
    row(165, "", Data),
    row(300, "", Data),
    row(354, "", Data),
    row(366, "", Data),
    row(420, "", Data),
    row(430, "", Data),
    row(2188, "", Data),
    row(10089, "", Data),
    row(10090, "", Data),
    row(10091, "", Data),
    row(10092, "", Data),
    row(10167, "", Data),
    row(10168, "", Data),
    row(10197, "", Data),
];

/// Returns what a message means.
pub(crate) fn meaning(code: i32, text: &str) -> Meaning {
    let fits = |row: &&Row| row.code == code && text.contains(row.pattern);
    TABLE.iter().find(fits).map_or(Doubt, |row| row.meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row once more, by a text as it was recorded or is documented.
    const TEXTS: &[(i32, &str, Meaning)] = &[
        (0, "Warning: Approaching max rate of 50 messages per second (48)", Information),
        (
            399,
            "Order Message:\nBUY 1 AAPL NASDAQ.NMS\nWarning: Your order will not be placed at the \
             exchange until 2026-08-25 09:30:00 US/Eastern.",
            Information,
        ),
        (
            399,
            "Order Message:\nYour order was repriced so as not to cross a related resting order",
            Information,
        ),
        (404, "Order held while securities are located.", Information),
        (
            2109,
            "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based on the \
             order type and destination. PlaceOrder is now being processed.",
            Information,
        ),
        (2174, "Warning: You submitted request with date-time attributes", Information),
        (10349, "Order TIF was set to DAY based on order preset.", Information),
        (103, "Duplicate order id", Refused),
        (104, "Cannot modify a filled order.", Refused),
        (105, "Order being modified does not match original order", Refused),
        (
            110,
            "The price does not conform to the minimum price variation for this contract.",
            Refused,
        ),
        (200, "No security definition has been found for the request", Refused),
        (203, "The security AAPL is not available or allowed for this account.", Refused),
        (320, "Error reading request:Unable to parse data.", Refused),
        (
            321,
            "Error validating request.-'aa' : cause - The API interface is currently in Read-Only \
             mode.",
            ReadOnly,
        ),
        (321, "Error validating request.-'v' : cause - Invalid order type was entered", Refused),
        (387, "Unsupported order type for this exchange and security type.", Refused),
        (434, "The order size cannot be zero.", Refused),
        (460, "No trading permissions", Refused),
        (461, "Order size is not correct; it must be a multiple of the lot size.", Refused),
        (463, "You must enter a valid price.", Refused),
        (
            478,
            "Parameters in request conflicts with contract parameters received by contract id",
            Refused,
        ),
        (10052, "Invalid time in force:Empty", Refused),
        (10149, "Invalid order id: 0", Refused),
        (10255, "The 'Display Size' order attribute may not be specified for this order.", Refused),
        (
            201,
            "Order rejected - reason:Order has been cancelled already, too late to replace",
            Doubt,
        ),
        (
            201,
            "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED \
             POSITION YOUR EQUITY WITH LOAN VALUE [23282.60 USD] MUST EXCEED THE INITIAL MARGIN \
             [29386.40 USD]",
            Refused,
        ),
        (202, "Order Canceled - reason:", Cancelled),
        (135, "Can't find order with id = 7", CancelAnswer),
        (
            161,
            "Cancel attempted when order is not in a cancellable state.  Order permId =312255409",
            CancelAnswer,
        ),
        (10147, "OrderId 493 that needs to be cancelled is not found.", CancelAnswer),
        (
            10148,
            "OrderId 582 that needs to be cancelled cannot be cancelled, state: Cancelled.",
            CancelAnswer,
        ),
        (2102, "Unable to modify this order as its still being processed.", Doubt),
        (100, "Max rate of messages per second has been exceeded:max=50 rec=138 (1)", Doubt),
        (329, "Order modify failed. Cannot change to the new order type.", Doubt),
        (462, "Order modify failed. Cannot change to the new Time in Force", Doubt),
        (1100, "Connectivity between IBKR and Trader Workstation has been lost.", UpstreamLost),
        (
            1101,
            "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
            UpstreamRestored,
        ),
        (
            1102,
            "Connectivity between IBKR and Trader Workstation has been restored - data maintained. \
             All data farms are connected: usfarm; ushmds; secdefil.",
            UpstreamRestored,
        ),
        (
            1300,
            "Socket port has been reset and this connection is being dropped. Please reconnect on \
             the new port - 4003",
            UpstreamLost,
        ),
        (
            2110,
            "Connectivity between Trader Workstation and server is broken. It will be restored \
             automatically.",
            UpstreamLost,
        ),
        (2103, "Market data farm connection is broken:usfarm", Data),
        (2104, "Market data farm connection is OK:usfarm", Data),
        (2105, "HMDS data farm connection is broken:ushmds", Data),
        (2106, "HMDS data farm connection is OK:ushmds", Data),
        (
            2107,
            "HMDS data farm connection is inactive but should be available upon demand.ushmds",
            Data,
        ),
        (
            2108,
            "Market data farm connection is inactive but should be available upon demand.usfarm",
            Data,
        ),
        (2119, "Market data farm is connecting:usfarm", Data),
        (2157, "Sec-def data farm connection is broken:secdefnj", Data),
        (2158, "Sec-def data farm connection is OK:secdefnj", Data),
        (
            162,
            "Historical Market Data Service error message:HMDS query returned no data: AAPL@SMART \
             Trades",
            Data,
        ),
        (165, "Historical Market Data Service query message:no items retrieved", Data),
        (300, "Can't find EId with tickerId:7", Data),
        (354, "Requested market data is not subscribed.", Data),
        (366, "No historical data query found for ticker id:99", Data),
        (420, "Invalid Real-time Query", Data),
        (430, "We are sorry, but fundamentals data is not available", Data),
        (
            2188,
            "Up-to-the-second historical data requires additional subscription for the API.",
            Data,
        ),
        (10089, "Requested market data requires additional subscription for API.", Data),
        (10090, "Part of requested market data is not subscribed.", Data),
        (10091, "Part of requested market data requires additional subscription for API.", Data),
        (10092, "Deep market data is not supported for this combination", Data),
        (10167, "Requested market data is not subscribed. Displaying delayed market data.", Data),
        (
            10168,
            "Requested market data is not subscribed. Delayed market data is not enabled",
            Data,
        ),
        (10197, "No market data during competing live session", Data),
    ];

    #[test]
    fn every_row_by_its_text() {
        assert_eq!(TEXTS.len(), TABLE.len());
        for ((code, text, expected), row) in TEXTS.iter().zip(TABLE) {
            assert_eq!(row.code, *code, "the texts stand in the order of the table");
            assert!(text.contains(row.pattern), "{code}: {text}");
            assert_eq!(meaning(*code, text), *expected, "{code}: {text}");
        }
    }

    #[test]
    fn a_code_with_another_text_is_another_matter() {
        assert_eq!(meaning(399, "Order Message:\nSomething else"), Doubt);
        assert_eq!(meaning(201, "Something else"), Doubt);
        assert_eq!(meaning(200, "Something else"), Doubt);
        assert_eq!(meaning(202, "Something else"), Doubt);
        assert_eq!(meaning(0, "Something else"), Doubt);
    }

    #[test]
    fn what_is_not_listed_is_doubt() {
        for code in [-1, 1, 111, 202_000, 322, 400, 1103, 2100, 2111, 2199, 10_000, 10_150] {
            assert_eq!(meaning(code, "Warning: whatever"), Doubt, "{code}");
        }
    }
}
