//! What the account is worth, in the words of account values.

use super::Engine;
use super::reply::{AccountRow, PortfolioRow};
use decile_core::{Decimal, Money, Shares, Symbol};

/// An account at the prices of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) cash: Money,
    /// What open buys will cost at most.
    pub(crate) reserved: Money,
    /// What sales of this session brought in.
    pub(crate) unsettled: Money,
    /// What is held is worth, and what is owed in shares.
    pub(crate) long: Money,
    pub(crate) short: Money,
    pub(crate) is_margin: bool,
    pub(crate) unrealized: Money,
    /// Gains and losses of this session.
    pub(crate) realized: Money,
}

impl Values {
    /// The part of a trade that a margin account has to own, by Regulation T of the Federal Reserve
    /// (12 CFR 220.12): half.
    pub(crate) const INITIAL: Decimal = Decimal::from_parts(50, 0, 0, false, 2);
    /// What it has to keep, by FINRA's rule 4210: a quarter of what it holds, and 30 % of what it owes.
    const LONG: Decimal = Decimal::from_parts(25, 0, 0, false, 2);
    const SHORT: Decimal = Decimal::from_parts(30, 0, 0, false, 2);

    pub(crate) fn equity(&self) -> Money {
        self.cash + self.net()
    }

    /// Returns the equity that may be traded with: what a cash account has sold in this session
    /// counts once it is settled.
    pub(crate) fn with_loan(&self) -> Money {
        if self.is_margin { self.equity() } else { self.equity() - self.unsettled }
    }

    fn net(&self) -> Money {
        self.long - self.short
    }

    fn gross(&self) -> Money {
        self.long + self.short
    }

    /// Returns the part of a trade that has to be owned: a cash account pays in full.
    pub(crate) fn initial_rate(&self) -> Decimal {
        if self.is_margin { Self::INITIAL } else { Decimal::ONE }
    }

    /// Returns the part of a holding that has to be kept.
    pub(crate) fn maintenance_rate(&self, quantity: Shares) -> Decimal {
        match (self.is_margin, quantity < Shares::ZERO) {
            (false, _) => Decimal::ONE,
            (true, false) => Self::LONG,
            (true, true) => Self::SHORT,
        }
    }

    pub(crate) fn initial_margin(&self) -> Money {
        part(self.gross() + self.reserved, self.initial_rate())
    }

    pub(crate) fn maintenance_margin(&self) -> Money {
        part(self.long, self.maintenance_rate(Shares::new(1)))
            + part(self.short, self.maintenance_rate(Shares::new(-1)))
    }

    pub(crate) fn available(&self) -> Money {
        self.with_loan() - self.initial_margin()
    }

    fn excess(&self) -> Money {
        self.with_loan() - self.maintenance_margin()
    }

    /// Returns what could be bought with what is available.
    fn buying_power(&self) -> Money {
        let power = self.available().get().checked_div(self.initial_rate());
        Money::new(power.unwrap_or_default())
    }

    fn cushion(&self) -> String {
        let part = self.excess().get().checked_div(self.equity().get());
        part.map(|part| part.round_dp(6).normalize().to_string()).unwrap_or_else(|| "0".to_owned())
    }

