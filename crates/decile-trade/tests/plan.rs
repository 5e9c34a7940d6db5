//! Plans worked out by hand, and what holds for all of them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

#[path = "support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;

use decile_core::{
    Currency, Decimal, Money, Quote, Shares, Symbol, Target, TargetSize, Targets, Weight,
};
use decile_trade::{
    Account, AccountKind, Error, NoteKind, OrderStyle, Plan, PlanId, PlanInputs, PlanRules,
    Position, RiskLimits, Side,
};
use market::{account, money, position, quote, quotes, session, strategy, symbol, targets};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

fn rules() -> PlanRules {
    PlanRules { cash_buffer: "0.02".parse().unwrap(), ..PlanRules::default() }
}

struct Case {
    targets: Targets,
    account: Account,
    positions: Vec<Position>,
    quotes: BTreeMap<Symbol, Quote>,
    volumes: Option<BTreeMap<Symbol, Shares>>,
}

impl Case {
    fn new(targets: Targets, cash: &str, prices: &[(&str, &str)]) -> Self {
        let (account, quotes) = (account(cash), quotes(prices));
        Self { targets, account, positions: Vec::new(), quotes, volumes: None }
    }

    fn plan(&self, rules: &PlanRules) -> Result<Plan, Error> {
        let inputs = PlanInputs {
            strategy: &strategy(),
            session: session(),
            targets: &self.targets,
            account: &self.account,
            positions: &self.positions,
            quotes: &self.quotes,
            average_daily_volume: self.volumes.as_ref(),
        };
        Plan::toward(&inputs, rules)
    }
}

fn orders(plan: &Plan) -> Vec<String> {
    let told = |order: &decile_trade::PlannedOrder| {
        format!("{} {} {}", order.side, order.quantity, order.symbol)
    };
    plan.orders().iter().map(told).collect()
}

fn notes(plan: &Plan) -> Vec<String> {
    plan.notes().iter().map(ToString::to_string).collect()
}

fn shares(counts: &[(&str, i64)]) -> Targets {
    let target = |(text, count): &(&str, i64)| Target {
        symbol: symbol(text),
        size: TargetSize::Shares(Shares::new(*count)),
    };
    Targets::new(session(), counts.iter().map(target).collect()).unwrap()
}

#[test]
fn a_digit_that_a_decimal_rounds_up_buys_no_share() {
    let weight: Weight = "0.2499999999999999999999999999".parse().unwrap();
    let rules = PlanRules { cash_buffer: "0.6".parse().unwrap(), ..rules() };
    // A little less than a tenth, and no decimal of 28 digits can say so.
    let invested = Decimal::ONE - rules.cash_buffer;
    assert_eq!(weight.get() * invested, "0.1".parse().unwrap());
    let target = Target { symbol: symbol("KO"), size: TargetSize::Weight(weight) };
    let wanted = Targets::new(session(), vec![target]).unwrap();
    let plan = Case::new(wanted, "100000", &[("KO", "100")]).plan(&rules).unwrap();
    assert_eq!(orders(&plan), ["buy 99 KO"]);
}

#[test]
fn equal_weights_never_buy_more_than_their_part() {
    // A third is cut, so a third of 30,000 is a little less than 10,000: 99 shares of 100.
    let case =
        Case::new(targets(&["A", "B", "C"]), "30000", &[("A", "100"), ("B", "100"), ("C", "100")]);
    let plan = case.plan(&PlanRules { cash_buffer: Decimal::ZERO, ..rules() }).unwrap();
    assert_eq!(orders(&plan), ["buy 99 A", "buy 99 B", "buy 99 C"]);
}

#[test]
fn what_is_not_wanted_is_sold_if_it_has_a_price() {
    let mut case = Case::new(targets(&["KO"]), "10000", &[("KO", "50"), ("OLD", "1.50")]);
    case.positions = vec![position("OLD", 3), position("HALTED", 7), position("KO", 196)];
    // KO: 9,800 / 50 = 196 is held already. OLD is worth 4.50 and is sold all the same.
    let plan = case.plan(&rules()).unwrap();
    assert_eq!(orders(&plan), ["sell 3 OLD"]);
    assert_eq!(notes(&plan), ["HALTED: no_price"]);
    let after: Vec<_> = plan.positions_after().iter().map(|(s, n)| (s.as_str(), n.get())).collect();
    assert_eq!(after, [("HALTED", 7), ("KO", 196)]);
    // 10,000 + 4.50 less 1 basis point of it.
    assert_eq!(plan.cash_after(), money("10004.49955"));
}

