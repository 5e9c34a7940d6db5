//! A paper broker behind a line that does something to what passes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution, Margins,
    OrderAck, OrderSnapshot, PaperBroker, Position, SubmitError,
};
use futures::stream::BoxStream;
use std::fmt;
use std::sync::Arc;

/// What a line makes of the calls that it carries; what it leaves out passes as it is.
#[async_trait]
pub(crate) trait Line: fmt::Debug + Send + Sync {
    async fn account(&self, paper: &PaperBroker) -> Result<Account, Error> {
        paper.account().await
    }
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        paper.submit(order).await
    }
    async fn what_if(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<Option<Margins>, Error> {
        paper.what_if(order).await
    }
    async fn cancel(&self, paper: &PaperBroker, id: &ClientOrderId) -> Result<(), Error> {
        paper.cancel(id).await
    }
    async fn find(
        &self,
        paper: &PaperBroker,
        id: &ClientOrderId,
    ) -> Result<Option<OrderSnapshot>, Error> {
        paper.find(id).await
    }
    async fn find_all(
        &self,
        paper: &PaperBroker,
        ids: &[ClientOrderId],
    ) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        let mut found = Vec::new();
        for id in ids {
            found.push(self.find(paper, id).await?);
        }
        Ok(found)
    }
    async fn open_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        paper.open_orders().await
    }
    async fn completed_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        paper.completed_orders().await
    }
    async fn executions(
        &self,
        paper: &PaperBroker,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        paper.executions(since).await
    }
    fn events(&self, paper: &PaperBroker) -> BoxStream<'static, BrokerEvent> {
        paper.events()
    }
    async fn ping(&self, paper: &PaperBroker) -> Result<(), Error> {
        paper.ping().await
    }
}

#[derive(Debug)]
pub(crate) struct Behind<L> {
    pub(crate) paper: Arc<PaperBroker>,
    pub(crate) line: L,
}

#[async_trait]
impl<L: Line> Broker for Behind<L> {
    async fn account(&self) -> Result<Account, Error> {
        self.line.account(&self.paper).await
    }
    async fn positions(&self) -> Result<Vec<Position>, Error> {
        self.paper.positions().await
    }
    async fn submit(&self, order: &ApprovedOrder) -> Result<OrderAck, SubmitError> {
        self.line.submit(&self.paper, order).await
    }
    async fn what_if(&self, order: &ApprovedOrder) -> Result<Option<Margins>, Error> {
        self.line.what_if(&self.paper, order).await
    }
    async fn cancel(&self, id: &ClientOrderId) -> Result<(), Error> {
        self.line.cancel(&self.paper, id).await
    }
    async fn find(&self, id: &ClientOrderId) -> Result<Option<OrderSnapshot>, Error> {
        self.line.find(&self.paper, id).await
    }
    async fn find_all(&self, ids: &[ClientOrderId]) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        self.line.find_all(&self.paper, ids).await
    }
    async fn open_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.line.open_orders(&self.paper).await
    }
    async fn completed_orders(&self) -> Result<Vec<OrderSnapshot>, Error> {
        self.line.completed_orders(&self.paper).await
    }
    async fn executions(&self, since: DateTime<Utc>) -> Result<Vec<Execution>, Error> {
        self.line.executions(&self.paper, since).await
    }
    fn events(&self) -> BoxStream<'static, BrokerEvent> {
        self.line.events(&self.paper)
    }
    async fn ping(&self) -> Result<(), Error> {
        self.line.ping(&self.paper).await
    }
}
