//! Asking for an order to be cancelled.

use super::Session;
use crate::codes::{self, Meaning};
use crate::{Error, wire};
use decile_trade::ClientOrderId;
use futures::StreamExt;
use ibapi::orders::{CancelOrder, OrderStatusKind, Orders};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::sync::Arc;
use tokio::time::timeout;

/// What the gateway makes of a request to cancel.
enum Answer {
    /// It has it, or the order is final.
    Taken,
    /// It knows no such order of this client.
    Unknown,
}

impl Session {
    /// Asks for an order to be cancelled; `false` if the broker knows no such order.
    pub(crate) async fn cancel(self: &Arc<Self>, id: &ClientOrderId) -> Result<bool, Error> {
        let sent = self.orders().book.order_id(id);
        let order_id = match sent {
            Some(order_id) => Some(order_id),
            None => self.open_order_id(id).await?,
        };
        if let Some(order_id) = order_id {
            let after = self.config.request_timeout;
            let late = move |_| Error::NoAnswer { request: "cancel", after };
            let session = Arc::clone(self);
            let request = async move {
                let asked = session.client().cancel_order(order_id, "").await;
                let mut answers = asked.map_err(Error::from_client)?;
                timeout(after, session.answer(&mut answers)).await.map_err(late)?
            };
            if matches!(self.at_once(("cancel", after), request).await?, Answer::Taken) {
                return Ok(true);
            }
        }
        let found = self.find(id).await?;
        Ok(found.is_some_and(|snapshot| snapshot.state.is_final()))
    }

    /// Returns the number of an open order that this client has placed before.
    async fn open_order_id(self: &Arc<Self>, id: &ClientOrderId) -> Result<Option<i32>, Error> {
        let rows = self.open_list().await?.into_iter();
        let orders = rows.filter_map(|row| match row {
            Orders::OrderData(data) => wire::open(&data, &self.config.account),
            Orders::OrderStatus(_) => None,
        });
        let mut named = orders.filter(|open| open.facts.order_ref == id.to_string());
        match named.next().map(|open| open.key) {
            Some(key) if key.client_id == self.config.client_id => Ok(Some(key.order_id)),
            Some(key) => Err(Error::OtherClient { id: id.clone(), client_id: key.client_id }),
            None => Ok(None),
        }
    }

    /// Waits for a sign that a request to cancel was heard: bytes that were written prove nothing.
    async fn answer(&self, answers: &mut Subscription<CancelOrder>) -> Result<Answer, Error> {
        while let Some(item) = answers.next().await {
            let notice = match item {
                Ok(SubscriptionItem::Data(CancelOrder::OrderStatus(status))) => {
                    if status.status == OrderStatusKind::PendingCancel
                        || status.status.is_terminal()
                    {
                        return Ok(Answer::Taken);
                    }
                    continue;
                }
                Ok(SubscriptionItem::Notice(notice)) | Err(ibapi::Error::Notice(notice)) => notice,
                Err(error) => return Err(Error::from_client(error)),
            };
            match codes::meaning(notice.code, &notice.message) {
                Meaning::Cancelled => return Ok(Answer::Taken),
                Meaning::CancelAnswer if [135, 10147].contains(&notice.code) => {
                    return Ok(Answer::Unknown);
                }
                // It cannot be cancelled because it is over, or being cancelled.
                Meaning::CancelAnswer => return Ok(Answer::Taken),
                Meaning::Information => {}
                _ => return Err(Error::Gateway { code: notice.code, text: notice.message }),
            }
        }
        Err(Error::Disconnected { address: self.config.address() })
    }
}
