//! The edges of scoring, on markets small enough to see through: factor values are given directly.

use chrono::NaiveDate;
use decile_core::{Bar, Calendar, Market, Membership, Security, Shares, Symbol, Tables};
use decile_factor::{FactorRegistry, Field, Panel, factor_fn};
use decile_rank::{
    Error, Exclusion, Group, Missing, Model, Part, Ranking, Remark, ResolvedModel, Scores,
    Standardise, Winsorise, construct,
};
use proptest::prelude::*;

const MISSING: f64 = f64::NAN;

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, d).expect("a date")
}

fn symbol(index: usize) -> Symbol {
    format!("S{index:02}").parse().expect("a symbol")
}

/// A market of one session, in which the stocks of `priced` have a close and those of `members`
/// belong to the universe.
fn market(priced: &[bool], members: Option<&[bool]>) -> Market {
    let mut tables = Tables::default();
    // A stock beside the others, so that the table of prices is never empty.
    tables.securities.push(Security::us("ZZZ".parse().expect("a symbol"), "Other", "Other"));
    tables.prices.push(("ZZZ".parse().expect("a symbol"), Bar::close_only(day(2), 1.0)));
    for (index, priced) in priced.iter().enumerate() {
        tables.securities.push(Security::us(symbol(index), "An issuer", "A sector"));
        if *priced {
            tables.prices.push((symbol(index), Bar::close_only(day(9), 50.0)));
        }
    }
    tables.membership = members.map(|members| {
        let member = |(index, _)| Membership { symbol: symbol(index), from: day(1), to: None };
        members.iter().enumerate().filter(|(_, member)| **member).map(member).collect()
    });
    let sessions = (2..=9).map(day).collect();
    Market::new(Calendar::from_sessions(sessions).expect("sessions"), tables).expect("a market")
}

fn groups() -> [Group; 2] {
    [Group::new("a", 0.5, &[("f0", 0.5), ("f1", 0.5)]), Group::new("b", 0.5, &[("f2", 1.0)])]
}

/// Two groups: `a` of the factors f0 and f1, `b` of f2, which is required.
fn small() -> Model {
    let model = Model::new("small", groups().to_vec());
    model.and_then(|model| model.requiring("f2")).expect("a valid model")
}

/// Each group as a part of its own.
fn blend() -> Model {
    let groups = groups().into_iter().zip(["x", "y"]).map(|(group, part)| group.in_part(part));
    let parts = vec![Part::new("x", 0.75), Part::new("y", 0.25)];
    Model::blended("blend", parts, groups.collect()).expect("a valid model")
}

fn scores(market: &Market, factors: [&[f64]; 3]) -> Scores {
    scores_by(&small(), market, factors)
}

fn scores_by(model: &Model, market: &Market, factors: [&[f64]; 3]) -> Scores {
    let mut registry = FactorRegistry::new();
    for name in ["f0", "f1", "f2"] {
        let factor = factor_fn(name, &[Field::custom(name)], 0, move |window, out| {
            out.copy_from_slice(window.today(Field::custom(name)));
        });
        registry.register(factor).expect("three names");
    }
    let model: ResolvedModel = model.resolve(&registry).expect("registered");
    let mut panel = Panel::new(market, &model.fields());
    for (name, values) in ["f0", "f1", "f2"].iter().zip(factors) {
        let rows = panel.sessions().len();
        // The stock beside the others comes last, and has no value.
        let row: Vec<f64> = values.iter().copied().chain([MISSING]).collect();
        let matrix = std::iter::repeat_n(row, rows).flatten().collect();
        panel = panel.with_custom(name, matrix).expect("one value per cell");
    }
    model.score(&panel, day(9)).expect("a session")
}

fn ranking(factors: [&[f64]; 3]) -> Ranking {
    scores(&market(&vec![true; factors[0].len()], None), factors).rank()
}

fn exclusion(ranking: &Ranking, index: usize) -> Option<Exclusion> {
    ranking.get(&symbol(index)).expect("listed").exclusion.clone()
}

#[test]
fn the_only_eligible_stock_has_fifty_and_the_others_nothing() {
    let values = [1.0, 2.0, 3.0];
    let ranking = ranking([&values, &values, &[MISSING, 7.0, MISSING]]);
    let only = ranking.iter().next().expect("listed");
    assert_eq!((only.symbol.as_str(), only.rank, only.q_score), ("S01", Some(1), Some(50.0)));
    assert_eq!(only.decile, None, "fewer than ten have no deciles");
    for other in ranking.iter().skip(1) {
        assert_eq!((other.rank, other.q_score, other.composite), (None, None, None));
        assert!(other.exclusion.is_some());
    }
    assert_eq!(exclusion(&ranking, 0), Some(Exclusion::MissingFactor { factor: "f2".to_owned() }));
}

