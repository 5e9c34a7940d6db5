//! What the gateway tells unasked.

use super::Session;
use crate::book::{News, Notice};
use crate::codes::{self, Meaning};
use crate::wire;
use decile_trade::BrokerEvent;
use futures::StreamExt;
use ibapi::orders::OrderUpdate;
use ibapi::subscriptions::{NoticeStream, Subscription, SubscriptionItem};
use ibapi::{NOTICE_STREAM_LAG_CODE, SUBSCRIPTION_LAG_CODE, UNKNOWN_MESSAGE_TYPE_CODE};
use std::sync::Arc;

impl Session {
    /// Hears what is told of orders until the connection is lost for good.
    ///
    /// One message that cannot be read ends the client library's stream, for all orders. It is opened
    /// again, and the listeners are told of a gap.
    pub(super) async fn listen_orders(self: Arc<Self>, mut updates: Subscription<OrderUpdate>) {
        loop {
            while let Some(item) = updates.next().await {
                match item {
                    Ok(SubscriptionItem::Data(update)) => self.hear(update),
                    Ok(SubscriptionItem::Notice(notice)) => self.hear_notice(notice),
                    Err(error) => {
                        log::warn!("the stream of orders is opened again: {error}");
                        break;
                    }
                }
            }
            drop(updates);
            let Ok(next) = self.client.order_update_stream().await else { return };
            updates = next;
            self.tell(BrokerEvent::Gap);
        }
    }

    fn hear(&self, update: OrderUpdate) {
        let account = &self.config.account;
        let news = match update {
            OrderUpdate::OpenOrder(data) => {
                if data.order.client_id == self.config.client_id {
                    self.ids.used(data.order_id);
                }
                wire::open(data, account).map(News::Open)
            }
            OrderUpdate::OrderStatus(status) => wire::status(status).map(News::Status),
            OrderUpdate::ExecutionData(data) => match wire::execution(data, account) {
                Ok(executed) => executed.map(News::Execution),
                Err(error) => {
                    log::warn!("{error}");
                    self.tell(BrokerEvent::Gap);
                    None
                }
            },
            OrderUpdate::CommissionReport(report) => wire::commission(report),
            OrderUpdate::OrderBound(_) => None,
        };
        if let Some(news) = news {
            self.apply(news);
        }
    }

    fn hear_notice(&self, notice: ibapi::Notice) {
        if notice.code == SUBSCRIPTION_LAG_CODE {
            return self.tell(BrokerEvent::Gap);
        }
        let meaning = codes::meaning(notice.code, &notice.message);
        if meaning == Meaning::ReadOnly {
            self.set_read_only();
        }
        if let Some(order_id) = notice.request_id {
            let text = format!("{}: {}", notice.code, notice.message);
            self.apply(News::Notice(Notice { order_id, meaning: order_meaning(meaning), text }));
        }
    }

    fn apply(&self, news: News) {
        let mut orders = self.orders();
        let effects = orders.book.apply(self.config.client_id, news);
        if let Some((order_id, sign)) = effects.sign
            && let Some(waiting) = orders.waiting.get(&order_id)
        {
            // An error says that the asker has given up.
            let _ = waiting.send(sign);
        }
        // While the book is held, so that events come in its order.
        effects.events.into_iter().for_each(|event| self.tell(event));
    }

    /// Hears what is told of the connection.
    pub(super) async fn listen_notices(self: Arc<Self>, mut notices: NoticeStream) {
        while let Some(notice) = notices.next().await {
            match notice.code {
                NOTICE_STREAM_LAG_CODE | UNKNOWN_MESSAGE_TYPE_CODE => self.tell(BrokerEvent::Gap),
                _ => self.hear_of_link(notice),
            }
        }
    }

    fn hear_of_link(&self, notice: ibapi::Notice) {
        let ibapi::Notice { code, message, .. } = notice;
        match codes::meaning(code, &message) {
            Meaning::UpstreamLost => {
                // It is repeated every few seconds while it lasts.
                if self.link.set_upstream(Some(format!("{code}: {message}"))) {
                    self.tell(BrokerEvent::Disconnected);
                }
            }
            Meaning::UpstreamRestored => {
                self.link.set_upstream(None);
                self.tell(BrokerEvent::Reconnected);
            }
            Meaning::ReadOnly => self.set_read_only(),
            _ => log::debug!("the gateway says {code}: {message}"),
        }
    }
}

/// Bound to an order, a gateway that takes none refuses it.
fn order_meaning(meaning: Meaning) -> Meaning {
    if meaning == Meaning::ReadOnly { Meaning::Refused } else { meaning }
}
