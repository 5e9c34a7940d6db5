//! The gateway, the two clients and the plan that the benchmarks of orders share.

use decile_core::{Currency, Decimal, ManualClock, Quote, Shares, Symbol, Targets};
use decile_gateway::{Gateway, GatewayConfig, Venue};
use decile_ib::{IbBroker, IbConfig};
use decile_trade::{
    Account, ApprovedPlan, Circumstances, Plan, PlanInputs, PlanRules, RiskInputs, RiskLimits,
    StrategyId,
};
use futures::StreamExt;
use ibapi::Client;
use ibapi::contracts::Contract;
use ibapi::orders::{Order, OrderStatusKind, OrderUpdate};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub(crate) const ORDERS: usize = 1000;
pub(crate) const ACCOUNT: &str = "DU1234567";

pub(crate) fn symbols() -> Vec<Symbol> {
    (0..ORDERS).map(|number| format!("S{number}").parse().expect("a symbol")).collect()
}

pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    "2025-12-01T15:00:00Z".parse().expect("a time")
}

pub(crate) fn gateway() -> Gateway {
    let price = "10".parse().expect("a price");
    let venue = Venue::prices(symbols().into_iter().map(|symbol| (symbol, price)));
    let config = GatewayConfig::new(venue)
        .account(ACCOUNT)
        .cash("1000000000000".parse().expect("an amount"))
        .clock(Arc::new(ManualClock::new(now())));
    Gateway::start(config).expect("a gateway")
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A strategy that no other run has used.
pub(crate) fn strategy(run: u64) -> StrategyId {
    format!("b{run}").parse().expect("a strategy")
}

/// Quotes of all stocks.
pub(crate) fn quotes() -> BTreeMap<Symbol, Quote> {
    let price = "10".parse().expect("a price");
    let quote = |symbol: Symbol| Quote::centred(symbol, price, Decimal::ZERO, Currency::USD, now());
    symbols().into_iter().map(|symbol| (symbol.clone(), quote(symbol))).collect()
}

/// A plan of one share of each stock, under names that no other run has used.
pub(crate) fn approved(run: u64) -> ApprovedPlan {
    let quotes = quotes();
    let cash = "1000000".parse().expect("an amount");
    let account = Account {
        id: ACCOUNT.parse().expect("an account"),
        currency: Currency::USD,
        cash,
        equity: cash,
        settled_cash: Some(cash),
    };
    let session = now().date_naive();
    let as_of = session.pred_opt().expect("a day before");
    let targets = Targets::equal_shares(as_of, &symbols(), Shares::new(1)).expect("each once");
    let inputs = PlanInputs {
        strategy: &strategy(run),
        session,
        targets: &targets,
        account: &account,
        positions: &[],
        quotes: &quotes,
        average_daily_volume: None,
    };
    let plan = Plan::toward(&inputs, &PlanRules::default()).expect("a plan");
    let limits = RiskLimits {
        order_count_max: ORDERS,
        day_order_count_max: ORDERS,
        ..RiskLimits::default()
    };
    let inputs = RiskInputs {
        account: &account,
        positions: &[],
        quotes: &quotes,
        now: now(),
        known: &Circumstances::default(),
    };
    limits.approve(plan, &inputs).expect("within the limits")
}

/// The client library with what it was told beforehand.
pub(crate) struct Bare {
    client: Client,
    updates: Subscription<OrderUpdate>,
    contracts: Vec<Contract>,
}

impl Bare {
    pub(crate) async fn connect(gateway: &Gateway) -> Self {
        let address = gateway.address().to_string();
        let client = Client::connect(&address, 2).await.expect("a connection");
        let mut contracts = Vec::new();
        for symbol in symbols() {
            let wanted = Contract::stock(symbol.as_str()).build();
            let details = client.contract_details(&wanted).await.expect("details");
            contracts.push(Contract { contract_id: details[0].contract.contract_id, ..wanted });
        }
        let updates = client.order_update_stream().await.expect("a stream");
        Self { client, updates, contracts }
    }

    pub(crate) async fn trade(&mut self, run: u64) -> Duration {
        let Self { client, updates, contracts } = self;
        let orders: Vec<_> = contracts
            .iter()
            .map(|contract| Order {
                total_quantity: 1.0,
                order_type: "MKT".to_owned(),
                account: ACCOUNT.to_owned(),
                order_ref: format!("b{run}:{}", contract.symbol),
                ..Order::default()
            })
            .collect();
        let began = Instant::now();
        let send = async {
            for (contract, order) in contracts.iter().zip(&orders) {
                let order_id = client.next_order_id();
                client.submit_order(order_id, contract, order).await.expect("sent");
            }
        };
        let listen = async {
            let mut filled = HashSet::new();
            while filled.len() < ORDERS {
                let item = updates.next().await.expect("a live stream").expect("a message");
                if let SubscriptionItem::Data(OrderUpdate::OrderStatus(status)) = item
                    && status.status == OrderStatusKind::Filled
                {
                    filled.insert(status.order_id);
                }
            }
        };
        futures::join!(send, listen);
        began.elapsed()
    }
}

pub(crate) async fn connect(gateway: &Gateway) -> IbBroker {
    let config = IbConfig::paper(ACCOUNT.parse().expect("an account"))
        .expect("a paper account")
        .port(gateway.port())
        .client_id(1)
        .clock(Arc::new(ManualClock::new(now())))
        .acknowledge_timeout(Duration::from_secs(30))
        .event_capacity(100_000)
        .messages_per_second(None);
    let ib = IbBroker::connect(config).await.expect("a connection");
    ib.resolve(&symbols()).await.expect("contracts");
    ib
}