#[test]
fn fixed_shares_are_neither_banded_nor_clipped_nor_scaled() {
    let mut case =
        Case::new(shares(&[("KO", 500), ("PEP", 10)]), "1000", &[("KO", "50"), ("PEP", "150")]);
    case.positions = vec![position("PEP", 9)];
    case.volumes = Some([(symbol("KO"), Shares::new(1))].into());
    let plan = case.plan(&rules()).unwrap();
    assert_eq!(orders(&plan), ["buy 500 KO", "buy 1 PEP"]);
    assert_eq!(notes(&plan), [""; 0]);
    // 1,000 - 25,150 * 1.0001: the limits will not like it.
    assert_eq!(plan.cash_after(), money("-24152.515"));
}

#[test]
fn what_is_fixed_is_paid_first_and_weights_share_the_rest() {
    let target = |text, size| Target { symbol: symbol(text), size };
    let fixed = target("KO", TargetSize::Shares(Shares::new(100)));
    let whole = target("PEP", TargetSize::Weight(Weight::new(Decimal::ONE).unwrap()));
    let wanted = Targets::new(session(), vec![fixed, whole]).unwrap();
    let case = Case::new(wanted, "10000", &[("KO", "50"), ("PEP", "150")]);
    let plan = case.plan(&rules()).unwrap();
    // 65 PEP cost 9,750.975. 10,000 - 200 - 5,000.50 pays for 65 x 0.4922 = 31.99 of them.
    assert_eq!(orders(&plan), ["buy 100 KO", "buy 31 PEP"]);
    assert_eq!(notes(&plan), ["PEP: scaled"]);
    assert_eq!(plan.cash_after(), money("349.035"));
}

#[test]
fn an_unknown_volume_is_noted_and_not_clipped() {
    let mut case = Case::new(targets(&["A", "B"]), "10000", &[("A", "10"), ("B", "10")]);
    case.volumes = Some([(symbol("A"), Shares::new(20_000))].into());
    let plan = case.plan(&rules()).unwrap();
    // 1 % of 20,000 shares.
    assert_eq!(orders(&plan), ["buy 490 B", "buy 200 A"]);
    assert_eq!(notes(&plan), ["A: adv_clip", "B: adv_unknown"]);
}

#[test]
fn a_sale_of_an_odd_lot_is_clipped_to_whole_lots() {
    let mut case = Case::new(targets(&[]), "10000", &[("KO", "10")]);
    case.positions = vec![position("KO", 130)];
    let rules =
        |most| PlanRules { lot: Shares::new(100), order_notional_max: money(most), ..rules() };
    // 130 shares are within a limit of 140, but one lot is all of it that is a whole one.
    let plan = case.plan(&rules("1400")).unwrap();
    assert_eq!(
        (orders(&plan), notes(&plan)),
        (vec!["sell 100 KO".to_owned()], vec!["KO: notional_clip".to_owned()])
    );
    assert_eq!(orders(&case.plan(&rules("2000")).unwrap()), ["sell 130 KO"]);
}

#[test]
fn a_crossed_quote_is_no_price() {
    let mut case = Case::new(targets(&["KO"]), "10000", &[]);
    let crossed = Quote { bid: Some("51".parse().unwrap()), ..quote("KO", "50") };
    case.quotes.insert(symbol("KO"), crossed);
    let plan = case.plan(&rules()).unwrap();
    assert_eq!(plan.orders(), []);
    assert_eq!(plan.notes()[0].kind, NoteKind::NoPrice);
}

#[test]
fn odd_inputs_are_typed_errors() {
    let case = || Case::new(targets(&["KO"]), "10000", &[("KO", "50")]);
    let error = |case: &Case| case.plan(&rules()).unwrap_err();
    let poor = Case { account: account("0"), ..case() };
    assert!(matches!(error(&poor), Error::EquityNotPositive { .. }));
    let short = Case { positions: vec![position("KO", -1)], ..case() };
    assert!(matches!(error(&short), Error::ShortPosition { .. }));
    let euro = Quote { currency: "EUR".parse().unwrap(), ..quote("KO", "50") };
    let foreign = Case { quotes: [(symbol("KO"), euro)].into(), ..case() };
    assert_eq!(
        error(&foreign).to_string(),
        "KO is quoted in EUR and the account is in USD: convert it first"
    );
    let misfiled = Case { quotes: [(symbol("KO"), quote("PEP", "50"))].into(), ..case() };
    assert!(
        matches!(error(&misfiled), Error::QuoteMismatch { quoted, .. } if quoted == symbol("PEP"))
    );
    let against = Case { targets: shares(&[("KO", -1)]), ..case() };
    assert!(matches!(error(&against), Error::ShortTarget { .. }));
    let long = Case::new(targets(&["ABCDEFGHIJKLMNOP"]), "10000", &[("ABCDEFGHIJKLMNOP", "50")]);
    assert!(matches!(error(&long), Error::OrderIdTooLong { length: 47, .. }));
    let rich = Account { equity: money("79000000000000000000000000000"), ..account("10000") };
    let rich = Case { account: rich, quotes: quotes(&[("KO", "0.01")]), ..case() };
    assert!(matches!(error(&rich), Error::OutOfRange { .. }));
    let rule = PlanRules { lot: Shares::ZERO, ..rules() };
    assert!(matches!(case().plan(&rule), Err(Error::InvalidRule { rule: "lot", .. })));
}