#[test]
fn every_kind_of_exclusion_is_named() {
    let priced = [true, true, false, true];
    let market = market(&priced, Some(&[true, true, true, false]));
    // S01 knows nothing but f2, half of the weight.
    let known = [1.0, MISSING, 3.0, 4.0];
    let ranking = scores(&market, [&known, &known, &[1.0, 2.0, 3.0, 4.0]]).rank();
    assert_eq!(exclusion(&ranking, 0), None);
    assert_eq!(exclusion(&ranking, 1), Some(Exclusion::Coverage { coverage: 0.5, minimum: 0.6 }));
    assert_eq!(exclusion(&ranking, 2), Some(Exclusion::NoPrice));
    assert_eq!(exclusion(&ranking, 3), Some(Exclusion::NotMember));
    // The bystander's close is seven sessions old.
    let bystander = ranking.get(&"ZZZ".parse().expect("a symbol")).expect("listed");
    assert_eq!(bystander.exclusion, Some(Exclusion::NoPrice));
}

#[test]
fn factors_that_cancel_are_no_spread() {
    // f1 is f0 turned round, so group a says nothing; without care its rounding would be blown up.
    let f0 = [0.1, 0.1, 0.7];
    let f1: Vec<f64> = f0.iter().map(|value| 1.3 - 2.0 * value).collect();
    let ranking = ranking([&f0, &f1, &[1.0, 2.0, 3.0]]);
    for stock in ranking.iter().filter(|stock| stock.is_eligible()) {
        assert_eq!(stock.groups[0].score, Some(0.0), "{}", stock.symbol);
    }
}

#[test]
fn renormalising_gives_the_weight_of_the_missing_to_the_known() {
    // f0 and f2 are known of all three stocks: z-scores of -a, 0, a with a = sqrt(3/2).
    let (low, mid, high) = (-(1.5_f64.sqrt()), 0.0, 1.5_f64.sqrt());
    let f0 = [1.0, 2.0, 3.0];
    let f1 = [MISSING, MISSING, MISSING];
    let market = market(&[true; 3], None);
    let model = small()
        .with_standardise(Standardise::ZScore { winsorise: Winsorise::Off, clip: 3.0 })
        .expect("valid");
    let raw_of = |missing| {
        let scores = scores_by(&model.clone().with_missing(missing), &market, [&f0, &f1, &f0]);
        // Group a of one known factor has its z-score either way, since it is standardised again.
        scores.group_scores("a").expect("in the model")[..3].to_vec()
    };
    for missing in [Missing::Neutral, Missing::Renormalised] {
        for (ours, by_hand) in raw_of(missing).iter().zip([low, mid, high]) {
            assert!((ours - by_hand).abs() < 1e-15, "{missing:?}: {ours}");
        }
    }
    // Group a is missing for S00, which knows f2 alone: half of the weight, or all of what is known.
    let f0 = [MISSING, 2.0, 3.0];
    let model = model.with_coverage_min(0.5).expect("valid");
    let composite = |missing| {
        let model = model.clone().with_missing(missing);
        scores_by(&model, &market, [&f0, &f1, &[1.0, 2.0, 3.0]]).composite()[0]
    };
    assert!((composite(Missing::Neutral) - 0.5 * low).abs() < 1e-13);
    assert!((composite(Missing::Renormalised) - low).abs() < 1e-13);
}

#[test]
fn percentiles_run_from_minus_a_half_to_a_half() {
    let market = market(&[true; 5], None);
    let model = small().with_standardise(Standardise::Percentile).expect("valid");
    let f0 = [5.0, 1.0, 1.0, MISSING, 1e9];
    let scores = scores_by(&model, &market, [&f0, &[7.0; 5], &[MISSING; 5]]);
    // Ranks 3, 1.5, 1.5 and 4 of 4.
    let z = scores.factor_z("f0").expect("in the model");
    let third = 1.0 / 3.0;
    assert!((z[0] - (2.0 * third - 0.5)).abs() < 1e-15, "{z:?}");
    assert!((z[1] - (0.5 * third - 0.5)).abs() < 1e-15 && z[1] == z[2], "{z:?}");
    assert!(z[3].is_nan() && z[4] == 0.5, "{z:?}");
    assert_eq!(scores.factor_z("f1").expect("in the model")[..5], [0.0; 5]);
}

#[test]
fn a_blend_weighs_standardised_composites() {
    // Part x ranks by f0 and f1 alike, part y by f2. Over three stocks the z-scores of 1, 2, 3 are
    // -a, 0, a, whatever the spread of the part was before.
    let market = market(&[true; 3], None);
    let a = 1.5_f64.sqrt();
    let up = [1.0, 2.0, 3.0];
    let scores = scores_by(&blend(), &market, [&up, &up, &[3.0, 2.0, 1.0]]);
    for (composite, by_hand) in scores.composite().iter().zip([-0.5 * a, 0.0, 0.5 * a]) {
        assert!((composite - by_hand).abs() < 1e-13, "{composite}");
    }
}

