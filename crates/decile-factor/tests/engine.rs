//! What the engine promises, on the synthetic market.

#[path = "support/market.rs"]
mod market;

use decile_core::{Filing, Market, Security};
use decile_factor::{
    Engine, Error, Factor, FactorPanel, FactorRegistry, Field, Item, Panel, Scan, Series, Window,
    factor_fn, library,
};
use market::market;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn library_panel(market: &Market) -> Panel {
    let fields: Vec<Field> =
        library::all().iter().flat_map(|factor| factor.inputs().to_vec()).collect();
    Panel::new(market, &fields)
}

/// NaN equal to itself, and 0.0 not to -0.0.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn deleting_the_future_changes_no_row() {
    let market = market();
    let whole = library_panel(&market);
    // Month ends and sessions around them, over the whole span.
    for session in (270..whole.sessions().len() - 1).step_by(61) {
        let earlier = market.known_at(whole.sessions()[session]).expect("a market");
        let shorter = library_panel(&earlier);
        assert_eq!(shorter.sessions().len(), session + 1);
        for field in whole.fields() {
            let rows = (session + 1) * whole.symbols().len();
            let ours = bits(shorter.matrix(field).expect("the same fields"));
            let before = bits(&whole.matrix(field).expect("its own field")[..rows]);
            assert!(ours == before, "{field} before {}", whole.sessions()[session]);
        }
        for row in 0..=session {
            assert_eq!(shorter.universe(row), whole.universe(row), "{}", whole.sessions()[row]);
            assert_eq!(shorter.has_estimates(row), whole.has_estimates(row));
        }
    }
}

#[test]
fn a_panel_that_is_appended_to_is_that_of_the_longer_market() {
    let market = market();
    let whole = library_panel(&market);
    let sessions = whole.sessions();
    // One session, some, and the rest; from the first on, in the middle of halts, and at the end.
    for start in [0, 5, 290, 500, 640] {
        let known = |session: usize| market.known_at(sessions[session]).expect("a market");
        let mut panel = library_panel(&known(start));
        for more in [known(start + 1), known(start + 8), market.clone()] {
            panel.append(&more).expect("the same market, later");
        }
        assert_eq!(panel.sessions(), sessions);
        for field in whole.fields() {
            let ours = bits(panel.matrix(field).expect("the same fields"));
            assert!(ours == bits(whole.matrix(field).expect("held")), "{field} from {start}");
        }
        assert_eq!(panel.universe_matrix(), whole.universe_matrix());
        let benchmark = |panel: &Panel| bits(panel.series(Series::Benchmark));
        assert_eq!(benchmark(&panel), benchmark(&whole));
        for session in [start, start + 1, sessions.len() - 1] {
            assert_eq!(panel.has_estimates(session), whole.has_estimates(session));
            for column in 0..panel.symbols().len() {
                assert_eq!(panel.filings(column, session), whole.filings(column, session));
                assert_eq!(panel.estimate(column, session), whole.estimate(column, session));
            }
        }
    }
}

#[test]
fn a_session_more_is_computed_once_and_no_other_again() {
    let market = market();
    let sessions = market.calendar().sessions();
    let earlier = market.known_at(sessions[sessions.len() - 3]).expect("a market");
    let windows = Arc::new(AtomicUsize::new(0));
    let counted = windows.clone();
    let change = factor_fn("change_5d", &[Field::Close], 5, move |window, out| {
        counted.fetch_add(1, Ordering::Relaxed);
        for ((value, now), then) in
            out.iter_mut().zip(window.today(Field::Close)).zip(window.ago(Field::Close, 5))
        {
            *value = now / then - 1.0;
        }
    });
    // One that scans when there are many sessions: it reads its window for few.
    let factors = [change, FactorRegistry::library().get("vol_252").expect("library")];
    let fields: Vec<Field> = factors.iter().flat_map(|factor| factor.inputs().to_vec()).collect();
    let mut panel = Panel::new(&earlier, &fields);
    let all = |panel: &Panel| {
        let engine = Engine::new(panel, &factors).expect("held");
        engine.run(0..panel.sessions().len()).expect("finite")
    };
    let mut values = all(&panel);
    assert_eq!(windows.swap(0, Ordering::Relaxed), panel.sessions().len() - 5);

    for known in [sessions.len() - 2, sessions.len() - 1] {
        let later = market.known_at(sessions[known]).expect("a market");
        panel.append(&later).expect("a session more");
        values.append(&Engine::new(&panel, &factors).expect("held")).expect("a session more");
        assert_eq!(windows.swap(0, Ordering::Relaxed), 1);
    }
    let anew = all(&panel);
    assert_eq!(values.sessions(), anew.sessions());
    for factor in &factors {
        let matrix = |values: &FactorPanel| bits(values.matrix(factor.name()).expect("run"));
        assert!(matrix(&values) == matrix(&anew), "{}", factor.name());
    }
    let other = Engine::new(&panel, &factors[..1]).expect("held");
    assert!(matches!(values.append(&other), Err(Error::NotAppendable { .. })));
}

