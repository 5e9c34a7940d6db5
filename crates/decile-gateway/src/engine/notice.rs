//! Codes and texts, as recorded of real gateways unless said otherwise.

use std::fmt;

/// An error, a warning or a word about the connection: they share one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The request or order that it is about; -1 for none.
    pub(crate) id: i32,
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// Where a notice comes from, which shows in its time: a server's is in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Gateway,
    Server,
}

/// Why something a client asked for is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    pub(crate) fn about(self, id: i32) -> Notice {
        Notice { id, code: self.code, text: self.text, origin: Origin::Gateway }
    }

    pub(crate) fn unknown_contract() -> Self {
        Self::new(200, "No security definition has been found for the request")
    }

    pub(crate) fn conflicting_contract() -> Self {
        Self::new(
            478,
            "Parameters in request conflicts with contract parameters received by contract id",
        )
    }

    pub(crate) fn unsupported_type() -> Self {
        Self::new(387, "Unsupported order type for this exchange and security type.")
    }

    /// The quoted letter is the name of a class in the recorded gateway, 'v' at version 225.
    pub(crate) fn invalid(cause: impl fmt::Display) -> Self {
        Self::new(321, format!("Error validating request.-'v' : cause - {cause}"))
    }

    /// A time that cannot be read, with the name that gateways have for it.
    pub(crate) fn invalid_time(code: i32, name: &str) -> Self {
        let text = format!(
            "{name}: The date, time, or time-zone entered is invalid.\nThe correct format is \
             yyyymmdd hh:mm:ss xx/xxxx\nwhere yyyymmdd and xx/xxxx are optional.\nE.g.: 20031126 \
             15:59:00 US/Eastern\n\nNote that there is a space between the date and time,\nand \
             between the time and time-zone.\n\nIf no date is specified, current date is \
             assumed.\nIf no time-zone is specified, local time-zone is \
             assumed(deprecated).\n\nYou can also provide yyyymmddd-hh:mm:ss time is in \
             UTC.\nNote that there is a dash between the date and time in UTC notation."
        );
        Self::new(code, text)
    }

    pub(crate) fn no_history(subject: impl fmt::Display) -> Self {
        let text = format!(
            "Historical Market Data Service error message:HMDS query returned no data: {subject}"
        );
        Self::new(162, text)
    }
}

impl Notice {
    /// A word about the connection, which has no id.
    pub(crate) fn system(code: i32, text: &str) -> Self {
        Self { id: -1, code, text: text.to_owned(), origin: Origin::Gateway }
    }

    pub(crate) fn rejected(order: i32, reason: &str) -> Self {
        let text = format!("Order rejected - reason:{reason}");
        Self { id: order, code: 201, text, origin: Origin::Server }
    }

    /// Trading hours keep an order from the exchange until an instant.
    pub(crate) fn waits_for_open(order: i32, subject: &str, open: &str) -> Self {
        let text = format!(
            "Order Message:\n{subject}\nWarning: Your order will not be placed at the exchange \
             until {open}."
        );
        Self { id: order, code: 399, text, origin: Origin::Server }
    }

    pub(crate) fn cancelled(order: i32, reason: &str) -> Self {
        let text = format!("Order Canceled - reason:{reason}");
        Self { id: order, code: 202, text, origin: Origin::Server }
    }

    pub(crate) fn not_cancellable(order: i32, perm_id: i64) -> Self {
        let text = format!(
            "Cancel attempted when order is not in a cancellable state.  Order permId ={perm_id}"
        );
        Self { id: order, code: 161, text, origin: Origin::Gateway }
    }

    pub(crate) fn cancel_unknown(order: i32) -> Self {
        let text = format!("OrderId {order} that needs to be cancelled is not found.");
        Self { id: order, code: 10147, text, origin: Origin::Gateway }
    }

    pub(crate) fn cancel_too_late(order: i32, state: &str) -> Self {
        let text = format!(
            "OrderId {order} that needs to be cancelled cannot be cancelled, state: {state}."
        );
        Self { id: order, code: 10148, text, origin: Origin::Gateway }
    }

    pub(crate) fn outside_rth_ignored(order: i32) -> Self {
        let text = "Order Event Warning:Attribute 'Outside Regular Trading Hours' is ignored based \
                    on the order type and destination. PlaceOrder is now being processed.";
        Self { id: order, code: 2109, text: text.to_owned(), origin: Origin::Gateway }
    }

    /// An order names a time without its zone, and is taken.
    pub(crate) fn zone_assumed(order: i32) -> Self {
        let text = "Warning: You submitted request with date-time attributes without explicit time \
                    zone. Please switch to use yyyymmdd-hh:mm:ss in UTC or use instrument time \
                    zone, like US/Eastern. Implied time zone functionality will be removed in the \
                    next API release";
        Self { id: order, code: 2174, text: text.to_owned(), origin: Origin::Gateway }
    }

    pub(crate) fn preset(order: i32) -> Self {
        let text = "Order TIF was set to DAY based on order preset.".to_owned();
        Self { id: order, code: 10349, text, origin: Origin::Gateway }
    }

    pub(crate) fn too_fast(count: u32) -> Self {
        let text =
            format!("Max rate of messages per second has been exceeded:max=50 rec={count} (1)");
        Self::system(100, &text)
    }

    pub(crate) fn client_id_in_use() -> Self {
        let text =
            "Unable connect as the client id is already in use. Retry with a unique client id.";
        Self::system(326, text)
    }
}

/// What a client hears of the data farms when it has connected.
pub(crate) const FARMS: [(i32, &str); 3] = [
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefnj"),
];
