//! What the gateway says that an order would do. No order is placed.

use super::Session;
use crate::codes::{self, Meaning};
use crate::{Error, wire};
use decile_trade::{ClientOrderId, Margins, PlannedOrder};
use futures::StreamExt;
use ibapi::contracts::Contract;
use ibapi::orders::{Order, PlaceOrder};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::sync::Arc;
use tokio::time::timeout;

/// The number of the question is taken: it says nothing of the order.
const DUPLICATE_ID: i32 = 103;

/// An order that only asks what it would do; nothing else makes one.
#[derive(Debug)]
struct Question(Box<Order>);

impl Question {
    fn new(mut order: Box<Order>) -> Self {
        order.what_if = true;
        Self(order)
    }
}

impl Session {
    /// Asks what an order would do to the margin.
    ///
    /// It takes an order id, which no order gets afterwards, and is noted nowhere: the gateway forgets it
    /// as soon as it is answered. It bears the name of the order, so that a gateway which took it for an
    /// order all the same would show that name. Unless it is answered as a question, the order itself is
    /// not sent any more.
    pub(crate) async fn what_if(
        self: &Arc<Self>,
        id: &ClientOrderId,
        order: &PlannedOrder,
    ) -> Result<Margins, Error> {
        let question = Question::new(self.message(id, order)?);
        let contract = self.contract(&order.symbol).await?;
        let id = id.clone();
        self.request(
            "margin",
            |session| async move { session.ask(&id, &contract, &question).await },
        )
        .await
    }

    async fn ask(
        &self,
        id: &ClientOrderId,
        contract: &Contract,
        question: &Question,
    ) -> Result<Margins, Error> {
        // As for orders: a gap may have hidden which ids are used.
        self.link.settled().await;
        self.objection().map_or(Ok(()), Err)?;
        // Gateways refuse a number below one that they have seen. Between taking one and standing in the
        // line of those who write nothing else runs: the connection has one thread.
        let order_id = self.ids.take()?;
        // Until it is answered as a question, by whoever waits for that: nobody may.
        self.orders().questioned.insert(id.clone());
        let answers = self.client().place_order(order_id, contract, &question.0).await;
        let mut answers = answers.map_err(Error::from_client)?;
        let after = self.config.request_timeout;
        let late = move |_| Error::NoAnswer { request: "margin", after };
        let answer = timeout(after, self.margins(order_id, &mut answers)).await.map_err(late)?;
        if answer.is_ok() {
            self.orders().questioned.remove(id);
        }
        answer
    }

    async fn margins(
        &self,
        order_id: i32,
        answers: &mut Subscription<PlaceOrder>,
    ) -> Result<Margins, Error> {
        while let Some(item) = answers.next().await {
            // Behind an error the library hears no more of it.
            let is_last = item.is_err();
            let notice = match item {
                Ok(SubscriptionItem::Data(PlaceOrder::OpenOrder(data))) if data.order.what_if => {
                    return Ok(wire::margins(&data.order_state));
                }
                Ok(SubscriptionItem::Data(
                    PlaceOrder::OpenOrder(_) | PlaceOrder::ExecutionData(_),
                )) => return Err(self.take_back(order_id).await),
                Ok(SubscriptionItem::Data(_)) => continue,
                Ok(SubscriptionItem::Notice(notice)) | Err(ibapi::Error::Notice(notice)) => notice,
                Err(error) => return Err(Error::from_client(error)),
            };
            let (code, text) = (notice.code, notice.message);
            match codes::meaning(code, &text) {
                Meaning::Information if !is_last => {}
                Meaning::ReadOnly => return Err(Error::ReadOnly),
                Meaning::Refused if code != DUPLICATE_ID => {
                    let refusal = Some(format!("{code}: {text}"));
                    return Ok(Margins { refusal, ..Margins::default() });
                }
                _ => return Err(Error::Gateway { code, text }),
            }
        }
        Err(Error::Disconnected { address: self.config.address() })
    }

    /// Cancels what was only asked about and is an order now, as far as that can be done.
    async fn take_back(&self, order_id: i32) -> Error {
        self.rate.count();
        if let Err(error) = self.client().cancel_order(order_id, "").await {
            log::error!("order id {order_id} was only a question and is not cancelled: {error}");
        }
        Error::TakenForOrder { order_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_about_is_no_order() {
        assert!(!Order::default().what_if);
        assert!(Question::new(Box::default()).0.what_if);
    }
}