#[test]
fn what_does_not_go_on_from_the_panel_is_not_appended() {
    let market = market();
    let fields = [Field::Close];
    let earlier = market.known_at(market.calendar().sessions()[300]).expect("a market");
    let refused = |mut panel: Panel, market: &Market| {
        let before = panel.sessions().len();
        let error = panel.append(market).expect_err("it does not fit");
        assert!(matches!(error, Error::NotAppendable { .. }), "{error}");
        assert_eq!(panel.sessions().len(), before);
        error.to_string()
    };
    let shorter = refused(Panel::new(&market, &fields), &earlier);
    assert!(shorter.contains("sessions"), "{shorter}");
    let mut tables = market.tables();
    tables.securities.push(Security::us("ZZ".parse().expect("a symbol"), "New", "Energy"));
    let wider = Market::new(market.calendar().clone(), tables).expect("a market");
    assert!(refused(Panel::new(&earlier, &fields), &wider).contains("stocks"));
    let panel = Panel::new(&earlier, &fields);
    let cells = panel.sessions().len() * panel.symbols().len();
    let own = panel.with_custom("mine", vec![0.0; cells]).expect("it fits");
    assert!(refused(own, &market).contains("custom(mine)"));
}

#[test]
fn threads_do_not_change_a_bit() {
    let market = market();
    let panel = library_panel(&market);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let engine = Engine::new(&panel, &library::all()).expect("all fields held");
            let values = engine.run(0..panel.sessions().len()).expect("finite factors");
            let matrix =
                |factor: &Arc<dyn Factor>| bits(values.matrix(factor.name()).expect("run"));
            library::all().iter().map(matrix).collect::<Vec<_>>()
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(7));
}

/// The mean of the last so many closes, computed both ways.
#[derive(Debug)]
struct MeanClose {
    sessions: usize,
    scanned: bool,
}

struct RunningSum {
    sessions: usize,
    sums: Vec<f64>,
}

impl Factor for MeanClose {
    fn name(&self) -> &str {
        "mean_close"
    }
    fn inputs(&self) -> &[Field] {
        &[Field::TotalReturn]
    }
    fn lookback(&self) -> usize {
        self.sessions
    }
    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        out.fill(0.0);
        for ago in 0..self.sessions {
            for (sum, close) in out.iter_mut().zip(window.ago(Field::TotalReturn, ago)) {
                *sum += close;
            }
        }
        for sum in out {
            *sum /= self.sessions as f64;
        }
    }
    fn scan(&self, width: usize) -> Option<Box<dyn Scan>> {
        let sums = vec![0.0; width];
        self.scanned
            .then(|| Box::new(RunningSum { sessions: self.sessions, sums }) as Box<dyn Scan>)
    }
}

impl Scan for RunningSum {
    fn step(&mut self, window: &Window<'_>, out: &mut [f64]) {
        let known = |value: &f64| if value.is_nan() { 0.0 } else { *value };
        let leaving = window.ago(Field::TotalReturn, self.sessions);
        for (column, now) in window.today(Field::TotalReturn).iter().enumerate() {
            self.sums[column] += known(now) - known(&leaving[column]);
            out[column] = self.sums[column] / self.sessions as f64;
        }
    }
}

