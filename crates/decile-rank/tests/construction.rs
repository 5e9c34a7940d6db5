//! Portfolios of rankings whose order, sectors, companies and prices are set by hand.

use chrono::{Days, NaiveDate};
use decile_core::{Bar, Calendar, Decimal, Market, Security, Symbol, Tables, TargetSize, Weight};
use decile_factor::{FactorRegistry, Field, Panel, factor_fn};
use decile_rank::construct::{
    Construction, ConstructionInputs, Limit, Portfolio, PortfolioNote, Scheme, Selection,
    ShareClasses, equal_weight,
};
use decile_rank::{Error, Group, Model, Ranking};
use proptest::prelude::*;

const SESSIONS: u64 = 70;

fn symbol(index: usize) -> Symbol {
    format!("S{index:02}").parse().expect("a symbol")
}

fn symbols(indices: &[usize]) -> Vec<Symbol> {
    indices.iter().map(|index| symbol(*index)).collect()
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date")
}

fn sessions() -> impl Iterator<Item = NaiveDate> {
    (0..SESSIONS).map(|days| first() + Days::new(days))
}

/// What a stock is; the first in a list ranks best.
#[derive(Debug, Clone)]
struct Stock {
    sector: &'static str,
    issuer: String,
    /// Its close goes up and down by this much, session by session.
    swing: f64,
    volume: Option<f64>,
}

fn stock(index: usize, sector: &'static str) -> Stock {
    Stock { sector, issuer: format!("Company {index}"), swing: 0.01, volume: None }
}

/// So many stocks of one sector each.
fn stocks(count: usize) -> Vec<Stock> {
    (0..count).map(|index| stock(index, "A")).collect()
}

struct World {
    ranking: Ranking,
    panel: Panel,
}

impl World {
    fn new(stocks: &[Stock]) -> Self {
        let mut tables = Tables::default();
        for (index, stock) in stocks.iter().enumerate() {
            tables.securities.push(Security::us(symbol(index), &stock.issuer, stock.sector));
            for (at, date) in sessions().enumerate() {
                let close = if at % 2 == 0 { 50.0 } else { 50.0 * (1.0 + stock.swing) };
                let mut bar = Bar::close_only(date, close);
                bar.volume = stock.volume;
                tables.prices.push((symbol(index), bar));
            }
        }
        let calendar = Calendar::from_sessions(sessions().collect()).expect("sessions");
        let market = Market::new(calendar, tables).expect("a market");
        let mut registry = FactorRegistry::new();
        // Symbols come in order, so the first column is the best.
        let order = factor_fn("order", &[Field::Close], 0, |_, out| {
            out.iter_mut().enumerate().for_each(|(at, value)| *value = -(at as f64));
        });
        registry.register(order).expect("a name");
        let model = Model::new("order", vec![Group::new("order", 1.0, &[("order", 1.0)])]);
        let model = model.expect("valid").resolve(&registry).expect("registered");
        let mut fields = model.fields();
        fields.extend([Field::DailyReturn, Field::Volume]);
        let panel = Panel::new(&market, &fields);
        let ranking = model.score(&panel, market.calendar().last()).expect("a session").rank();
        Self { ranking, panel }
    }

    fn build(&self, rules: &Construction, held: &[Symbol]) -> Result<Portfolio, Error> {
        rules.build(&ConstructionInputs { ranking: &self.ranking, panel: &self.panel, held })
    }

