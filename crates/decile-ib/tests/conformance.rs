//! The client library alone, against the embedded gateway: what decile-ib builds on.
//!
//! The steps are those that gateways are checked by with other clients, too: each asks for one thing
//! and says what must come back. Only the library's own types are used here.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

use decile_gateway::{Gateway, GatewayConfig, Venue};
use futures::StreamExt;
use ibapi::accounts::types::{AccountGroup, AccountId};
use ibapi::accounts::{AccountSummaryResult, AccountUpdate, PositionUpdate};
use ibapi::contracts::Contract;
use ibapi::market_data::MarketDataType;
use ibapi::market_data::historical::{BarSize, Duration as HistoricalDuration};
use ibapi::market_data::realtime::TickTypes;
use ibapi::orders::{
    CancelOrder, ExecutionFilter, Executions, Order, OrderStatusKind, OrderUpdate, Orders,
    PlaceOrder,
};
use ibapi::subscriptions::{Subscription, SubscriptionItem};
use ibapi::{Client, Error};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

const ACCOUNT: &str = "DU0000001";
const WAIT: Duration = Duration::from_secs(6);

async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(WAIT, work).await.unwrap_or_else(|_| panic!("{what}: nothing came"))
}

fn stock(symbol: &str) -> Contract {
    Contract::stock(symbol).build()
}

fn market(quantity: f64, order_ref: &str) -> Order {
    Order {
        total_quantity: quantity,
        order_type: "MKT".to_owned(),
        account: ACCOUNT.to_owned(),
        order_ref: order_ref.to_owned(),
        ..Order::default()
    }
}

fn limit(quantity: f64, price: f64) -> Order {
    Order { order_type: "LMT".to_owned(), limit_price: Some(price), ..market(quantity, "rests") }
}

/// Places an order and collects what is said of it, until it has said enough.
async fn place(
    client: &Client,
    order: (i32, &Contract, &Order),
    is_enough: impl Fn(&[PlaceOrder]) -> bool,
) -> Vec<PlaceOrder> {
    let (order_id, contract, order) = order;
    let mut said = client.place_order(order_id, contract, order).await.unwrap();
    let mut heard = Vec::new();
    let listen = async {
        while let Some(item) = said.next().await {
            if let SubscriptionItem::Data(data) = item.unwrap() {
                heard.push(data);
            }
            if is_enough(&heard) {
                return;
            }
        }
    };
    within("an order", listen).await;
    heard
}

fn last_status(said: &[PlaceOrder]) -> Option<OrderStatusKind> {
    said.iter().rev().find_map(|item| match item {
        PlaceOrder::OrderStatus(status) => Some(status.status.clone()),
        _ => None,
    })
}

fn rests(said: &[PlaceOrder]) -> bool {
    use OrderStatusKind::{PreSubmitted, Submitted};
    last_status(said).is_some_and(|status| matches!(status, Submitted | PreSubmitted))
}

async fn open_ids(mut orders: Subscription<Orders>) -> BTreeSet<i32> {
    let rows = orders.collect_to_end_within(WAIT).await.unwrap();
    let id = |row: Orders| match row {
        Orders::OrderData(data) => Some(data.order_id),
        Orders::OrderStatus(_) => None,
    };
    rows.into_iter().filter_map(id).collect()
}

async fn position(client: &Client, symbol: &str) -> f64 {
    let mut rows = client.positions().await.unwrap();
    let mut held = 0.0;
    let listen = async {
        while let Some(item) = rows.next().await {
            match item.unwrap() {
                SubscriptionItem::Data(PositionUpdate::Position(row)) => {
                    assert_ne!(row.contract.contract_id, 0);
                    if row.contract.symbol.as_str() == symbol {
                        held = row.position;
                    }
                }
                SubscriptionItem::Data(PositionUpdate::PositionEnd) => return,
                SubscriptionItem::Notice(_) => {}
            }
        }
        panic!("positions without an end");
    };
    within("positions", listen).await;
    held
}

/// Cancels, and waits for the status.
async fn cancelled(said: &mut Subscription<CancelOrder>) -> Result<(), Error> {
    let listen = async {
        while let Some(item) = said.next().await {
            if let SubscriptionItem::Data(CancelOrder::OrderStatus(status)) = item?
                && status.status == OrderStatusKind::Cancelled
            {
                return Ok(());
            }
        }
        panic!("a cancel without an answer");
    };
    within("a cancel", listen).await
}

