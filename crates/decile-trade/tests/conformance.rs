//! The paper broker keeps the promises of brokers, and brokers that break one are caught.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/line.rs"]
mod line;
#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use decile_core::Money;
use decile_trade::conformance::{Rule, Suite};
use decile_trade::{
    Account, ApprovedOrder, Broker, BrokerEvent, ClientOrderId, Error, Execution, OrderAck,
    OrderSnapshot, PaperBroker, PaperConfig, SubmitError,
};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use line::{Behind, Line};
use market::{clock, money, quote, session};
use std::sync::Arc;
use std::time::Duration;

/// A way to break a promise.
#[derive(Debug, Clone, Copy)]
enum Lie {
    None,
    /// A name that was used before is acknowledged, as if it were the old order.
    Repeats,
    /// Filled orders are still open.
    Open,
    /// Nobody is told anything.
    Mute,
    /// The commission is not taken from the cash.
    Free,
    /// Unknown orders can be cancelled.
    Agreeable,
    /// Executions of all time, whatever was asked for.
    Talkative,
    /// Orders that are looked up together come in an order of their own.
    Muddled,
}

#[async_trait]
impl Line for Lie {
    async fn account(&self, paper: &PaperBroker) -> Result<Account, Error> {
        let mut account = paper.account().await?;
        if matches!(self, Lie::Free) {
            let executions = paper.executions(DateTime::UNIX_EPOCH).await?;
            let fees = executions.iter().filter_map(|execution| execution.commission);
            account.cash += fees.sum::<Money>();
        }
        Ok(account)
    }
    async fn submit(
        &self,
        paper: &PaperBroker,
        order: &ApprovedOrder,
    ) -> Result<OrderAck, SubmitError> {
        match (self, paper.submit(order).await) {
            (Lie::Repeats, Err(_)) => {
                Ok(OrderAck { id: order.id().clone(), broker_order_id: None })
            }
            (_, outcome) => outcome,
        }
    }
    async fn cancel(&self, paper: &PaperBroker, id: &ClientOrderId) -> Result<(), Error> {
        match (self, paper.cancel(id).await) {
            (Lie::Agreeable, Err(_)) => Ok(()),
            (_, outcome) => outcome,
        }
    }
    async fn find_all(
        &self,
        paper: &PaperBroker,
        ids: &[ClientOrderId],
    ) -> Result<Vec<Option<OrderSnapshot>>, Error> {
        let mut found = paper.find_all(ids).await?;
        if matches!(self, Lie::Muddled) {
            found.reverse();
        }
        Ok(found)
    }
    async fn open_orders(&self, paper: &PaperBroker) -> Result<Vec<OrderSnapshot>, Error> {
        match self {
            Lie::Open => paper.completed_orders().await,
            _ => paper.open_orders().await,
        }
    }
    async fn executions(
        &self,
        paper: &PaperBroker,
        since: DateTime<Utc>,
    ) -> Result<Vec<Execution>, Error> {
        let since = if matches!(self, Lie::Talkative) { DateTime::UNIX_EPOCH } else { since };
        paper.executions(since).await
    }
    fn events(&self, paper: &PaperBroker) -> BoxStream<'static, BrokerEvent> {
        match self {
            Lie::Mute => stream::pending().boxed(),
            _ => paper.events(),
        }
    }
}

async fn check(lie: Lie) -> Result<(), Error> {
    let config = PaperConfig::new("DU1234567".parse().unwrap(), money("10000"), session());
    let paper = PaperBroker::new(config, clock());
    paper.set_quotes([quote("KO", "50")]);
    let broker = Arc::new(Behind { paper: Arc::new(paper), line: lie });
    let suite = Suite::new(broker.clone(), clock()).patience(Duration::from_secs(1));
    suite.check(&quote("KO", "50")).await?;
    // Another name, another round.
    let suite = Suite::new(broker, clock()).strategy("again".parse().unwrap());
    suite.check(&quote("KO", "50")).await
}

#[tokio::test(start_paused = true)]
async fn the_paper_broker_keeps_its_promises() {
    check(Lie::None).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn broken_promises_are_named() {
    let cases = [
        (Lie::Repeats, Rule::Once),
        (Lie::Open, Rule::Lists),
        (Lie::Mute, Rule::Events),
        (Lie::Free, Rule::Money),
        (Lie::Agreeable, Rule::Unknown),
        (Lie::Talkative, Rule::Lists),
        (Lie::Muddled, Rule::Lists),
    ];
    for (lie, expected) in cases {
        match check(lie).await {
            Err(Error::BrokerRuleBroken { rule, .. }) => assert_eq!(rule, expected, "{lie:?}"),
            other => panic!("{lie:?}: {other:?}"),
        }
    }
}
