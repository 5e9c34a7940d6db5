//! What the account is worth, in the words of account values.

use super::Engine;
use super::reply::{AccountRow, PortfolioRow};
use decile_core::{Decimal, Money, Symbol};

/// A cash account at the prices of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) cash: Money,
    /// What open buys will cost at most.
    pub(crate) reserved: Money,
    /// What the holdings are worth.
    pub(crate) gross: Money,
    pub(crate) unrealized: Money,
    /// Gains and losses of this session.
    pub(crate) realized: Money,
}

impl Values {
    pub(crate) fn equity(&self) -> Money {
        self.cash + self.gross
    }

    /// Returns what is bound: a cash account pays in full.
    pub(crate) fn initial_margin(&self) -> Money {
        self.gross + self.reserved
    }

    pub(crate) fn available(&self) -> Money {
        self.cash - self.reserved
    }

    fn cushion(&self) -> String {
        let part = self.cash.get().checked_div(self.equity().get());
        part.map(|part| part.round_dp(6).normalize().to_string()).unwrap_or_else(|| "0".to_owned())
    }

    fn leverage(&self) -> Money {
        let part = self.gross.get().checked_div(self.equity().get());
        Money::new(part.unwrap_or_default())
    }

    /// Returns the value of a tag of account summaries, if it is one that a cash account has.
    pub(crate) fn summary(&self, tag: &str) -> Option<AccountRow> {
        let money = |key, amount: Money| row(key, cents(amount), Some("USD"));
        let text = |key, value: String| row(key, value, None);
        Some(match tag {
            "AccountType" => text("AccountType", "INDIVIDUAL".to_owned()),
            "AccruedCash" => money("AccruedCash", Money::ZERO),
            "AvailableFunds" => money("AvailableFunds", self.available()),
            "BuyingPower" => money("BuyingPower", self.available()),
            "Cushion" => text("Cushion", self.cushion()),
            "EquityWithLoanValue" => money("EquityWithLoanValue", self.equity()),
            "ExcessLiquidity" => money("ExcessLiquidity", self.cash),
            "FullAvailableFunds" => money("FullAvailableFunds", self.available()),
            "FullExcessLiquidity" => money("FullExcessLiquidity", self.cash),
            "FullInitMarginReq" => money("FullInitMarginReq", self.initial_margin()),
            "FullMaintMarginReq" => money("FullMaintMarginReq", self.gross),
            "GrossPositionValue" => money("GrossPositionValue", self.gross),
            "InitMarginReq" => money("InitMarginReq", self.initial_margin()),
            "Leverage" => text("Leverage", cents(self.leverage())),
            "LookAheadAvailableFunds" => money("LookAheadAvailableFunds", self.available()),
            "LookAheadExcessLiquidity" => money("LookAheadExcessLiquidity", self.cash),
            "LookAheadInitMarginReq" => money("LookAheadInitMarginReq", self.initial_margin()),
            "LookAheadMaintMarginReq" => money("LookAheadMaintMarginReq", self.gross),
            "LookAheadNextChange" => text("LookAheadNextChange", "0".to_owned()),
            "MaintMarginReq" => money("MaintMarginReq", self.gross),
            "NetLiquidation" => money("NetLiquidation", self.equity()),
            "SettledCash" => money("SettledCash", self.cash),
            "TotalCashValue" => money("TotalCashValue", self.cash),
            _ => return None,
        })
    }

    /// Returns the values of account updates in the recorded order, those of a currency twice: in
    /// the base currency, and in US dollars, which are the same.
    pub(crate) fn rows(&self, account: &str) -> Vec<AccountRow> {
        let mut rows = Vec::with_capacity(80);
        for (key, value) in self.table(account) {
            match value {
                Value::Text(text) => rows.push(row(key, text, None)),
                Value::Total(amount) => rows.push(row(key, cents(amount), Some("USD"))),
                Value::Ledger(base, dollars) => {
                    rows.push(row(key, base, Some("BASE")));
                    rows.push(row(key, dollars, Some("USD")));
                }
            }
        }
        rows
    }