#[test]
fn a_small_sector_is_compared_with_the_market_and_the_ranking_says_so() {
    // Sector A has 1, 2 and 6, mean 3; sector B has 7 and 10, too few, so the mean of all, 5.2, counts.
    let sectors = ["A", "A", "A", "B", "B"];
    let mut tables = Tables::default();
    for (index, sector) in sectors.iter().enumerate() {
        tables.securities.push(Security::us(symbol(index), "An issuer", sector));
        tables.prices.push((symbol(index), Bar::close_only(day(9), 50.0)));
    }
    tables.securities.push(Security::us("ZZZ".parse().expect("a symbol"), "Other", "Other"));
    let sessions = (2..=9).map(day).collect();
    let calendar = Calendar::from_sessions(sessions).expect("sessions");
    let market = Market::new(calendar, tables).expect("a market");
    let off = Standardise::ZScore { winsorise: Winsorise::Off, clip: 3.0 };
    let model = Model::new("peers", vec![Group::new("g", 1.0, &[("f0@sector", 1.0)])])
        .and_then(|model| model.with_standardise(off))
        .expect("a valid model");
    let f0 = [1.0, 2.0, 6.0, 7.0, 10.0];
    let scores = scores_by(&model, &market, [&f0, &f0, &f0]);
    let from_mean = [-2.0, -1.0, 3.0, 1.8, 4.8];
    let mean = 6.6 / 5.0;
    let squares = from_mean.iter().map(|value: &f64| (value - mean).powi(2));
    let deviation = (squares.sum::<f64>() / 5.0).sqrt();
    let z = scores.factor_z("f0@sector").expect("in the model");
    for (ours, value) in z.iter().zip(from_mean) {
        assert!((ours - (value - mean) / deviation).abs() < 1e-15, "{z:?}");
    }
    let sectors = [("B".to_owned(), vec!["f0@sector".to_owned()])].into();
    let small = Remark::SmallSectors { sectors, all: 3, minimum: 3 };
    assert_eq!(scores.rank().remarks(), [small]);
    // With two as the least, B is compared within itself: 7 and 10 are 1.5 from their mean.
    let model = model.with_sector_min(2).expect("valid");
    let scores = scores_by(&model, &market, [&f0, &f0, &f0]);
    let z = scores.factor_z("f0@sector").expect("in the model");
    assert!((z[3] + z[4]).abs() < 1e-15 && scores.remarks().is_empty(), "{z:?}");
}

#[test]
fn few_stocks_and_quantiles_are_remarked_upon() {
    let remarks = |count: usize, winsorise| {
        let standardise = Standardise::ZScore { winsorise, clip: 3.0 };
        let model = small().with_standardise(standardise).expect("valid");
        let values: Vec<f64> = (0..count).map(|value| value as f64).collect();
        let market = market(&vec![true; count], None);
        scores_by(&model, &market, [&values, &values, &values]).remarks().to_vec()
    };
    assert_eq!(remarks(20, Winsorise::default()), [Remark::FewStocks { count: 20 }]);
    assert_eq!(remarks(21, Winsorise::default()), []);
    assert_eq!(remarks(20, Winsorise::Mad { deviations: 3.0 }), []);
}

#[test]
fn the_median_holds_an_outlier_where_quantiles_do_not() {
    // Median 3, deviations 2, 1, 0, 1, 997: their median is 1, so 1000 is clipped to 3 + 2 * 1.4826.
    let f0 = [1.0, 2.0, 3.0, 4.0, 1000.0];
    let market = market(&[true; 5], None);
    let mad = Standardise::ZScore { winsorise: Winsorise::Mad { deviations: 2.0 }, clip: 3.0 };
    let model = small().with_standardise(mad).expect("valid");
    let scores = scores_by(&model, &market, [&f0, &f0, &f0]);
    let clipped: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 3.0 + 2.0 * 1.482_602_218_505_602];
    let mean = clipped.iter().sum::<f64>() / 5.0;
    let squares = clipped.iter().map(|value| (value - mean).powi(2));
    let deviation = (squares.sum::<f64>() / 5.0).sqrt();
    let z = scores.factor_z("f0").expect("in the model");
    for (ours, value) in z.iter().zip(clipped) {
        assert!((ours - (value - mean) / deviation).abs() < 1e-14, "{z:?}");
    }
}