#[test]
fn a_scan_gives_what_reading_the_window_gives() {
    let market = market();
    let panel = library_panel(&market);
    let values = |scanned: bool| {
        let factor: Arc<dyn Factor> = Arc::new(MeanClose { sessions: 30, scanned });
        let engine = Engine::new(&panel, &[factor]).expect("total_return is held");
        engine.run(0..panel.sessions().len()).expect("finite")
    };
    let (read, scanned) = (values(false), values(true));
    let pairs = read
        .matrix("mean_close")
        .expect("run")
        .iter()
        .zip(scanned.matrix("mean_close").expect("run"));
    let mut compared = 0;
    for (read, scanned) in pairs {
        // A missing close spoils the window that is read, and counts 0 in the running sum.
        if !read.is_nan() {
            assert!((read / scanned - 1.0).abs() < 1e-9, "{read} {scanned}");
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared}");
    assert!(scanned.row("mean_close", 29).expect("run").iter().all(|value| value.is_nan()));
}

#[test]
fn a_factor_of_a_factor_sees_its_past() {
    let market = market();
    let panel = library_panel(&market);
    let change = factor_fn("ey_change", &[Field::derived("ey_ttm")], 21, |window, out| {
        let field = || Field::derived("ey_ttm");
        for ((value, now), then) in
            out.iter_mut().zip(window.today(field())).zip(window.ago(field(), 21))
        {
            *value = now - then;
        }
    });
    let yields = FactorRegistry::library().get("ey_ttm").expect("library");
    let engine = Engine::new(&panel, &[change, yields]).expect("both are there");
    let values = engine.run(300..panel.sessions().len()).expect("finite");
    let (change, now) = (values.row("ey_change", 100), values.row("ey_ttm", 100));
    let then = values.row("ey_ttm", 79).expect("run");
    let mut compared = 0;
    for ((change, now), then) in change.expect("run").iter().zip(now.expect("run")).zip(then) {
        if !(now.is_nan() || then.is_nan()) {
            assert_eq!(*change, now - then);
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn factors_that_break_the_contract_are_named() {
    let market = market();
    let panel = library_panel(&market);
    let error = |factors: &[Arc<dyn Factor>], session: usize| {
        Engine::new(&panel, factors)
            .and_then(|engine| engine.session(session))
            .expect_err("a fault")
    };
    let sneaky = factor_fn("sneaky", &[Field::TotalReturn], 0, |window, out| {
        out.copy_from_slice(window.today(Field::Close));
    });
    let session = panel.sessions()[300];
    let undeclared =
        Error::UndeclaredField { factor: "sneaky".into(), field: Field::Close, session };
    assert_eq!(error(&[sneaky], 300), undeclared);

    let infinite = factor_fn("infinite", &[Field::Close], 0, |_, out| out[3] = f64::INFINITY);
    let symbol = panel.symbols()[3].clone();
    assert_eq!(
        error(&[infinite], 300),
        Error::Infinite { factor: "infinite".into(), symbol, session }
    );

    let revenue = Field::Quarter(Item::Revenue, 0);
    let absent = factor_fn("absent", std::slice::from_ref(&revenue), 0, |_, _| {});
    let missing = Error::MissingField { factor: "absent".into(), field: revenue };
    assert_eq!(error(&[absent], 300), missing);

    let one = factor_fn("one", &[Field::derived("two")], 0, |_, _| {});
    let two = factor_fn("two", &[Field::derived("one")], 0, |_, _| {});
    let chain = "one -> two -> one".to_owned();
    assert_eq!(error(&[one.clone(), two], 300), Error::Circular { name: "one".into(), chain });
    assert!(matches!(error(std::slice::from_ref(&one), 300), Error::UnknownFactor { .. }));
    assert!(matches!(error(&[one.clone(), one], 300), Error::DuplicateFactor { .. }));
    for session in [panel.sessions().len(), usize::MAX] {
        assert!(matches!(error(&[], session), Error::OutOfRange { .. }), "{session}");
    }
}

#[test]
fn a_foreign_company_and_a_dated_universe_come_out_by_hand() {
    let market = market();
    let panel = library_panel(&market);
    let stock = &market.stocks()[4];
    let session = 600;
    let date = panel.sessions()[session];
    let newest = |filings: &[Filing]| -> Filing {
        let known =
            filings.iter().filter(|f| f.known_on(market.calendar()).is_some_and(|k| k <= date));
        known.max_by_key(|filing| filing.period_end).expect("some are known").clone()
    };
    let filing = newest(stock.filings());
    let rates: Vec<_> = market.fx_rates().filter(|rate| rate.date <= date).collect();
    let fx = rates.last().expect("a rate").usd_per_unit;
    let splits: f64 = stock
        .actions()
        .iter()
        .filter(|a| filing.period_end < a.ex_date && a.ex_date <= date)
        .filter_map(decile_core::CorporateAction::split_ratio)
        .product();
    let close = stock.price_at(market.calendar(), date).expect("traded");
    let cap = close * filing.shares.expect("filed") * splits / 4.0;
    let by_hand = filing.book_equity.expect("filed") * fx / cap;
    let engine = Engine::new(&panel, &[FactorRegistry::library().get("bm").expect("library")]);
    let ours = engine.expect("held").session(session).expect("computed").factor(0)[4];
    assert!((ours / by_hand - 1.0).abs() < 1e-12, "{ours} {by_hand}");

    assert_eq!((panel.universe(299)[7], panel.universe(300)[7]), (false, true));
    assert_eq!((panel.universe(500)[9], panel.universe(501)[9]), (true, false));
    assert!(panel.row(&Field::Fx, 39).expect("held")[4].is_nan(), "no rate yet");
}

#[test]
fn the_past_ends_at_the_lookback_and_at_the_first_session() {
    let market = market();
    let panel = library_panel(&market);
    let greedy = factor_fn("greedy", &[Field::Close], 5, |window, out| {
        let beyond = window.ago(Field::Close, 6);
        assert!(beyond.iter().all(|value| value.is_nan()), "beyond the lookback");
        out.copy_from_slice(window.ago(Field::Close, 5));
    });
    let engine = Engine::new(&panel, &[greedy]).expect("close is held");
    let early = engine.session(4).expect("computed");
    assert!(early.factor(0).iter().all(|value| value.is_nan()), "too little history is missing");
    let later = engine.session(5).expect("computed");
    assert!(later.factor(0).iter().filter(|value| !value.is_nan()).count() > 20);
}
