//! What the gateway tells unasked.

use super::Session;
use super::gate::Gate;
use super::open::Updates;
use super::waiting::Answer;
use crate::book::{News, Notice, Sign};
use crate::codes::{self, Meaning};
use crate::{Error, wire};
use decile_trade::BrokerEvent;
use ibapi::orders::OrderUpdate;
use ibapi::subscriptions::{NoticeStream, SubscriptionItem};
use ibapi::{NOTICE_STREAM_LAG_CODE, SUBSCRIPTION_LAG_CODE, UNKNOWN_MESSAGE_TYPE_CODE};
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

/// How many messages are heard before what they mean is told: those of some 250 orders, which are read
/// in a few milliseconds.
const HEARD_MAX: usize = 2048;

/// What is to be told.
#[derive(Default)]
struct Heard {
    count: usize,
    answers: Vec<Answer>,
    events: Vec<BrokerEvent>,
    /// What has ended the client library's stream.
    failure: Option<String>,
}

impl Session {
    /// Hears what is told of orders until the connection is lost for good, on a thread of its own:
    /// that of the connection has enough to do with moving the messages.
    ///
    /// One message that cannot be read ends the client library's stream, for all orders. It is opened
    /// again, and the listeners are told of a gap. Each connection brings a stream of its own.
    pub(super) async fn listen_orders(
        self: Arc<Self>,
        mut streams: UnboundedReceiver<Updates>,
        gate: Arc<Gate>,
    ) {
        let Some(mut updates) = streams.recv().await else { return };
        loop {
            let mut heard = Heard::default();
            let goes_on = gate.together(&mut updates, |item| self.take_in(&item, &mut heard)).await;
            let Heard { answers, events, failure, .. } = heard;
            answers.into_iter().for_each(Answer::tell);
            self.tell_all(events);
            if goes_on && failure.is_none() {
                continue;
            }
            if gate.is_closed() {
                return;
            }
            drop(updates);
            updates = match self.client().order_update_stream().await {
                Ok(next) => {
                    log::warn!("the stream of orders is opened again: {failure:?}");
                    self.miss();
                    self.tell(BrokerEvent::Gap);
                    next
                }
                // The connection is lost, or the stream of the next one is opened already.
                Err(_) => match streams.recv().await {
                    Some(next) => next,
                    None => return,
                },
            };
        }
    }

