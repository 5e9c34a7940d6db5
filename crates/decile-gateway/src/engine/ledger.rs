//! The ledger of a currency, as account summaries tell it.

use super::reply::AccountRow;
use super::values::{Value, Values};
use std::sync::Arc;

/// The currencies of an account in the recorded order: its only one, and all in the base currency.
const CURRENCIES: [&str; 2] = ["USD", "BASE"];

/// What a ledger tells, in the recorded order.
const KEYS: [&str; 25] = [
    "Currency",
    "CashBalance",
    "TotalCashBalance",
    "AccruedCash",
    "StockMarketValue",
    "OptionMarketValue",
    "FutureOptionValue",
    "FuturesPNL",
    "NetLiquidationByCurrency",
    "UnrealizedPnL",
    "RealizedPnL",
    "ExchangeRate",
    "FundValue",
    "NetDividend",
    "MutualFundValue",
    "MoneyMarketFundValue",
    "CorporateBondValue",
    "TBondValue",
    "TBillValue",
    "WarrantValue",
    "FxCashBalance",
    "AccountOrGroup",
    "RealCurrency",
    "IssuerOptionValue",
    "Cryptocurrency",
];

/// Tells whether a tag asks for the ledger of a currency.
fn asks_for(tag: &str, currency: &str) -> bool {
    match tag.strip_prefix("$LEDGER") {
        Some("") => currency == "BASE",
        Some(":ALL") => true,
        Some(of) => of.strip_prefix(':') == Some(currency),
        None => false,
    }
}

impl Values {
    /// Returns the ledgers that tags of a summary ask for. As recorded they are those of the group
    /// that is asked for, and not of the account.
    pub(super) fn ledgers(&self, group: &Arc<str>, tags: &[String]) -> Vec<AccountRow> {
        let is_wanted = |currency: &&str| tags.iter().any(|tag| asks_for(tag, currency));
        let wanted: Vec<&'static str> = CURRENCIES.into_iter().filter(is_wanted).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let table = self.table(group);
        let value = |key: &str, currency: &str| match table.iter().find(|(other, _)| *other == key)
        {
            Some((_, Value::Ledger(base, _))) if currency == "BASE" => base.clone(),
            Some((_, Value::Ledger(_, dollars))) => dollars.clone(),
            // Recorded without a value.
            _ => String::new(),
        };
        let of_currency = |currency| {
            KEYS.map(|key| AccountRow {
                group: Some(group.clone()),
                key,
                value: value(key, currency),
                currency: Some(currency),
            })
        };
        wanted.into_iter().flat_map(of_currency).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_ask_for_the_ledgers_of_currencies() {
        let asked = |tag: &str| CURRENCIES.map(|currency| asks_for(tag, currency));
        assert_eq!(asked("$LEDGER"), [false, true]);
        assert_eq!(asked("$LEDGER:ALL"), [true, true]);
        assert_eq!(asked("$LEDGER:USD"), [true, false]);
        for none in ["$LEDGER:EUR", "$LEDGERS", "$LEDGERUSD", "LEDGER", "CashBalance"] {
            assert_eq!(asked(none), [false, false], "{none}");
        }
    }
}