    fn table(&self, account: &str) -> Vec<(&'static str, Value)> {
        use Value::{Text, Total};
        let (available, initial) = (self.available(), self.initial_margin());
        let (equity, gross, none) = (self.equity(), self.gross, Money::ZERO);
        let same = |text: &str| Value::Ledger(text.to_owned(), text.to_owned());
        let both = |amount: Money| same(&cents(amount));
        vec![
            ("AccountCode", Text(account.to_owned())),
            ("AccountOrGroup", same(account)),
            ("AccountReady", Text("true".to_owned())),
            ("AccountType", Text("INDIVIDUAL".to_owned())),
            ("AccruedCash", both(none)),
            ("AccruedDividend", Total(none)),
            ("AvailableFunds", Total(available)),
            ("Billable", Total(none)),
            ("BuyingPower", Total(available)),
            ("CashBalance", both(self.cash)),
            ("CorporateBondValue", both(none)),
            ("Currency", Value::Ledger("BASE".to_owned(), "USD".to_owned())),
            ("Cushion", Text(self.cushion())),
            ("EquityWithLoanValue", Total(equity)),
            ("ExcessLiquidity", Total(self.cash)),
            ("ExchangeRate", same("1.00")),
            ("FullAvailableFunds", Total(available)),
            ("FullExcessLiquidity", Total(self.cash)),
            ("FullInitMarginReq", Total(initial)),
            ("FullMaintMarginReq", Total(gross)),
            ("FundValue", both(none)),
            ("FutureOptionValue", both(none)),
            ("FuturesPNL", both(none)),
            ("FxCashBalance", both(none)),
            ("GrossPositionValue", Total(gross)),
            ("Guarantee", Total(none)),
            ("IncentiveCoupons", Total(none)),
            ("IndianStockHaircut", Total(none)),
            ("InitMarginReq", Total(initial)),
            ("IssuerOptionValue", both(none)),
            ("LookAheadAvailableFunds", Total(available)),
            ("LookAheadExcessLiquidity", Total(self.cash)),
            ("LookAheadInitMarginReq", Total(initial)),
            ("LookAheadMaintMarginReq", Total(gross)),
            ("LookAheadNextChange", Text("0".to_owned())),
            ("MaintMarginReq", Total(gross)),
            ("MoneyMarketFundValue", both(none)),
            ("MutualFundValue", both(none)),
            ("NLVAndMarginInReview", Text("false".to_owned())),
            ("NetDividend", both(none)),
            ("NetLiquidation", Total(equity)),
            ("NetLiquidationByCurrency", same(&format!("{:.4}", equity.get()))),
            ("NetLiquidationUncertainty", Total(none)),
            ("OptionMarketValue", both(none)),
            ("PASharesValue", Total(none)),
            ("PhysicalCertificateValue", Total(none)),
            ("PostExpirationExcess", Total(none)),
            ("PostExpirationMargin", Total(none)),
            ("RealCurrency", Value::Ledger("BASE".to_owned(), "USD".to_owned())),
            ("RealizedPnL", both(self.realized)),
            ("StockMarketValue", both(gross)),
            ("TBillValue", both(none)),
            ("TBondValue", both(none)),
            ("TotalCashBalance", both(self.cash)),
            ("TotalCashValue", Total(self.cash)),
            ("TotalDebitCardPendingCharges", Total(none)),
            ("UnrealizedPnL", both(self.unrealized)),
            ("WarrantValue", both(none)),
        ]
    }
}

enum Value {
    Text(String),
    /// An amount of the whole account.
    Total(Money),
    /// The same in the base currency and in dollars.
    Ledger(String, String),
}

fn row(key: &'static str, value: String, currency: Option<&'static str>) -> AccountRow {
    AccountRow { key, value, currency }
}

fn cents(amount: Money) -> String {
    format!("{:.2}", amount.to_cents().get())
}

impl Engine {
    pub(super) fn values(&self) -> Values {
        let mut values = Values {
            cash: self.book.cash(),
            reserved: self.book.reserved(),
            gross: Money::ZERO,
            unrealized: Money::ZERO,
            realized: Money::ZERO,
        };
        for symbol in self.book.positions().keys() {
            let row = self.portfolio_row(symbol);
            values.gross += row.value;
            values.unrealized += row.unrealized;
            values.realized += row.realized;
        }
        values
    }

    pub(super) fn portfolio_row(&self, symbol: &Symbol) -> PortfolioRow {
        let position = self.book.position(symbol);
        let holding = position.holding;
        let price = self.floor.mark(symbol, holding.average_cost);
        // An amount out of the range of a decimal cannot arise: it was paid from the cash.
        let times =
            |amount: Money| amount.times(Decimal::from(holding.quantity.get())).unwrap_or_default();
        let value = times(price);
        PortfolioRow {
            listing: self.floor.listing(symbol).clone(),
            quantity: holding.quantity,
            price,
            value,
            average_cost: holding.average_cost,
            unrealized: value - times(holding.average_cost),
            realized: position.realized,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values {
            cash: "750.5".parse().unwrap(),
            reserved: "100".parse().unwrap(),
            gross: "250".parse().unwrap(),
            unrealized: "-1.005".parse().unwrap(),
            realized: Money::ZERO,
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_their_keys_and_currencies() {
        let rows = values().rows("DU1");
        let value = |key: &str| {
            let found = rows.iter().filter(|row| row.key == key);
            found.map(|row| (row.value.as_str(), row.currency)).collect::<Vec<_>>()
        };
        assert_eq!(value("NetLiquidation"), [("1000.50", Some("USD"))]);
        assert_eq!(value("NetLiquidationByCurrency")[0], ("1000.5000", Some("BASE")));
        assert_eq!(value("AvailableFunds"), [("650.50", Some("USD"))]);
        assert_eq!(value("Cushion"), [("0.750125", None)]);
        assert_eq!(value("UnrealizedPnL")[1], ("-1.01", Some("USD")));
    }

    #[test]
    fn a_summary_has_the_tags_of_a_cash_account() {
        let summary = |tag| values().summary(tag).map(|row| row.value);
        assert_eq!(summary("BuyingPower"), Some("650.50".to_owned()));
        assert_eq!(summary("ExcessLiquidity"), Some("750.50".to_owned()));
        assert_eq!(summary("SMA"), None);
    }
}