    /// Hears a message, and tells whether to hear on or to tell first what those so far mean.
    ///
    /// That is told in one go: telling wakes the threads that listen, and waking them for every message
    /// costs more than the message.
    fn take_in(
        &self,
        item: &Result<SubscriptionItem<OrderUpdate>, ibapi::Error>,
        heard: &mut Heard,
    ) -> ControlFlow<()> {
        match item {
            Ok(item) => self.hear(item, heard),
            Err(error) => heard.failure = Some(error.to_string()),
        }
        match heard.failure.is_some() || heard.count >= HEARD_MAX {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn hear(&self, item: &SubscriptionItem<OrderUpdate>, heard: &mut Heard) {
        heard.count += 1;
        let news = match item {
            SubscriptionItem::Data(update) => self.read(update),
            SubscriptionItem::Notice(notice) => self.read_notice(notice),
        };
        match news {
            Ok(Some(news)) => self.apply(news, heard),
            Ok(None) => {}
            Err(error) => {
                log::warn!("{error}");
                self.miss();
                heard.events.push(BrokerEvent::Gap);
            }
        }
    }

    fn read(&self, update: &OrderUpdate) -> Result<Option<News>, Error> {
        let account = &self.config.account;
        Ok(match update {
            OrderUpdate::OpenOrder(data) => {
                if data.order.client_id == self.config.client_id {
                    self.ids.used(data.order_id);
                }
                wire::open(data, account).map(News::Open)
            }
            OrderUpdate::OrderStatus(status) => wire::status(status).map(News::Status),
            OrderUpdate::ExecutionData(data) => {
                wire::execution(data, account)?.map(News::Execution)
            }
            OrderUpdate::CommissionReport(report) => wire::commission(report),
            OrderUpdate::OrderBound(_) => None,
        })
    }

    fn read_notice(&self, notice: &ibapi::Notice) -> Result<Option<News>, Error> {
        if notice.code == SUBSCRIPTION_LAG_CODE {
            return Err(Error::Client { source: notice.message.clone().into() });
        }
        let meaning = codes::meaning(notice.code, &notice.message);
        if meaning == Meaning::ReadOnly {
            self.set_read_only();
        }
        let text = format!("{}: {}", notice.code, notice.message);
        let meaning = order_meaning(meaning);
        let of = |order_id| News::Notice(Notice { order_id, meaning, text });
        Ok(notice.request_id.map(of))
    }

    fn apply(&self, news: News, heard: &mut Heard) {
        let mut orders = self.orders();
        let shown = orders.book.apply(self.config.client_id, news, &mut heard.events);
        if let Some((order_id, sign)) = shown {
            if matches!(sign, Sign::Inactive(_)) {
                // It waits less long from here.
                self.has_waiting.notify_one();
            }
            heard.answers.extend(orders.waiting.hear(order_id, sign));
        }
    }

    /// Hears what is told of the connection.
    pub(super) async fn listen_notices(self: Arc<Self>, mut notices: NoticeStream) {
        while let Some(notice) = notices.next().await {
            self.hear_notice(notice);
        }
    }

    fn hear_notice(self: &Arc<Self>, notice: ibapi::Notice) {
        let ibapi::Notice { code, message, .. } = notice;
        // The library's own: notices were lost, or a message was none that it knows.
        if [NOTICE_STREAM_LAG_CODE, UNKNOWN_MESSAGE_TYPE_CODE].contains(&code) {
            self.miss();
            return self.tell(BrokerEvent::Gap);
        }
        match codes::meaning(code, &message) {
            Meaning::UpstreamLost => {
                // It is repeated every few seconds while it lasts.
                if self.link.set_upstream(Some(format!("{code}: {message}"))) {
                    self.tell(BrokerEvent::Disconnected);
                }
            }
            Meaning::UpstreamRestored => {
                // First, so that no order slips through: what happened meanwhile is not told.
                self.link.miss();
                self.link.set_upstream(None);
                tokio::spawn(Arc::clone(self).restored());
            }
            Meaning::ReadOnly => self.set_read_only(),
            Meaning::Data => self.farms.hear(code, &message, self.config.clock.now()),
            _ => log::debug!("the gateway says {code}: {message}"),
        }
    }

    /// Tells that the gateway has its line back, once its lists have been looked at.
    async fn restored(self: Arc<Self>) {
        self.make_up().await;
        if self.is_connected() && self.link.upstream().is_ok() {
            self.tell(BrokerEvent::Reconnected);
        }
    }
}

/// Bound to an order, a gateway that takes none refuses it.
fn order_meaning(meaning: Meaning) -> Meaning {
    if meaning == Meaning::ReadOnly { Meaning::Refused } else { meaning }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IbConfig;
    use chrono::TimeDelta;
    use decile_core::{Clock, ManualClock};
    use decile_gateway::{Gateway, GatewayConfig, Venue};
    use futures::StreamExt;
    use std::time::Duration;
    use tokio::time::timeout;

    fn notice(code: i32) -> ibapi::Notice {
        ibapi::Notice {
            request_id: None,
            code,
            message: "some were lost".to_owned(),
            error_time: None,
            advanced_order_reject_json: String::new(),
        }
    }

    #[tokio::test]
    async fn quotes_of_a_broken_farm_show_their_age_until_it_is_back() {
        let clock = Arc::new(ManualClock::new("2025-12-01T15:00:00Z".parse().unwrap()));
        let venue = Venue::prices([("KO".parse().unwrap(), "60".parse().unwrap())]);
        let config = GatewayConfig::new(venue).clock(clock.clone());
        let gateway = Gateway::start(config).unwrap();
        let config = IbConfig::paper("DU0000001".parse().unwrap()).unwrap().port(gateway.port());
        let session = Session::open(config.clock(clock.clone())).await.unwrap();
        let age = async || {
            let quotes = session.quotes(vec!["KO".parse().unwrap()]).await.unwrap();
            quotes[0].age(clock.now()).num_seconds()
        };
        clock.advance(TimeDelta::seconds(90));
        assert_eq!(age().await, 0);
        let farm = |code, text: &str| ibapi::Notice { message: text.to_owned(), ..notice(code) };
        session.hear_notice(farm(2103, "Market data farm connection is broken:usfarm"));
        clock.advance(TimeDelta::seconds(90));
        assert_eq!(age().await, 90);
        session.hear_notice(farm(2104, "Market data farm connection is OK:usfarm"));
        assert_eq!(age().await, 0);
        session.close().await;
    }

    #[tokio::test]
    async fn after_messages_were_lost_orders_wait_until_the_lists_have_been_looked_at() {
        let gateway = Gateway::start(GatewayConfig::new(Venue::large_us(1))).unwrap();
        let config = IbConfig::paper("DU0000001".parse().unwrap()).unwrap().port(gateway.port());
        let session = Session::open(config).await.unwrap();
        assert_eq!(session.link.to_make_up(), None);
        for code in [SUBSCRIPTION_LAG_CODE, NOTICE_STREAM_LAG_CODE, UNKNOWN_MESSAGE_TYPE_CODE] {
            let mut events = session.events();
            match code {
                SUBSCRIPTION_LAG_CODE => {
                    let mut heard = Heard::default();
                    session.hear(&SubscriptionItem::Notice(notice(code)), &mut heard);
                    session.tell_all(heard.events);
                }
                _ => session.hear_notice(notice(code)),
            }
            assert!(session.link.to_make_up().is_some(), "{code}");
            assert_eq!(events.next().await, Some(BrokerEvent::Gap), "{code}");
            timeout(Duration::from_secs(5), session.link.settled()).await.unwrap();
            assert_eq!(session.link.to_make_up(), None, "{code}");
        }
        session.close().await;
    }
}