async fn account_steps(client: &Client) {
    assert!(client.next_valid_order_id().await.unwrap() >= 1);
    assert_eq!(client.managed_accounts().await.unwrap(), [ACCOUNT]);
    assert_eq!(client.handshake_managed_accounts(), [ACCOUNT]);

    let tags = ["NetLiquidation", "TotalCashValue", "BuyingPower"];
    let mut rows = client.account_summary(&AccountGroup("All".to_owned()), &tags).await.unwrap();
    let mut told = BTreeSet::new();
    let listen = async {
        while let Some(item) = rows.next().await {
            match item.unwrap() {
                SubscriptionItem::Data(AccountSummaryResult::Summary(row)) => {
                    assert!(row.value.parse::<f64>().unwrap() > 0.0, "{row:?}");
                    told.insert(row.tag);
                }
                SubscriptionItem::Data(AccountSummaryResult::End) => return,
                SubscriptionItem::Notice(_) => {}
            }
        }
    };
    within("the summary", listen).await;
    assert_eq!(told, tags.map(str::to_owned).into());
    drop(rows);

    let account = AccountId(ACCOUNT.to_owned());
    let mut rows = client.account_updates(&account).await.unwrap();
    let mut has_equity = false;
    let listen = async {
        while let Some(item) = rows.next().await {
            match item.unwrap() {
                SubscriptionItem::Data(AccountUpdate::AccountValue(row)) => {
                    has_equity |= row.key == "NetLiquidation";
                }
                SubscriptionItem::Data(AccountUpdate::End) => return,
                SubscriptionItem::Data(_) | SubscriptionItem::Notice(_) => {}
            }
        }
    };
    within("account updates", listen).await;
    assert!(has_equity);
}

async fn data_steps(client: &Client) {
    let details = within("details", client.contract_details(&stock("AAPL"))).await.unwrap();
    let [only] = &details[..] else { panic!("{} contracts", details.len()) };
    assert!(only.min_tick > 0.0 && !only.time_zone_id.is_empty());
    assert!(!only.liquid_hours.is_empty());
    let unknown = within("details", client.contract_details(&stock("ZZZZNOSUCH"))).await;
    assert!(matches!(unknown, Err(Error::Notice(notice)) if notice.code == 200));

    client.switch_market_data_type(MarketDataType::Delayed).await.unwrap();
    let contract = stock("AAPL");
    let mut ticks = client.market_data(&contract).snapshot().subscribe().await.unwrap();
    let mut has_price = false;
    let listen = async {
        while let Some(item) = ticks.next().await {
            match item.unwrap() {
                SubscriptionItem::Data(TickTypes::Price(tick)) => has_price |= tick.price > 0.0,
                SubscriptionItem::Data(TickTypes::PriceSize(tick)) => has_price |= tick.price > 0.0,
                SubscriptionItem::Data(TickTypes::SnapshotEnd) => return,
                SubscriptionItem::Data(_) | SubscriptionItem::Notice(_) => {}
            }
        }
        panic!("a snapshot without an end");
    };
    within("a snapshot", listen).await;
    assert!(has_price);

    let history = client.historical_data(&contract, BarSize::Day);
    let history = history.duration(HistoricalDuration::weeks(1)).fetch();
    let bars = within("bars", history).await.unwrap().bars;
    assert!(bars.len() >= 2, "{}", bars.len());
    assert!(bars.windows(2).all(|two| two[0].date < two[1].date));
    for bar in bars {
        assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
    }
}

