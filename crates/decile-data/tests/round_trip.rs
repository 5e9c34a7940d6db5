//! Any market comes back equal from the folder it was written to.

use chrono::{DateTime, Days, NaiveDate, Utc};
use decile_core::{
    ActionKind, Bar, BenchmarkClose, Calendar, CorporateAction, Currency, EstimateSnapshot, Filing,
    FxRate, Market, Membership, ReportTime, Security, Symbol, Tables,
};
use decile_data::{read_folder, write_folder};
use proptest::collection::{btree_set, vec};
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::option;
use proptest::prelude::*;

const SYMBOLS: [&str; 3] = ["A", "BRK.B", "CAR-UN.TO"];
const SESSIONS: usize = 6;

fn symbol(index: usize) -> Symbol {
    SYMBOLS[index].parse().expect("a symbol")
}

fn session(index: usize) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2024, 2, 27).expect("a date");
    first + Days::new(index as u64)
}

fn positive() -> impl Strategy<Value = f64> {
    POSITIVE | NORMAL | SUBNORMAL
}

fn amount() -> impl Strategy<Value = Option<f64>> {
    option::of(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO)
}

/// Texts with all that CSV has to quote, and some letters beyond ASCII.
fn text() -> impl Strategy<Value = String> {
    "[a-zé€, \"'\n\r\t#;\u{feff}-]{1,8}"
}

fn currency() -> impl Strategy<Value = Currency> {
    "[A-Z]{3}".prop_map(|code| code.parse().expect("a code"))
}

fn security(index: usize) -> impl Strategy<Value = Security> {
    (text(), text(), currency(), currency(), positive()).prop_map(
        move |(issuer, sector, trade_currency, report_currency, adr_ratio)| Security {
            trade_currency,
            report_currency,
            adr_ratio,
            ..Security::us(symbol(index), &issuer, &sector)
        },
    )
}

fn bar(date: NaiveDate) -> impl Strategy<Value = Bar> {
    let price = || option::of(positive());
    (price(), price(), price(), positive(), price()).prop_map(
        move |(open, high, low, close, volume)| Bar { date, open, high, low, close, volume },
    )
}

fn action(index: usize, ex_date: NaiveDate) -> impl Strategy<Value = CorporateAction> {
    let kind =
        prop_oneof![Just(ActionKind::Split), Just(ActionKind::Dividend), Just(ActionKind::Spinoff)];
    (kind, positive()).prop_map(move |(kind, value)| CorporateAction {
        symbol: symbol(index),
        ex_date,
        kind,
        value,
    })
}

fn filing(index: usize) -> impl Strategy<Value = Filing> {
    let when = (
        0..SESSIONS,
        option::of(0..SESSIONS),
        prop_oneof![Just(ReportTime::Pre), Just(ReportTime::Post), Just(ReportTime::Unknown)],
        option::of((0_i64..4_000_000_000, 0_u32..1_000_000_000)),
    );
    let amounts = [(); 9].map(|()| amount());
    let form = prop_oneof![Just("10-Q"), Just("10-K/A"), Just("10-K, \"x\"")];
    (when, amounts, form, "[a-z]{0,4}", currency()).prop_map(
        move |((end, filed, report_time, retrieved), amounts, form, source, currency)| {
            let form = form.parse().expect("a form");
            let mut filing = Filing::new(symbol(index), session(end), form);
            filing.filed = filed.map(|days| session(end + days));
            filing.report_time = report_time;
            filing.retrieved_at =
                retrieved.and_then(|(s, ns)| DateTime::<Utc>::from_timestamp(s, ns));
            filing.source = source.into();
            filing.currency = currency;
            [
                filing.net_income,
                filing.book_equity,
                filing.shares,
                filing.revenue,
                filing.gross_profit,
                filing.total_assets,
                filing.operating_cash_flow,
                filing.dividends_paid,
                filing.class_shares,
            ] = amounts;
            filing
        },
    )
}