#[test]
fn a_stock_of_which_nothing_is_known_is_never_eligible() {
    let market = market(&[true; 2], None);
    let model = blend().with_coverage_min(0.0).expect("valid");
    for missing in [Missing::Neutral, Missing::Renormalised] {
        let known = [1.0, MISSING];
        let model = model.clone().with_missing(missing);
        let ranking = scores_by(&model, &market, [&known, &known, &known]).rank();
        let expected = Exclusion::Coverage { coverage: 0.0, minimum: 0.0 };
        assert_eq!(exclusion(&ranking, 1), Some(expected));
        assert_eq!(ranking.eligible(), 1);
    }
}

#[test]
fn ties_rank_by_symbol_and_share_their_score() {
    let equal = [1.0, 1.0, 1.0, 5.0];
    let ranking = ranking([&equal, &equal, &equal]);
    let order: Vec<_> = ranking.iter().map(|stock| stock.symbol.as_str().to_owned()).collect();
    assert_eq!(order, ["S03", "S00", "S01", "S02", "ZZZ"]);
    let q_scores: Vec<_> = ranking.iter().filter_map(|stock| stock.q_score).collect();
    // Ranks 2, 2, 2 and 4 of 4: 100 * (2 - 1) / 3.
    let third = 100.0 * (1.0 / 3.0);
    assert_eq!(q_scores, [100.0, third, third, third]);
}

#[test]
fn constant_and_absent_factors_say_nothing() {
    let ranking = ranking([&[7.0; 3], &[MISSING; 3], &[1.0, 2.0, 3.0]]);
    let best = ranking.iter().next().expect("listed");
    assert_eq!((best.symbol.as_str(), best.groups[0].score), ("S02", Some(0.0)));
    assert_eq!(best.factors[1].z, None);
    assert_eq!(best.factors[1].contribution, 0.0);
}

#[test]
fn a_smaller_portfolio_is_never_made_silently() {
    let values = [1.0, 2.0, 3.0];
    let ranking = ranking([&values, &values, &[1.0, 2.0, MISSING]]);
    let too_few = construct::equal_weight(&ranking, 3).expect_err("two are eligible");
    let expected = Error::TooFewEligible { wanted: 3, eligible: 2, listed: 4, as_of: day(9) };
    assert_eq!(too_few, expected);
    assert_eq!(construct::equal_weight(&ranking, 0), Err(Error::NothingWanted));
    let targets = construct::equal_shares(&ranking, 2, Shares::new(7)).expect("two");
    let symbols: Vec<_> = targets.iter().map(|target| target.symbol.as_str().to_owned()).collect();
    assert_eq!(symbols, ["S01", "S00"]);
}

#[test]
fn a_ranking_comes_back_from_json_as_it_went() {
    let values = [1.0, 2.0, MISSING];
    let ranking = ranking([&values, &[3.0, 1.0, 2.0], &values]);
    let text = serde_json::to_string(&ranking).expect("plain data");
    assert_eq!(serde_json::from_str::<Ranking>(&text).expect("the same shape"), ranking);
}

/// Values of which some are missing, some equal and some copies or opposites of others.
fn factor(width: usize) -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        3 => -5.0..5.0_f64,
        2 => (-2_i8..3).prop_map(f64::from),
        1 => Just(MISSING),
    ];
    prop::collection::vec(value, width)
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_composite_exactly(
        (f0, f1, f2) in (1..9_usize).prop_flat_map(|width| {
            (factor(width), factor(width), factor(width))
        }),
        // How much of f1 is its own; the rest is f0 turned round, so that group a nearly cancels.
        own in prop_oneof![Just(0.0), Just(1e-9), Just(1e-4), Just(1.0)],
        missing in prop_oneof![Just(Missing::Neutral), Just(Missing::Renormalised)],
        blended in any::<bool>(),
    ) {
        let f1: Vec<f64> = f0.iter().zip(&f1).map(|(f0, f1)| own * f1 - 3.0 * f0).collect();
        let market = market(&vec![true; f0.len()], None);
        let model = if blended { blend() } else { small() }.with_missing(missing);
        let scores = scores_by(&model, &market, [&f0, &f1, &f2]);
        let ranking = scores.rank();
        for stock in ranking.iter() {
            let Some(composite) = stock.composite else { continue };
            let parts = || stock.factors.iter().map(|factor| factor.contribution);
            prop_assert_eq!(parts().sum::<f64>(), composite);
            prop_assert_eq!(parts().rev().sum::<f64>(), composite);
            let groups = || stock.groups.iter().map(|group| group.contribution);
            prop_assert_eq!(groups().sum::<f64>(), composite);
        }
        // Group by group, for stocks without a rank too.
        let mut names = model.factor_names();
        for group in model.groups() {
            let whole = scores.group_contributions(&group.name).expect("in the model");
            let mut sums = vec![0.0; whole.len()];
            for name in names.by_ref().take(group.factors.len()) {
                let parts = scores.contributions(name).expect("in the model");
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            prop_assert_eq!(sums, whole);
        }
    }
}