    fn leverage(&self) -> Money {
        let part = self.gross().get().checked_div(self.equity().get());
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
            "BuyingPower" => money("BuyingPower", self.buying_power()),
            "Cushion" => text("Cushion", self.cushion()),
            "EquityWithLoanValue" => money("EquityWithLoanValue", self.with_loan()),
            "ExcessLiquidity" => money("ExcessLiquidity", self.excess()),
            "FullAvailableFunds" => money("FullAvailableFunds", self.available()),
            "FullExcessLiquidity" => money("FullExcessLiquidity", self.excess()),
            "FullInitMarginReq" => money("FullInitMarginReq", self.initial_margin()),
            "FullMaintMarginReq" => money("FullMaintMarginReq", self.maintenance_margin()),
            "GrossPositionValue" => money("GrossPositionValue", self.gross()),
            "InitMarginReq" => money("InitMarginReq", self.initial_margin()),
            "Leverage" => text("Leverage", cents(self.leverage())),
            "LookAheadAvailableFunds" => money("LookAheadAvailableFunds", self.available()),
            "LookAheadExcessLiquidity" => money("LookAheadExcessLiquidity", self.excess()),
            "LookAheadInitMarginReq" => money("LookAheadInitMarginReq", self.initial_margin()),
            "LookAheadMaintMarginReq" => {
                money("LookAheadMaintMarginReq", self.maintenance_margin())
            }
            "LookAheadNextChange" => text("LookAheadNextChange", "0".to_owned()),
            "MaintMarginReq" => money("MaintMarginReq", self.maintenance_margin()),
            "NetLiquidation" => money("NetLiquidation", self.equity()),
            "SettledCash" => money("SettledCash", self.cash - self.unsettled),
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

    pub(super) fn table(&self, account: &str) -> Vec<(&'static str, Value)> {
        use Value::{Text, Total};
        let (available, initial) = (self.available(), self.initial_margin());
        let (equity, gross, none) = (self.equity(), self.gross(), Money::ZERO);
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
            ("BuyingPower", Total(self.buying_power())),
            ("CashBalance", both(self.cash)),
            ("CorporateBondValue", both(none)),
            ("Currency", Value::Ledger("BASE".to_owned(), "USD".to_owned())),
            ("Cushion", Text(self.cushion())),
            ("EquityWithLoanValue", Total(self.with_loan())),
            ("ExcessLiquidity", Total(self.excess())),
            ("ExchangeRate", same("1.00")),
            ("FullAvailableFunds", Total(available)),
            ("FullExcessLiquidity", Total(self.excess())),
            ("FullInitMarginReq", Total(initial)),
            ("FullMaintMarginReq", Total(self.maintenance_margin())),
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
            ("LookAheadExcessLiquidity", Total(self.excess())),
            ("LookAheadInitMarginReq", Total(initial)),
            ("LookAheadMaintMarginReq", Total(self.maintenance_margin())),
            ("LookAheadNextChange", Text("0".to_owned())),
            ("MaintMarginReq", Total(self.maintenance_margin())),
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
            ("StockMarketValue", both(self.net())),
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

/// Returns a part of an amount; the parts are below 1, so it cannot leave the range of a decimal.
fn part(amount: Money, rate: Decimal) -> Money {
    amount.times(rate).unwrap_or_default()
}

pub(super) enum Value {
    Text(String),
    /// An amount of the whole account.
    Total(Money),
    /// The same in the base currency and in dollars.
    Ledger(String, String),
}

fn row(key: &'static str, value: String, currency: Option<&'static str>) -> AccountRow {
    AccountRow { group: None, key, value, currency }
}

fn cents(amount: Money) -> String {
    format!("{:.2}", amount.to_cents().get())
}

impl Engine {
    pub(super) fn values(&self) -> Values {
        let mut values = Values {
            cash: self.book.cash(),
            reserved: self.book.reserved(),
            unsettled: self.unsettled(),
            long: Money::ZERO,
            short: Money::ZERO,
            is_margin: self.is_margin,
            unrealized: Money::ZERO,
            realized: Money::ZERO,
        };
        for symbol in self.book.positions().keys() {
            let row = self.portfolio_row(symbol);
            if row.value.is_negative() {
                values.short -= row.value;
            } else {
                values.long += row.value;
            }
            values.unrealized += row.unrealized;
            values.realized += row.realized;
        }
        values
    }

    pub(super) fn portfolio_row(&self, symbol: &Symbol) -> PortfolioRow {
        let position = self.book.position(symbol);
        let holding = position.holding;
        let price = self.floor.mark(symbol, holding.average_cost());
        // An amount out of the range of a decimal cannot arise: it was paid from the cash.
        let value = price.times(Decimal::from(holding.quantity.get())).unwrap_or_default();
        PortfolioRow {
            listing: self.floor.listing(symbol).clone(),
            quantity: holding.quantity,
            price,
            value,
            average_cost: holding.average_cost(),
            unrealized: value - holding.cost,
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
            unsettled: Money::ZERO,
            long: "250".parse().unwrap(),
            short: Money::ZERO,
            is_margin: false,
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
