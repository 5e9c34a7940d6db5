//! The worlds that are tried.

use crate::STOCKS;
use crate::market;
use decile_core::{Decimal, FixedCommission, Money, Shares, Weight};
use decile_trade::{AccountKind, OrderStyle, PlanRules, Remainder, RiskLimits, Trouble};
use proptest::prelude::*;

/// What one stock does on one day.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    /// From yesterday's close, in thousandths; beyond 100 the limits deny.
    pub(crate) percent: i64,
    /// Half of the spread, in hundredths of a basis point.
    pub(crate) half_spread: i64,
    /// No quote at all.
    pub(crate) is_halted: bool,
    /// Old shares and new ones, if it is split overnight.
    pub(crate) split: Option<(i64, i64)>,
    /// In thousandths; all of them together may be more than one.
    pub(crate) weight: i64,
    /// What the market does between the approval and the orders, in basis points.
    pub(crate) slip: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) cash: i64,
    /// In cents.
    pub(crate) prices: Vec<i64>,
    pub(crate) days: Vec<Vec<Move>>,
    pub(crate) rules: PlanRules,
    pub(crate) limits: RiskLimits,
    pub(crate) troubles: Vec<(usize, Trouble)>,
    pub(crate) in_flight_max: usize,
    pub(crate) reprices_max: Option<usize>,
}

fn one_move() -> impl Strategy<Value = Move> {
    let split = prop_oneof![
        6 => Just(None),
        1 => prop::sample::select(vec![(1, 2), (2, 3), (10, 1), (1, 7)]).prop_map(Some),
    ];
    let numbers = (-105_i64..=105, 0_i64..1500, -60_i64..=60, 0_i64..400);
    (numbers, prop::bool::weighted(0.1), split).prop_map(|(numbers, is_halted, split)| {
        let (percent, half_spread, slip, weight) = numbers;
        let weight = if weight < 100 { 0 } else { weight - 100 };
        Move { percent, half_spread, is_halted, split, weight, slip }
    })
}

fn rules() -> impl Strategy<Value = PlanRules> {
    let style = prop::sample::select(vec![OrderStyle::Market, OrderStyle::MarketableLimit]);
    let numbers = (0_i64..20, 0_i64..50, prop::sample::select(vec![1_i64, 7, 100]), 0_i64..20);
    (numbers, style).prop_map(|((buffer, fee, lot, band), order)| PlanRules {
        cash_buffer: Decimal::new(buffer, 2),
        fee: Decimal::new(fee, 4),
        lot: Shares::new(lot),
        band: Decimal::new(band, 3),
        order,
        ..PlanRules::default()
    })
}

fn limits() -> impl Strategy<Value = RiskLimits> {
    let weight = prop::option::of(15_i64..=100);
    let value = prop::sample::select(vec![20_000_i64, 200_000, 1_000_000]);
    (weight, value, 0_i64..200, 0_i64..20).prop_map(|(weight, value, order_min, per_share)| {
        let weight = weight.map(|weight| Weight::new(Decimal::new(weight, 2)).unwrap());
        let commission = FixedCommission {
            per_share: Money::new(Decimal::new(per_share, 3)),
            order_min: Money::new(Decimal::new(order_min, 2)),
            ..FixedCommission::default()
        };
        let order_notional_max = Money::new(Decimal::from(value));
        RiskLimits {
            name_weight_max: weight,
            order_notional_max,
            commission,
            ..market::wide_limits()
        }
    })
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let quantity = (0_i64..200).prop_map(Shares::new);
    let then = prop::sample::select(vec![Remainder::Works, Remainder::Cancelled]);
    prop_oneof![
        Just(Trouble::NotSent),
        Just(Trouble::Reject { reason: "no".to_owned() }),
        Just(Trouble::DropAfterSend),
        Just(Trouble::LostBeforeArrival),
        Just(Trouble::DuplicateStatus),
        (quantity, then).prop_map(|(quantity, then)| Trouble::PartialFill { quantity, then }),
    ]
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let prices = prop::collection::vec(50_i64..60_000, STOCKS);
    let days = prop::collection::vec(prop::collection::vec(one_move(), STOCKS), 3);
    let troubles = prop::collection::vec((0_usize..20, trouble()), 0..5);
    let kind = prop::sample::select(vec![AccountKind::Margin, AccountKind::Cash]);
    let config = (1_usize..8, prop::option::of(0_usize..3), kind);
    (1_000_i64..50_000_000, prices, days, rules(), limits(), troubles, config).prop_map(
        |(cash, prices, days, rules, limits, troubles, (in_flight_max, reprices_max, kind))| {
            World {
                cash,
                prices,
                days,
                rules: PlanRules { account_kind: kind, ..rules },
                limits: RiskLimits { account_kind: kind, ..limits },
                troubles,
                in_flight_max,
                reprices_max,
            }
        },
    )
}