#[test]
fn a_euro_account_trades_euro_quotes() {
    let euro: Currency = "EUR".parse().unwrap();
    let mut case = Case::new(targets(&["KO"]), "10000", &[]);
    case.account.currency = euro;
    case.quotes.insert(symbol("KO"), Quote { currency: euro, ..quote("KO", "50") });
    let plan = case.plan(&rules()).unwrap();
    // 196 would cost 9,800 and a fee of 0.98, more than 98 % of the equity.
    assert_eq!((plan.currency(), orders(&plan)), (euro, vec!["buy 195 KO".to_owned()]));
}

/// One stock of a random case: price in cents, lots held, weight in thousandths.
fn stocks() -> impl Strategy<Value = Vec<(i64, i64, i64)>> {
    prop::collection::vec((1_i64..100_000, 0_i64..50, 0_i64..=100), 1..10)
}

fn random_case(stocks: &[(i64, i64, i64)], cash: i64, lot: i64) -> Case {
    let name = |index: usize| symbol(&format!("S{index}"));
    let mut case = Case::new(targets(&[]), "1", &[]);
    let mut equity = Money::new(Decimal::new(cash, 2));
    case.account.cash = equity;
    let mut wanted = Vec::new();
    for (index, (cents, lots, weight)) in stocks.iter().enumerate() {
        let price = Decimal::new(*cents, 2).to_string();
        let quote = quote(name(index).as_str(), &price);
        let held = Shares::new(lots * lot);
        equity += quote.last.unwrap().notional(held).unwrap();
        case.quotes.insert(name(index), quote);
        case.positions.push(position(name(index).as_str(), held.get()));
        let weight = Weight::new(Decimal::new(*weight, 3)).unwrap();
        wanted.push(Target { symbol: name(index), size: TargetSize::Weight(weight) });
    }
    case.account.equity = equity;
    case.targets = Targets::new(session(), wanted).unwrap();
    case
}

proptest! {
    #[test]
    fn no_plan_overspends_oversells_or_breaks_a_lot(
        stocks in stocks(),
        cash in 1_i64..100_000_000,
        lot in prop::sample::select(vec![1_i64, 10, 100]),
        buffer in 0_i64..20,
    ) {
        let case = random_case(&stocks, cash, lot);
        let rules = PlanRules {
            cash_buffer: Decimal::new(buffer, 2),
            lot: Shares::new(lot),
            ..PlanRules::default()
        };
        let plan = case.plan(&rules).unwrap();
        let reserve = case.account.equity.times(rules.cash_buffer).unwrap();
        // Buys never reach into the reserve. Without buys the cash only grows, whatever it was.
        let floor = if plan.orders().iter().any(|order| order.side == Side::Buy) {
            reserve
        } else {
            case.account.cash
        };
        prop_assert!(plan.cash_after() >= floor, "{} of {floor}", plan.cash_after());
        for order in plan.orders() {
            let held = case.positions.iter().find(|held| held.symbol == order.symbol).unwrap();
            prop_assert!(order.quantity > Shares::ZERO);
            prop_assert_eq!(order.quantity.get() % lot, 0);
            prop_assert!(order.side == Side::Buy || order.quantity <= held.quantity);
        }
        let sides: Vec<_> = plan.orders().iter().map(|order| order.side).collect();
        prop_assert!(sides.is_sorted_by(|a, b| a >= b), "sells first: {sides:?}");
    }

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_sell(
        stocks in stocks(),
        cash in 1_i64..100_000_000,
    ) {
            let mut case = random_case(&stocks, cash, 1);
        let rules = PlanRules { fee: Decimal::ZERO, ..PlanRules::default() };
        let plan = case.plan(&rules).unwrap();
        case.account.cash = plan.cash_after();
        let held = plan.positions_after().iter();
        case.positions = held.map(|(name, n)| position(name.as_str(), n.get())).collect();
        let again = case.plan(&rules).unwrap();
        prop_assert!(again.orders().iter().all(|order| order.side == Side::Buy), "{:?}", orders(&again));
    }
}

