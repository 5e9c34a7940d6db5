//! The example `kill` at a gateway where not every order can be cancelled.

use decile::core::{Currency, Decimal, ManualClock, Quote, Symbol, Targets};
use decile::gateway::{Gateway, GatewayConfig, Venue};
use decile::ib::{IbBroker, IbConfig};
use decile::trade::{
    Account, AccountId, ApprovedOrder, Attempts, Broker, Circumstances, FileJournal, Journal,
    JournalRecord, MemoryJournal, OrderStyle, Plan, PlanInputs, PlanRules, Released, RiskInputs,
    RiskLimits,
};
use decile_examples::trading::{Cancelled, IbOptions, OpenOrdersAt};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const SYMBOLS: [&str; 3] = ["KO", "MSFT", "PEP"];

fn account() -> AccountId {
    "DU1234567".parse().expect("an account")
}

/// 10:00 in New York.
fn now() -> chrono::DateTime<chrono::Utc> {
    "2025-12-01T15:00:00Z".parse().expect("an instant")
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(now()))
}

/// Orders for the closing auction, which stay open until then.
fn orders() -> Vec<ApprovedOrder> {
    let symbols = SYMBOLS.map(|symbol| symbol.parse::<Symbol>().expect("a symbol"));
    let price = "50".parse().expect("a price");
    let quote = |symbol: &Symbol| {
        Quote::centred(symbol.clone(), price, Decimal::ZERO, Currency::USD, now())
    };
    let quotes: BTreeMap<_, _> =
        symbols.iter().map(|symbol| (symbol.clone(), quote(symbol))).collect();
    let cash = "100000".parse().expect("an amount");
    let account =
        Account { id: account(), currency: Currency::USD, cash, settled_cash: None, equity: cash };
    let session = now().date_naive();
    let as_of = session.pred_opt().expect("a date");
    let inputs = PlanInputs {
        strategy: &"q-core".parse().expect("a strategy"),
        session,
        targets: &Targets::equal_weight(as_of, &symbols).expect("each once"),
        account: &account,
        positions: &[],
        quotes: &quotes,
        average_daily_volume: None,
    };
    let rules = PlanRules { order: OrderStyle::MarketOnClose, ..PlanRules::default() };
    let plan = Plan::toward(&inputs, &rules).expect("a plan");
    let known = &Circumstances::default();
    let (account, quotes) = (&account, &quotes);
    let inputs = RiskInputs { account, positions: &[], quotes, now: now(), known };
    let approved = RiskLimits::default().approve(plan, &inputs).expect("within the limits");
    let attempts = Attempts::replay(&MemoryJournal::default()).expect("nothing to replay");
    let released = approved.into_orders(&attempts).expect("paper needs no consent");
    let ready = released.into_iter().map(|released| match released {
        Released::Ready(order) => order,
        Released::Withheld(withheld) => panic!("{}", withheld.reason),
    });
    ready.collect()
}

/// Sends an order under a client id, with its intent in the journal, and leaves it open.
async fn leave_open(order: &ApprovedOrder, (port, client_id): (u16, i32), journal: &Path) {
    let (id, planned, at) = (order.id().clone(), order.order().clone(), now());
    let intent = JournalRecord::Intent { id, order: planned, arrival: None, at };
    let owner = (order.id().strategy(), order.id().account());
    let journal = FileJournal::open(journal, owner.0, owner.1).expect("a journal");
    journal.append(&[intent]).expect("written");
    let config = IbConfig::paper(account()).expect("a paper account");
    let config = config.port(port).client_id(client_id).clock(clock());
    let ib = IbBroker::connect(config).await.expect("a connection");
    ib.submit(order).await.expect("taken");
}

#[tokio::test]
async fn a_cancel_that_fails_keeps_no_other_order_from_being_cancelled() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let journal = folder.path().join("journal.jsonl");
    let price = "50".parse().expect("a price");
    let prices = SYMBOLS.map(|symbol| (symbol.parse().expect("a symbol"), price));
    let config = GatewayConfig::new(Venue::prices(prices)).account(account().as_str());
    let gateway = Gateway::start(config.clock(clock())).expect("a gateway");
    let orders = orders();
    // The first and the last are of other clients, which alone can cancel them.
    for (order, client_id) in orders.iter().zip([18, 17, 19]) {
        leave_open(order, (gateway.port(), client_id), &journal).await;
    }

    let ib = IbOptions {
        account: Some(account()),
        host: "127.0.0.1".to_owned(),
        port: Some(gateway.port()),
        client_id: 17,
    };
    let at = OpenOrdersAt { ib: &ib, journal: &journal };
    let Cancelled { gone, open, refused } = at.cancel().await.expect("it can be asked");
    let ids: Vec<_> = orders.iter().map(|order| order.id().clone()).collect();
    assert_eq!(gone, [ids[1].clone()]);
    assert_eq!(open, [ids[0].clone(), ids[2].clone()]);
    for (line, (id, client)) in refused.iter().zip([(&ids[0], "18"), (&ids[2], "19")]) {
        let words = format!("belongs to client id {client}");
        assert!(line.starts_with(&id.to_string()) && line.contains(&words), "{line}");
    }
    assert_eq!(refused.len(), 2, "{refused:?}");
}
