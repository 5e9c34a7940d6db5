// Two stocks and an account, for tests and doc examples; doc examples include it as text.

pub(crate) fn symbol(text: &str) -> decile_core::Symbol {
    text.parse().expect("a symbol")
}

pub(crate) fn money(text: &str) -> decile_core::Money {
    text.parse().expect("an amount")
}

pub(crate) fn strategy() -> decile_trade::StrategyId {
    "q-core".parse().expect("a strategy")
}

pub(crate) fn session() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2025, 12, 1).expect("a date")
}

/// 10:00 in New York on the session.
pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    session().and_hms_opt(15, 0, 0).expect("a time").and_utc()
}

pub(crate) fn clock() -> std::sync::Arc<decile_core::ManualClock> {
    std::sync::Arc::new(decile_core::ManualClock::new(now()))
}

pub(crate) fn targets(symbols: &[&str]) -> decile_core::Targets {
    let as_of = session().pred_opt().expect("a date");
    let symbols: Vec<_> = symbols.iter().map(|text| symbol(text)).collect();
    decile_core::Targets::equal_weight(as_of, &symbols).expect("each once")
}

/// An account that holds nothing but cash.
pub(crate) fn account(cash: &str) -> decile_trade::Account {
    decile_trade::Account {
        id: "DU1234567".parse().expect("an account"),
        currency: decile_core::Currency::USD,
        cash: money(cash),
        equity: money(cash),
        settled_cash: Some(money(cash)),
    }
}

pub(crate) fn position(text: &str, count: i64) -> decile_trade::Position {
    decile_trade::Position {
        symbol: symbol(text),
        quantity: decile_core::Shares::new(count),
        average_cost: money("10"),
    }
}

/// A quote whose bid, ask, last trade and previous close are all the same.
pub(crate) fn quote(text: &str, price: &str) -> decile_core::Quote {
    let price = Some(price.parse().expect("a price"));
    decile_core::Quote {
        symbol: symbol(text),
        bid: price,
        ask: price,
        last: price,
        previous_close: price,
        currency: decile_core::Currency::USD,
        time: now(),
    }
}

pub(crate) fn quotes(
    prices: &[(&str, &str)],
) -> std::collections::BTreeMap<decile_core::Symbol, decile_core::Quote> {
    prices.iter().map(|(text, price)| (symbol(text), quote(text, price))).collect()
}

/// A plan of these inputs; the volumes are not known.
pub(crate) fn plan_toward(
    targets: &decile_core::Targets,
    (account, positions): (&decile_trade::Account, &[decile_trade::Position]),
    quotes: &std::collections::BTreeMap<decile_core::Symbol, decile_core::Quote>,
    rules: &decile_trade::PlanRules,
) -> decile_trade::Plan {
    let inputs = decile_trade::PlanInputs {
        strategy: &strategy(),
        session: session(),
        targets,
        account,
        positions,
        quotes,
        average_daily_volume: None,
    };
    decile_trade::Plan::toward(&inputs, rules).expect("a plan")
}

/// A plan to buy equal weights of these stocks with so much cash, by the default rules.
pub(crate) fn plan(cash: &str, prices: &[(&str, &str)]) -> decile_trade::Plan {
    let symbols: Vec<_> = prices.iter().map(|(text, _)| *text).collect();
    let rules = decile_trade::PlanRules::default();
    plan_toward(&targets(&symbols), (&account(cash), &[]), &quotes(prices), &rules)
}

/// The orders of that plan, approved.
pub(crate) fn approved_orders(
    cash: &str,
    prices: &[(&str, &str)],
) -> Vec<decile_trade::ApprovedOrder> {
    let attempts = decile_trade::Attempts::replay(&decile_trade::MemoryJournal::default());
    let released = approved(cash, prices).into_orders(&attempts.expect("nothing to replay"));
    let ready =
        released.expect("paper needs no consent").into_iter().map(|released| match released {
            decile_trade::Released::Ready(order) => order,
            decile_trade::Released::Withheld(withheld) => panic!("{}", withheld.reason),
        });
    ready.collect()
}

/// The default limits, but the whole account may be traded, and several times a day.
pub(crate) fn wide_limits() -> decile_trade::RiskLimits {
    let (turnover_max, day_buys_max) = (decile_core::Decimal::ONE, decile_core::Decimal::TEN);
    decile_trade::RiskLimits { turnover_max, day_buys_max, ..Default::default() }
}

/// That plan, approved.
pub(crate) fn approved(cash: &str, prices: &[(&str, &str)]) -> decile_trade::ApprovedPlan {
    let inputs = decile_trade::RiskInputs {
        account: &account(cash),
        positions: &[],
        quotes: &quotes(prices),
        now: now(),
        known: &decile_trade::Circumstances::default(),
    };
    // One name alone weighs more than 15 %, and 1/N lets it.
    let limits = decile_trade::RiskLimits::default();
    limits.approve(plan(cash, prices), &inputs).expect("within the limits")
}

/// Runs a future of an example on a small runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}
