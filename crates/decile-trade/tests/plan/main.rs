//! Plans worked out by hand, and what holds for all of them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may panic as the test does")]

mod ids;
#[path = "../support/market.rs"]
#[expect(dead_code, reason = "each test needs another part of it")]
mod market;
mod random;

use decile_core::{Currency, Decimal, Quote, Shares, Symbol, Target, TargetSize, Targets, Weight};
use decile_trade::{Account, AccountKind, Error, NoteKind, Plan, PlanInputs, PlanRules, Position};
use market::{account, money, position, quote, quotes, session, strategy, symbol, targets};
use std::collections::BTreeMap;

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
