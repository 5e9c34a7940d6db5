//! What the account has and holds.

use super::Session;
use crate::{Error, symbols, values, wire};
use decile_core::{Currency, Money};
use decile_trade::{Account, Position};
use futures::{Stream, StreamExt};
use ibapi::accounts::types::AccountGroup;
use ibapi::accounts::{
    AccountSummary, AccountSummaryResult, AccountSummaryTags, Position as Held, PositionUpdate,
};
use ibapi::contracts::SecurityType;
use ibapi::subscriptions::SubscriptionItem;
use std::sync::Arc;
use tokio::time::timeout;

impl Session {
    pub(crate) async fn account(self: &Arc<Self>) -> Result<Account, Error> {
        let work = |session: Arc<Self>| async move {
            // A gateway keeps two of these at a time, and refuses the third.
            let _turn = session.turns.summary.lock().await;
            let tags = [
                AccountSummaryTags::NET_LIQUIDATION,
                AccountSummaryTags::TOTAL_CASH_VALUE,
                AccountSummaryTags::SETTLED_CASH,
            ];
            let group = AccountGroup("All".to_owned());
            let asked = session.client().account_summary(&group, &tags).await;
            let mut rows = asked.map_err(Error::from_client)?;
            let told = until_end(&mut rows, |row| match row {
                AccountSummaryResult::Summary(row) => Some(row),
                AccountSummaryResult::End => None,
            });
            // It has a number of its own, so a late answer is nobody else's.
            let after = session.config.request_timeout;
            let told = timeout(after, told).await;
            session.rate.count();
            rows.cancel().await;
            told.map_err(|_| Error::NoAnswer { request: "account", after })?
                .map_err(Error::from_client)
        };
        let rows = self.request("account", work).await?;
        self.read_account(&rows)
    }

    fn read_account(&self, rows: &[AccountSummary]) -> Result<Account, Error> {
        let id = self.config.account.clone();
        let row = |what| rows.iter().find(|row| row.account == id.as_str() && row.tag == what);
        let find = |what| row(what).ok_or_else(|| Error::NotTold { what, account: id.clone() });
        let equity = find(AccountSummaryTags::NET_LIQUIDATION)?;
        let cash = find(AccountSummaryTags::TOTAL_CASH_VALUE)?;
        // Not every account has it.
        let settled = row(AccountSummaryTags::SETTLED_CASH);
        let unreadable = |what, text: &str| Error::Unreadable { what, text: text.to_owned() };
        for other in [Some(cash), settled].into_iter().flatten() {
            if equity.currency != other.currency {
                let both = format!("{} and {}", equity.currency, other.currency);
                return Err(unreadable("an account in two currencies", &both));
            }
        }
        let amount = |row: &AccountSummary| -> Result<Money, Error> {
            row.value.parse().map_err(|_| unreadable("an amount of the account", &row.value))
        };
        let currency: Currency = equity
            .currency
            .parse()
            .map_err(|_| unreadable("the currency of the account", &equity.currency))?;
        let (cash, equity) = (amount(cash)?, amount(equity)?);
        let settled_cash = settled.map(amount).transpose()?;
        Ok(Account { id, currency, cash, equity, settled_cash })
    }

    /// Returns the stocks that the account holds. Anything else that it holds is an error: a plan that
    /// does not see it would size its orders wrongly, and must not sell it.
    pub(crate) async fn positions(self: &Arc<Self>) -> Result<Vec<Position>, Error> {
        let ask = |session: Arc<Self>, within| async move {
            let mut rows = session.client().positions().await?;
            let told = until_end(&mut rows, |row| match row {
                PositionUpdate::Position(row) => Some(row),
                PositionUpdate::PositionEnd => None,
            });
            let told = timeout(within, told).await;
            session.rate.count();
            rows.cancel().await;
            told.unwrap_or(Err(ibapi::Error::Timeout))
        };
        let rows = self.in_turn("positions", |turns| &turns.positions, ask).await?;
        let ours = rows.into_iter().filter(|row| row.account == self.config.account.as_str());
        // What was closed today is told as a position of 0.
        let held = ours.filter(|row| row.position != 0.0);
        let mut positions: Vec<_> =
            held.map(|row| self.read_position(&row)).collect::<Result<_, _>>()?;
        positions.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        Ok(positions)
    }

    fn read_position(&self, row: &Held) -> Result<Position, Error> {
        let Held { contract, position, average_cost, .. } = row;
        let unsupported = || Error::UnsupportedPosition {
            account: self.config.account.clone(),
            holding: format!(
                "{position} {} {} in {}",
                contract.symbol, contract.security_type, contract.currency
            ),
        };
        let symbol = match contract.security_type {
            SecurityType::Stock if contract.currency.as_str() == wire::CURRENCY => {
                symbols::from_wire(contract.symbol.as_str())
            }
            _ => None,
        };
        Ok(Position {
            symbol: symbol.ok_or_else(unsupported)?,
            quantity: values::shares(*position).ok_or_else(unsupported)?,
            average_cost: values::money(*average_cost).ok_or_else(|| Error::Unreadable {
                what: "an average cost",
                text: average_cost.to_string(),
            })?,
        })
    }
}

/// Collects rows up to the mark that ends them. Subscriptions go on behind it.
async fn until_end<T, R>(
    rows: &mut (impl Stream<Item = Result<SubscriptionItem<T>, ibapi::Error>> + Unpin),
    row: impl Fn(T) -> Option<R>,
) -> Result<Vec<R>, ibapi::Error> {
    let mut collected = Vec::new();
    while let Some(item) = rows.next().await {
        match item? {
            SubscriptionItem::Data(data) => match row(data) {
                Some(row) => collected.push(row),
                None => return Ok(collected),
            },
            SubscriptionItem::Notice(notice) if notice.code == ibapi::SUBSCRIPTION_LAG_CODE => {
                return Err(ibapi::Error::Notice(notice));
            }
            SubscriptionItem::Notice(notice) => log::debug!("{notice}"),
        }
    }
    Err(ibapi::Error::UnexpectedEndOfStream)
}