fn estimate(index: usize, as_of: NaiveDate) -> impl Strategy<Value = EstimateSnapshot> {
    let counts = [(); 4].map(|()| option::of(any::<u32>()));
    let years = [(); 2].map(|()| [(); 5].map(|()| amount()));
    (years, amount(), amount(), counts).prop_map(move |(years, now, before, counts)| {
        let mut snapshot = EstimateSnapshot::new(symbol(index), as_of, session(0));
        let [first, second] = years;
        [snapshot.fy1, snapshot.fy1_90d, snapshot.fy1_std, snapshot.fy1_high, snapshot.fy1_low] =
            first;
        [snapshot.fy2, snapshot.fy2_90d, snapshot.fy2_std, snapshot.fy2_high, snapshot.fy2_low] =
            second;
        (snapshot.recommendation, snapshot.recommendation_30d) = (now, before);
        [snapshot.analysts, snapshot.fy2_up_30d, snapshot.fy2_down_30d, snapshot.recommending] =
            counts;
        snapshot
    })
}

/// Rows of one stock on some of the sessions, at least one.
fn dated<T, S>(row: impl Fn(NaiveDate) -> S) -> impl Strategy<Value = Vec<T>>
where
    S: Strategy<Value = T> + 'static,
    T: std::fmt::Debug + 'static,
{
    let rows: Vec<_> = (0..SESSIONS).map(|index| row(session(index)).boxed()).collect();
    btree_set(0..SESSIONS, 1..SESSIONS)
        .prop_flat_map(move |picked| picked.iter().map(|i| rows[*i].clone()).collect::<Vec<_>>())
}

fn span(index: usize, from: NaiveDate) -> impl Strategy<Value = Membership> {
    option::of(0_u64..9).prop_map(move |days| Membership {
        symbol: symbol(index),
        from,
        to: days.map(|days| from + Days::new(days)),
    })
}

/// Fills the tables with rows of one stock.
fn stock(index: usize) -> impl Strategy<Value = Tables> {
    (
        security(index),
        dated(bar),
        dated(move |date| action(index, date)),
        vec(filing(index), 0..4),
        dated(move |date| estimate(index, date)),
        dated(move |from| span(index, from)),
    )
        .prop_map(move |(security, bars, actions, filings, estimates, spans)| Tables {
            securities: vec![security],
            prices: bars.into_iter().map(|bar| (symbol(index), bar)).collect(),
            actions,
            filings,
            estimates,
            membership: Some(spans),
            ..Tables::default()
        })
}

fn market() -> impl Strategy<Value = Market> {
    let fx = |code: &str| {
        let currency: Currency = code.parse().expect("a code");
        dated(move |date| {
            positive().prop_map(move |usd_per_unit| FxRate { date, currency, usd_per_unit })
        })
    };
    let benchmark = dated(|date| positive().prop_map(move |close| BenchmarkClose { date, close }));
    (
        (0..SYMBOLS.len()).map(stock).collect::<Vec<_>>(),
        (fx("EUR"), fx("JPY")),
        option::of(benchmark),
        any::<bool>(),
    )
        .prop_map(|(stocks, (euro, yen), benchmark, has_membership)| {
            let mut tables = Tables {
                fx: [euro, yen].concat(),
                benchmark: benchmark.unwrap_or_default(),
                membership: has_membership.then(Vec::new),
                ..Tables::default()
            };
            for stock in stocks {
                tables.securities.extend(stock.securities);
                tables.prices.extend(stock.prices);
                tables.actions.extend(stock.actions);
                tables.filings.extend(stock.filings);
                tables.estimates.extend(stock.estimates);
                if let (Some(all), Some(spans)) = (&mut tables.membership, stock.membership) {
                    all.extend(spans);
                }
            }
            let sessions = (0..SESSIONS).map(session).collect();
            let calendar = Calendar::from_sessions(sessions).expect("in order");
            Market::new(calendar, tables).expect("consistent")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_market_survives_its_folder(market in market()) {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let folder = scratch.path().join("market");
        write_folder(&market, &folder).expect("writes");
        prop_assert_eq!(read_folder(&folder).expect("reads"), market);
    }
}