    fn portfolio(&self, rules: &Construction) -> Portfolio {
        self.build(rules, &[]).expect("a portfolio")
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn cap(text: &str) -> Option<Weight> {
    Some(text.parse().expect("a weight"))
}

fn weights(portfolio: &Portfolio) -> Vec<(usize, Decimal)> {
    let weight = |target: &decile_core::Target| match target.size {
        TargetSize::Weight(weight) => {
            (target.symbol.as_str()[1..].parse().expect("a number"), weight.get())
        }
        TargetSize::Shares(_) => panic!("a weight was asked for"),
    };
    portfolio.targets().iter().map(weight).collect()
}

fn assert_weights(portfolio: &Portfolio, expected: &[(usize, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(at, text)| (*at, decimal(text))).collect();
    assert_eq!(weights(portfolio), expected);
}

#[test]
fn equal_weights_are_those_of_the_plain_flow() {
    let world = World::new(&stocks(20));
    let rules = Construction::default();
    let plain = equal_weight(&world.ranking, 10).expect("ten");
    assert_eq!(world.portfolio(&rules).into_targets(), plain);
    assert_eq!(world.portfolio(&rules).notes(), []);
}

#[test]
fn rank_weights_fall_in_steps() {
    // 4 + 3 + 2 + 1 = 10.
    let rules = Construction { scheme: Scheme::Rank, count: 4, ..Construction::default() };
    let portfolio = World::new(&stocks(8)).portfolio(&rules);
    assert_weights(&portfolio, &[(0, "0.4"), (1, "0.3"), (2, "0.2"), (3, "0.1")]);
}

#[test]
fn score_weights_are_what_is_above_fifty() {
    // Q of five stocks: 100, 75, 50, 25, 0. Above 50: 50, 25, 0.
    let rules = Construction { scheme: Scheme::Score, count: 3, ..Construction::default() };
    let portfolio = World::new(&stocks(5)).portfolio(&rules);
    assert_weights(&portfolio, &[(0, "0.666666666666"), (1, "0.333333333333")]);
    assert_eq!(portfolio.notes(), [PortfolioNote::NoScore { symbol: symbol(2) }]);
}

#[test]
fn inverse_volatility_weights_by_hand() {
    // Returns go +s, -s/(1+s), …: the ones of 3 % swing about as hard as one of 1 % times three.
    let mut stocks = stocks(3);
    (stocks[0].swing, stocks[1].swing) = (0.03, 0.01);
    // A close that never moves has no volatility.
    stocks[2].swing = 0.0;
    let world = World::new(&stocks);
    let rules =
        Construction { scheme: Scheme::InverseVolatility, count: 2, ..Construction::default() };
    let portfolio = world.portfolio(&rules);
    // 63 returns up to an odd session: 32 up and 31 down. The variance of u (32 times) and d (31
    // times) is 32 * 31 / 63 / 62 * (u - d)^2, so volatility goes as u - d = s + s / (1 + s).
    let spread = |s: f64| s + s / (1.0 + s);
    let (first, second) = (1.0 / spread(0.03), 1.0 / spread(0.01));
    let expected = [first / (first + second), second / (first + second)];
    for ((_, ours), expected) in weights(&portfolio).iter().zip(expected) {
        let ours: f64 = ours.to_string().parse().expect("a number");
        assert!((ours - expected).abs() < 1e-11, "{ours} {expected}");
    }
    assert_eq!(portfolio.notes()[0], PortfolioNote::NoVolatility { symbol: symbol(2) });
}

#[test]
fn what_a_sector_cannot_take_goes_to_the_next_ranks() {
    // Seven of the best ten are of one sector, which may have 40 %.
    let sector = |at: usize| if at < 7 { "A" } else { ["B", "C", "D", "E"][at % 4] };
    let stocks: Vec<_> = (0..16).map(|at| stock(at, sector(at))).collect();
    let rules = Construction { sector_weight_max: cap("0.4"), ..Construction::default() };
    let portfolio = World::new(&stocks).portfolio(&rules);
    let chosen = [0, 1, 2, 3, 7, 8, 9, 10, 11, 12];
    assert_weights(&portfolio, &chosen.map(|at| (at, "0.1")));
    let cut = |at| PortfolioNote::Cut {
        symbol: symbol(at),
        by: Limit::Sector,
        wanted: "0.1".parse().expect("a weight"),
        given: Weight::ZERO,
    };
    assert_eq!(portfolio.notes()[..3], [cut(4), cut(5), cut(6)]);
    let filled = |at| PortfolioNote::Filled {
        symbol: symbol(at),
        rank: at + 1,
        given: "0.1".parse().expect("a weight"),
    };
    assert_eq!(portfolio.notes()[3..], [filled(10), filled(11), filled(12)]);
}

#[test]
fn a_limit_may_be_reached_by_a_part() {
    // 35 % of A: three of 10 % and one of 5 %. The 65 % left go to B, up to its own 35 %.
    let stocks: Vec<_> = (0..20).map(|at| stock(at, if at % 2 == 0 { "A" } else { "B" })).collect();
    let rules = Construction { sector_weight_max: cap("0.35"), ..Construction::default() };
    let portfolio = World::new(&stocks).portfolio(&rules);
    let half = |at: usize| if at < 6 { (at, "0.1") } else { (at, "0.05") };
    assert_weights(&portfolio, &[0, 1, 2, 3, 4, 5, 6, 7].map(half));
    let last = portfolio.notes().last().expect("a note");
    assert_eq!(*last, PortfolioNote::Cash { share: "0.3".parse().expect("a weight") });
}

#[test]
fn what_a_name_cannot_take_goes_to_the_next_ranks() {
    // 40, 30, 20, 10 % of four; nobody may have more than 25 %. The 20 % left go on at the last
    // place's 10 % each.
    let rules = Construction {
        scheme: Scheme::Rank,
        count: 4,
        name_weight_max: cap("0.25"),
        ..Construction::default()
    };
    let portfolio = World::new(&stocks(8)).portfolio(&rules);
    assert_weights(
        &portfolio,
        &[(0, "0.25"), (1, "0.25"), (2, "0.2"), (3, "0.1"), (4, "0.1"), (5, "0.1")],
    );
}

#[test]
fn classes_of_one_company_share_its_limit() {
    let mut stocks = stocks(8);
    stocks[1].issuer = stocks[0].issuer.clone();
    let rules = Construction { count: 4, issuer_weight_max: cap("0.3"), ..Construction::default() };
    let portfolio = World::new(&stocks).portfolio(&rules);
    assert_weights(&portfolio, &[(0, "0.25"), (1, "0.05"), (2, "0.25"), (3, "0.25"), (4, "0.2")]);
}

#[test]
fn of_two_classes_the_more_liquid_is_held() {
    let mut stocks = stocks(8);
    stocks[1].issuer = stocks[0].issuer.clone();
    stocks[0].volume = Some(1e5);
    stocks[1].volume = Some(1e6);
    let rules = Construction {
        count: 4,
        share_classes: ShareClasses::MostLiquid,
        ..Construction::default()
    };
    let portfolio = World::new(&stocks).portfolio(&rules);
    assert_weights(&portfolio, &[1, 2, 3, 4].map(|at| (at, "0.25")));
    let (symbol, instead) = (symbol(0), symbol(1));
    assert_eq!(portfolio.notes(), [PortfolioNote::OtherClass { symbol, instead }]);
    // Without volumes the better ranked stays.
    stocks.iter_mut().for_each(|stock| stock.volume = None);
    let portfolio = World::new(&stocks).portfolio(&rules);
    assert_weights(&portfolio, &[0, 2, 3, 4].map(|at| (at, "0.25")));
}

#[test]
fn what_is_held_leaves_late() {
    let world = World::new(&stocks(20));
    let rules = Construction { count: 3, leave_rank: Some(5), ..Construction::default() };
    let chosen = |held: &[usize]| {
        let portfolio = world.build(&rules, &symbols(held)).expect("a portfolio");
        let names: Vec<_> = weights(&portfolio).iter().map(|(at, _)| *at).collect();
        let kept = portfolio.notes().iter().filter_map(|note| match note {
            PortfolioNote::Kept { rank, .. } => Some(*rank),
            _ => None,
        });
        (names, kept.collect::<Vec<_>>())
    };
    assert_eq!(chosen(&[]), (vec![0, 1, 2], vec![]));
    // Ranks 4 and 5 stay, 6 leaves; the one free place goes to the best.
    assert_eq!(chosen(&[3, 4, 5]), (vec![0, 3, 4], vec![4, 5]));
    // More than three may stay: the best of them do.
    assert_eq!(chosen(&[1, 2, 3, 4]), (vec![1, 2, 3], vec![4]));
    // A buffer of nothing is the plain best three.
    let rules = Construction { count: 3, leave_rank: Some(3), ..Construction::default() };
    let portfolio = world.build(&rules, &symbols(&[3, 4, 5])).expect("a portfolio");
    assert_eq!(portfolio.into_targets(), equal_weight(&world.ranking, 3).expect("three"));
}

#[test]
fn long_short_by_hand() {
    // 20 stocks have two in each decile.
    let rules = Construction { selection: Selection::LongShort, ..Construction::default() };
    let world = World::new(&stocks(20));
    let portfolio = world.portfolio(&rules);
    assert_weights(&portfolio, &[(0, "0.25"), (1, "0.25"), (19, "-0.25"), (18, "-0.25")]);
    // The worst is furthest below 50: Q of 0 and 100/19.
    let rules = Construction { scheme: Scheme::Rank, gross_max: Decimal::TWO, ..rules };
    let portfolio = world.portfolio(&rules);
    let (two, one) = ("0.666666666666", "0.333333333333");
    let short = [(19, "-0.666666666666"), (18, "-0.333333333333")];
    assert_weights(&portfolio, &[[(0, two), (1, one)], short].concat());
}

#[test]
fn the_larger_side_is_cut_to_the_smaller() {
    // The bottom is of one sector with room for 0.2; the top finds room for all of its half.
    let stocks: Vec<_> =
        (0..20).map(|at| stock(at, if at < 10 { ["B", "C"][at % 2] } else { "A" })).collect();
    let rules = Construction {
        selection: Selection::LongShort,
        sector_weight_max: cap("0.2"),
        ..Construction::default()
    };
    let portfolio = World::new(&stocks).portfolio(&rules);
    assert_weights(&portfolio, &[(0, "0.1"), (1, "0.1"), (19, "-0.2")]);
    let side = "0.2".parse().expect("a weight");
    assert!(portfolio.notes().contains(&PortfolioNote::Neutralised { side }));
}

#[test]
fn what_cannot_be_built_is_named() {
    let world = World::new(&stocks(9));
    let as_of = world.ranking.as_of();
    let too_few = world.build(&Construction::default(), &[]).expect_err("nine");
    let expected = Error::TooFewEligible { wanted: 10, eligible: 9, listed: 9, as_of };
    assert_eq!(too_few, expected);
    let rules = Construction { selection: Selection::LongShort, ..Construction::default() };
    let no_deciles = world.build(&rules, &[]).expect_err("nine");
    assert_eq!(no_deciles, Error::NoDeciles { eligible: 9, as_of });
    let bad = Construction { count: 0, ..Construction::default() };
    assert!(matches!(world.build(&bad, &[]), Err(Error::InvalidConstruction { key: "count", .. })));
}

fn rules() -> impl Strategy<Value = Construction> {
    let scheme = prop_oneof![
        Just(Scheme::Equal),
        Just(Scheme::Score),
        Just(Scheme::Rank),
        Just(Scheme::InverseVolatility),
    ];
    let cap = || prop::option::of((1..100_i64).prop_map(|percent| Decimal::new(percent, 2)));
    (1..15_usize, scheme, cap(), cap(), cap(), 0..8_usize, any::<bool>(), 1..200_i64).prop_map(
        |(count, scheme, name, issuer, sector, buffer, is_long_short, gross)| {
            let weight = |cap: Option<Decimal>| cap.map(|cap| Weight::new(cap).expect("a share"));
            Construction {
                selection: if is_long_short { Selection::LongShort } else { Selection::Top },
                count,
                leave_rank: (!is_long_short).then_some(count + buffer),
                scheme,
                name_weight_max: weight(name),
                issuer_weight_max: weight(issuer),
                sector_weight_max: weight(sector),
                gross_max: Decimal::new(gross, 2),
                ..Construction::default()
            }
        },
    )
}

fn any_stocks() -> impl Strategy<Value = Vec<Stock>> {
    let one = (0..4_usize, 0..12_usize, 0..5_u8);
    prop::collection::vec(one, 15..30).prop_map(|stocks| {
        let stock = |(sector, issuer, swing): (usize, usize, u8)| Stock {
            sector: ["A", "B", "C", "D"][sector],
            issuer: format!("Company {issuer}"),
            swing: f64::from(swing) / 100.0,
            volume: None,
        };
        stocks.into_iter().map(stock).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_limit_is_ever_crossed(
        stocks in any_stocks(),
        rules in rules(),
        held in prop::collection::vec(0..30_usize, 0..12),
    ) {
        let world = World::new(&stocks);
        let portfolio = world.build(&rules, &symbols(&held)).expect("enough stocks");
        prop_assert_eq!(&portfolio, &world.build(&rules, &symbols(&held)).expect("the same again"));
        let weights = weights(&portfolio);
        let sum = |wanted: &dyn Fn(usize, Decimal) -> bool| -> Decimal {
            let of = weights.iter().filter(|(at, weight)| wanted(*at, *weight));
            of.map(|(_, weight)| weight.abs()).sum()
        };
        let (long, short) =
            (sum(&|_, weight| weight > Decimal::ZERO), sum(&|_, weight| weight < Decimal::ZERO));
        match rules.selection {
            Selection::LongShort => {
                prop_assert_eq!(long, short);
                prop_assert!(long + short <= rules.gross_max);
            }
            _ => prop_assert!(short.is_zero() && long <= Decimal::ONE),
        }
        // What is traded, what stays in cash and the last digits cut off are the whole.
        let cash = portfolio.notes().iter().find_map(|note| match note {
            PortfolioNote::Cash { share } => Some(share.get()),
            _ => None,
        });
        if rules.selection == Selection::Top {
            let whole = long + cash.unwrap_or_default();
            prop_assert!((Decimal::ONE - whole).abs() <= Construction::WEIGHT_MIN, "{}", whole);
        }
        for way in [Decimal::ONE, Decimal::NEGATIVE_ONE] {
            for (at, stock) in stocks.iter().enumerate() {
                let is_way = |weight: Decimal| weight * way > Decimal::ZERO;
                let of = |wanted: &dyn Fn(&Stock) -> bool| {
                    sum(&|other, weight| wanted(&stocks[other]) && is_way(weight))
                };
                let within = |most: Option<Weight>, weight| {
                    most.is_none_or(|most| weight <= most.get())
                };
                prop_assert!(within(rules.name_weight_max, sum(&|other, _| other == at)));
                let issuer = of(&|other| other.issuer == stock.issuer);
                prop_assert!(within(rules.issuer_weight_max, issuer));
                let sector = of(&|other| other.sector == stock.sector);
                prop_assert!(within(rules.sector_weight_max, sector));
            }
        }
    }

    #[test]
    fn a_wider_buffer_never_trades_more(
        held in prop::collection::btree_set(0..25_usize, 10),
        buffer in 0..6_usize,
    ) {
        let world = World::new(&stocks(25));
        let held: Vec<Symbol> = held.into_iter().map(symbol).collect();
        let stay = |leave: usize| {
            let rules = Construction { leave_rank: Some(leave), ..Construction::default() };
            let portfolio = world.build(&rules, &held).expect("a portfolio");
            portfolio.targets().iter().filter(|target| held.contains(&target.symbol)).count()
        };
        prop_assert!(stay(10 + buffer) <= stay(11 + buffer));
    }
}