/// Buys ten, and returns the ids of the executions.
async fn fill_steps(client: &Client, order_id: i32) -> BTreeSet<String> {
    let before = position(client, "AAPL").await;
    let order = market(10.0, "conformance");
    let is_paid = |said: &[PlaceOrder]| {
        said.iter().any(|item| matches!(item, PlaceOrder::CommissionReport(_)))
            && last_status(said) == Some(OrderStatusKind::Filled)
    };
    let said = place(client, (order_id, &stock("AAPL"), &order), is_paid).await;
    assert!(said.iter().any(|item| matches!(item, PlaceOrder::OpenOrder(_))));
    let mut executed = BTreeSet::new();
    let mut quantity = 0.0;
    for item in &said {
        if let PlaceOrder::ExecutionData(data) = item {
            assert_eq!(data.execution.order_reference, "conformance");
            assert_eq!(data.execution.side, ibapi::orders::ExecutionSide::Bought);
            assert_ne!(data.execution.perm_id, 0);
            quantity += data.execution.shares;
            executed.insert(data.execution.execution_id.clone());
        }
    }
    assert_eq!(quantity, 10.0);
    for item in &said {
        if let PlaceOrder::CommissionReport(report) = item {
            assert!(executed.contains(&report.execution_id) && report.currency == "USD");
        }
    }
    assert_eq!(position(client, "AAPL").await, before + 10.0);
    executed
}

async fn resting_steps(client: &Client, first: i32) -> i32 {
    let aapl = stock("AAPL");
    let said = place(client, (first, &aapl, &limit(10.0, 148.0)), rests).await;
    let filled = said.iter().any(|item| matches!(item, PlaceOrder::ExecutionData(_)));
    assert!(!filled);
    assert!(open_ids(client.open_orders().await.unwrap()).await.contains(&first));
    assert!(open_ids(client.all_open_orders().await.unwrap()).await.contains(&first));
    cancelled(&mut client.cancel_order(first, "").await.unwrap()).await.unwrap();

    let unknown = cancelled(&mut client.cancel_order(987_654, "").await.unwrap()).await;
    assert!(matches!(unknown, Err(Error::Notice(notice)) if notice.code == 10147));

    let nowhere = stock("ZZZZNOSUCH");
    let order = market(10.0, "nowhere");
    let mut said = client.place_order(first + 1, &nowhere, &order).await.unwrap();
    let refusal = within("a refusal", said.next()).await.unwrap();
    assert!(matches!(refusal, Err(Error::Notice(notice)) if notice.code == 200));

    let mut updates = client.order_update_stream().await.unwrap();
    let both = [first + 2, first + 3];
    for order_id in both {
        client.submit_order(order_id, &aapl, &limit(10.0, 148.0)).await.unwrap();
    }
    client.global_cancel().await.unwrap();
    let mut gone = BTreeSet::new();
    let listen = async {
        while let Some(item) = updates.next().await {
            if let SubscriptionItem::Data(OrderUpdate::OrderStatus(status)) = item.unwrap()
                && status.status == OrderStatusKind::Cancelled
            {
                gone.insert(status.order_id);
            }
            if gone.is_superset(&both.into()) {
                return;
            }
        }
    };
    within("the global cancel", listen).await;
    first + 4
}

async fn scenario(version: i32) {
    let venue = Venue::large_us(1);
    let config = GatewayConfig::new(venue).server_version_max(version);
    let gateway = Gateway::start(config).unwrap();
    // Twice: what the first run has left behind must not disturb the second.
    for _ in 0..2 {
        let client = Client::connect(&gateway.address().to_string(), 36).await.unwrap();
        assert_eq!(client.server_version(), version);
        account_steps(&client).await;
        data_steps(&client).await;
        let next = client.next_valid_order_id().await.unwrap();
        let executed = fill_steps(&client, next).await;
        let after = resting_steps(&client, next + 1).await;

        let mut rows = client.executions(ExecutionFilter::default()).await.unwrap();
        let mut told = BTreeSet::new();
        for row in rows.collect_to_end_within(WAIT).await.unwrap() {
            if let Executions::ExecutionData(data) = row {
                assert!(told.insert(data.execution.execution_id), "an execution twice");
            }
        }
        assert!(told.is_superset(&executed));
        let following = client.next_valid_order_id().await.unwrap();
        assert!(following >= after, "{following} < {after}");
        within("the time", client.server_time()).await.unwrap();
        assert!(client.is_connected());
        client.disconnect().await;
    }
    gateway.stop().unwrap();
}

#[tokio::test]
async fn at_server_version_213() {
    scenario(213).await;
}

#[tokio::test]
async fn at_server_version_220() {
    scenario(220).await;
}

#[tokio::test]
async fn at_server_version_222() {
    scenario(222).await;
}

#[tokio::test]
async fn at_server_version_226() {
    scenario(226).await;
}
