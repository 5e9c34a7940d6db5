//! A line that loses, delays or takes back what passes, and counts what is sent.

use crate::line::Line;
use async_trait::async_trait;
use decile_core::Shares;
use decile_trade::{
    ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Execution, OrderAck, PaperBroker,
    SubmitError,
};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use std::sync::{Mutex, MutexGuard};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// Only these two events come, and then silence.
    SaysGapAndDisconnected,
    /// The stream has ended before it began.
    Deaf,
    /// `submit` never answers, though the order arrives.
    Mute,
    /// Of every execution all but ten shares are taken back.
    TakesBack,
}

#[derive(Debug)]
pub(crate) struct BadLine {
    fault: Fault,
    sent: Mutex<Vec<ClientOrderId>>,
}

impl BadLine {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, sent: Mutex::default() }
    }

    /// The attempts that went out.
    pub(crate) fn sent(&self) -> MutexGuard<'_, Vec<ClientOrderId>> {
        self.sent.lock().unwrap()
    }
}

#[async_trait]
impl Line for BadLine {
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        self.sent().push(order.id().clone());
        let answer = paper.submit(order).await;
        if self.fault == Fault::Mute {
            std::future::pending::<()>().await;
        }
        answer
    }
    fn events(&self, paper: &PaperBroker) -> BoxStream<'static, BrokerEvent> {
        match self.fault {
            Fault::SaysGapAndDisconnected => {
                stream::iter([BrokerEvent::Gap, BrokerEvent::Disconnected])
                    .chain(stream::pending())
                    .boxed()
            }
            Fault::Deaf | Fault::Mute => stream::empty().boxed(),
            Fault::TakesBack => {
                let corrected = |event: BrokerEvent| match &event {
                    BrokerEvent::Execution(execution) => {
                        let left = Execution { quantity: Shares::new(10), ..execution.clone() };
                        vec![event, BrokerEvent::Execution(left)]
                    }
                    _ => vec![event],
                };
                paper.events().flat_map(move |event| stream::iter(corrected(event))).boxed()
            }
        }
    }
}