/// A change of one thing, which must give another id.
type Change<T> = (&'static str, fn(&mut T));

#[test]
fn another_rule_another_limit_and_buys_that_are_left_out_make_another_plan_id() {
    let plan = || market::plan("10000", &[("KO", "50"), ("PEP", "150")]);
    let wanted = targets(&["KO", "PEP"]);
    let (rules, limits) = (PlanRules::default(), RiskLimits::default());
    let id = PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits));
    assert_eq!(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)), id);
    let amount = |text: &str| text.parse::<Decimal>().unwrap();
    assert_ne!(rules.cash_buffer, amount("0.01"));
    let of_rules: [Change<PlanRules>; 3] = [
        ("cash_buffer", |rules| rules.cash_buffer = Decimal::new(1, 2)),
        ("min_notional", |rules| rules.min_notional = money("1234")),
        ("order", |rules| rules.order = OrderStyle::MarketOnClose),
    ];
    let of_limits: [Change<RiskLimits>; 4] = [
        ("order_notional_max", |limits| limits.order_notional_max = money("999")),
        ("name_weight_max", |limits| limits.name_weight_max = Weight::new(Decimal::ONE).ok()),
        ("quote_age_max", |limits| limits.quote_age_max = Duration::from_millis(59_999)),
        ("losses", |limits| limits.losses.daily_max = Decimal::new(1, 2)),
    ];
    let mut ids = vec![id];
    for (name, change) in of_rules {
        let mut rules = rules.clone();
        change(&mut rules);
        ids.push(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)));
        assert!(!ids[..ids.len() - 1].contains(&ids[ids.len() - 1]), "{name}");
    }
    for (name, change) in of_limits {
        let mut limits = limits.clone();
        change(&mut limits);
        ids.push(PlanId::of(&plan(), &wanted, "q_core", (&rules, &limits)));
        assert!(!ids[..ids.len() - 1].contains(&ids[ids.len() - 1]), "{name}");
    }
    let without = plan().without_buys();
    let without = PlanId::of(&without, &wanted, "q_core", (&rules, &limits));
    assert!(!ids.contains(&without), "without buys");
}

#[test]
fn what_a_cash_account_sells_pays_for_nothing_in_its_session() {
    let mut case = Case::new(targets(&["PEP"]), "10000", &[("KO", "50"), ("PEP", "150")]);
    case.positions = vec![position("KO", 160)];
    case.account.cash = money("2000");
    let cash = PlanRules { account_kind: AccountKind::Cash, ..rules() };
    let mut planned = |settled: Option<&str>| {
        case.account.settled_cash = settled.map(money);
        case.plan(&cash).map(|plan| orders(&plan))
    };
    assert_eq!(planned(Some("2000")).unwrap()[0], "sell 160 KO");
    // 2,000 less a buffer of 200, and 500 less it; a debit buys nothing.
    let all: Vec<_> = ["2000", "500", "-100"]
        .map(|settled| planned(Some(settled)).unwrap().split_off(1))
        .concat();
    assert_eq!(all, ["buy 11 PEP", "buy 1 PEP"]);
    let error = planned(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the broker does not tell the settled cash of DU1234567, which a cash account buys with: \
         without it nothing can be bought"
    );
    // What only sells needs none.
    case.targets = targets(&[]);
    case.account.settled_cash = None;
    assert_eq!(orders(&case.plan(&cash).unwrap()), ["sell 160 KO"]);
}

#[test]
fn a_plan_that_sells_what_it_bought_is_another_and_one_that_trades_much_more_has_moved() {
    let (rules, limits) = (rules(), RiskLimits::default());
    let (names, as_of) = ([symbol("KO"), symbol("PEP")], session().pred_opt().unwrap());
    let wanted = Targets::equal_shares(as_of, &names, Shares::new(200)).unwrap();
    let plan = |held: i64| {
        let mut case = Case::new(wanted.clone(), "100000", &[("KO", "50"), ("PEP", "150")]);
        case.positions = vec![position("KO", held)];
        case.plan(&rules).unwrap()
    };
    let id = |plan: &Plan| PlanId::of(plan, &wanted, "q_core", (&rules, &limits));
    let (buys, sells) = (plan(100), plan(300));
    let of = |plan: &Plan| PlanId::quantities(plan)[&symbol("KO")].get();
    assert_eq!((of(&buys), of(&sells)), (100, -100));
    assert_ne!(id(&buys), id(&sells));
    // The same names on the same sides, a little more of one of them, and much more.
    let shown = PlanId::quantities(&buys);
    for (held, moved) in [(95, None), (90, None), (89, Some("111 KO by now, and 100 were shown"))] {
        let now = plan(held);
        assert_eq!(id(&now), id(&buys));
        assert_eq!(PlanId::moved(&now, &shown).as_deref(), moved);
    }
    assert!(PlanId::moved(&sells, &shown).unwrap().starts_with("-100 KO by now"));
}
