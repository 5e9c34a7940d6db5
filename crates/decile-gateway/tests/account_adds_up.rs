//! Whatever is traded, the account adds up.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use decile_core::{Decimal, Money, Shares};
use decile_gateway::{Gateway, MarketRules};
use proptest::prelude::*;
use support::fields::Fields;
use support::{Client, Frame, clock, config, id, limit, market, placed, stock};

/// What a test does to an account.
#[derive(Debug, Clone)]
enum Step {
    Market(bool, usize, i64),
    Limit(bool, usize, i64, i64),
    Stop(bool, usize, i64, i64),
    Quote(usize, i64),
    CancelAll,
}

const SYMBOLS: [&str; 3] = ["KO", "PEP", "BAC"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0..3_usize, 1..200_i64).prop_map(|(buy, stock, count)| Step::Market(buy, stock, count)),
        3 => (any::<bool>(), 0..3_usize, 1..200_i64, 4_000..16_000_i64).prop_map(|(buy, stock, count, cents)| Step::Limit(buy, stock, count, cents)),
        2 => (any::<bool>(), 0..3_usize, 1..200_i64, 4_000..16_000_i64).prop_map(|(buy, stock, count, cents)| Step::Stop(buy, stock, count, cents)),
        3 => (0..3_usize, 4_000..16_000_i64).prop_map(|(stock, cents)| Step::Quote(stock, cents)),
        1 => Just(Step::CancelAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cash is what was there, less what executions cost, to the cent; the equity is cash and
    /// holdings; and in a cash account nothing goes below 0.
    #[test]
    fn the_account_adds_up_after_every_step(
        steps in prop::collection::vec(step(), 1..40),
        is_margin in any::<bool>(),
        depth in prop::option::of(30..100_i64),
    ) {
        let shares_per_quote = depth.map(Shares::new);
        let rules = MarketRules { shares_per_quote, ..MarketRules::default() };
        let config = config(&clock()).cash("20000".parse().unwrap());
        let gateway = Gateway::start(config.rules(rules).margin(is_margin)).unwrap();
        let mut client = Client::connect(gateway.address(), 5);
        for (next, step) in (1..).zip(steps) {
            act(&gateway, &mut client, next, &step);
            check(&mut client, is_margin)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// What executions are said to have gained is what the account has gained, to the cent, with
    /// millions of shares that are closed in parts and turned from long to short and back.
    #[test]
    fn gains_add_up_whatever_the_size(
        trades in prop::collection::vec((any::<bool>(), 1..2_000_000_i64, 1_000..90_000_i64), 1..25),
    ) {
        let cash = "1000000000000";
        let gateway = Gateway::start(config(&clock()).cash(cash.parse().unwrap()).margin(true)).unwrap();
        let mut client = Client::connect(gateway.address(), 5);
        let exact = |value: f64| value.to_string().parse::<Decimal>().unwrap();
        let mut gained = Decimal::ZERO;
        for (next, (buys, count, cents)) in (1..).zip(trades) {
            act(&gateway, &mut client, next, &Step::Quote(0, cents));
            let order = market(if buys { "BUY" } else { "SELL" }, &count.to_string());
            let frames = client.ask(id::PLACE_ORDER, placed(next, stock("KO"), order));
            let report = frames.iter().find(|frame| frame.id == 59).unwrap();
            let realized = report.fields.get(4).map(|_| exact(report.fields.double_of(4)));
            gained += realized.unwrap_or_default();
            let updates = client.ask(id::ACCOUNT_UPDATES, Fields::new().int(1, 1));
            client.send(id::ACCOUNT_UPDATES, Fields::new());
            let value = |key: &str| {
                let is_it = |frame: &&Frame| frame.id == 6 && frame.fields.text_of(1) == key;
                let text = updates.iter().find(is_it).unwrap().fields.text_of(2);
                text.parse::<Decimal>().unwrap()
            };
            let row = &updates.iter().find(|frame| frame.id == 7).unwrap().fields;
            let cost = exact(row.double_of(4)) - exact(row.double_of(6));
            prop_assert!((value("RealizedPnL") - gained).abs() <= Decimal::new(1, 2));
            let kept = value("TotalCashBalance") + cost - cash.parse::<Decimal>().unwrap();
            prop_assert!((kept - gained).abs() <= Decimal::new(1, 2), "{kept} is not {gained}");
        }
    }
}

fn act(gateway: &Gateway, client: &mut Client, next: i32, step: &Step) {
    let side = |buy: &bool| if *buy { "BUY" } else { "SELL" };
    match step {
        Step::Market(buy, stock, count) => {
            client.place(next, SYMBOLS[*stock], market(side(buy), &count.to_string()));
        }
        Step::Limit(buy, stock, count, cents) => {
            let order = limit(side(buy), &count.to_string(), *cents as f64 / 100.0);
            client.place(next, SYMBOLS[*stock], order);
        }
        Step::Stop(buy, stock, count, cents) => {
            let order = market(side(buy), &count.to_string()).text(8, "STP");
            client.place(next, SYMBOLS[*stock], order.double(10, *cents as f64 / 100.0));
        }
        Step::Quote(stock, cents) => gateway.set_quotes([decile_core::Quote::centred(
            SYMBOLS[*stock].parse().unwrap(),
            decile_core::Price::new(Decimal::new(*cents, 2)).unwrap(),
            Decimal::new(2, 4),
            decile_core::Currency::USD,
            support::NOW.parse().unwrap(),
        )]),
        Step::CancelAll => drop(client.ask(id::GLOBAL_CANCEL, Fields::new())),
    }
}

fn check(client: &mut Client, is_margin: bool) -> Result<(), TestCaseError> {
    // Fills at a quote that moved come by themselves.
    client.rest();
    let executions = client.ask(id::EXECUTIONS, Fields::new().int(1, 1));
    let exact = |value: f64| value.to_string().parse::<Decimal>().unwrap();
    let mut cash = Decimal::new(20_000, 0);
    let mut held = [Decimal::ZERO; 3];
    for frame in &executions {
        match frame.id {
            11 => {
                let (contract, execution) = (frame.fields.inner(2), frame.fields.inner(3));
                let sign = if execution.text_of(6) == "BOT" { Decimal::ONE } else { -Decimal::ONE };
                let shares: Decimal = execution.text_of(7).parse().unwrap();
                cash -= sign * shares * exact(execution.double_of(8));
                let stock =
                    SYMBOLS.iter().position(|symbol| *symbol == contract.text_of(2)).unwrap();
                held[stock] += sign * shares;
            }
            59 => cash -= exact(frame.fields.double_of(2)),
            _ => {}
        }
    }
    prop_assert_eq!(client.summary("TotalCashValue"), Money::new(cash));
    if !is_margin {
        prop_assert!(cash >= Decimal::ZERO);
        prop_assert!(client.summary("AvailableFunds").get() >= Decimal::ZERO);
    }
    let updates = client.ask(id::ACCOUNT_UPDATES, Fields::new().int(1, 1));
    client.send(id::ACCOUNT_UPDATES, Fields::new());
    let mut equity = cash;
    for frame in updates.iter().filter(|frame| frame.id == 7) {
        let symbol = frame.fields.inner(1).text_of(2);
        let stock = SYMBOLS.iter().position(|other| *other == symbol).unwrap();
        let quantity: Decimal = frame.fields.text_of(2).parse().unwrap();
        prop_assert_eq!(quantity, held[stock]);
        prop_assert!(is_margin || quantity >= Decimal::ZERO);
        let value = exact(frame.fields.double_of(4));
        prop_assert_eq!(value, quantity * exact(frame.fields.double_of(3)));
        equity += value;
    }
    prop_assert_eq!(client.summary("NetLiquidation"), Money::new(equity));
    Ok(())
}
