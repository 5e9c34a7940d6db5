//! What a name, a company and a sector may weigh.

use crate::market::{money, position, quote, symbol};
use crate::{Case, one};
use decile_core::{Decimal, Weight};
use decile_trade::{CheckName, Classification, Plan, Position};

#[test]
fn a_name_may_weigh_fifteen_percent_or_its_equal_part() {
    // Ten names of which the first is to be 31 x 50 = 15.5 %, the others small.
    let names = ["KO", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    let mut counts: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
    counts[0].1 = 31;
    let mut case = Case::new().fixed(&counts);
    case.quotes = names.iter().map(|name| (symbol(name), quote(name, "50"))).collect();
    let reason = "KO has 15.50 % of at most 15.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
    // Of six names each may have a sixth, 16.67 %.
    let mut case = Case::new().fixed(&counts[..6]);
    case.quotes = names.iter().map(|name| (symbol(name), quote(name, "50"))).collect();
    assert_eq!(case.broken(case.plan()), []);
    case.limits.name_weight_max = Some("0.1549".parse().unwrap());
    let reason = "KO has 15.50 % of at most 15.49 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
}

#[test]
fn what_is_held_counts_but_what_is_reduced_is_let_go() {
    // OLD, 80 % of the equity, has no price. PEP is bought: the plan adds to a heavy book.
    let mut case = Case::new().fixed(&[("PEP", 4)]);
    case.account.cash = money("2000");
    case.positions = vec![Position { average_cost: money("100"), ..position("OLD", 80) }];
    case.limits.name_weight_max = Some("0.5".parse().unwrap());
    let reason = "OLD has 80.00 % of at most 50.00 %";
    assert_eq!(case.broken(case.plan()), one(CheckName::NameWeightMax, reason));
    // With a price it is sold down to 60 %, which is still too much, but better.
    let mut case = case.fixed(&[("OLD", 60)]);
    case.quotes.insert(symbol("OLD"), quote("OLD", "100"));
    assert_eq!(case.broken(case.plan()), []);
}

/// KO and PEP as one company, or as two of one sector.
fn described(plan: Plan, issuers: [&str; 2]) -> Plan {
    let classification = |(name, issuer): (&str, &str)| {
        let sector = "Staples".to_owned();
        (symbol(name), Classification { issuer: issuer.to_owned(), sector })
    };
    plan.with_classifications(["KO", "PEP"].into_iter().zip(issuers).map(classification))
}

#[test]
fn classes_of_one_company_count_together() {
    let mut case = Case::new();
    let reason = "One has 94.00 % of at most 50.00 %";
    let one_company = || described(case.plan(), ["One", "One"]);
    assert_eq!(case.broken(one_company()), one(CheckName::IssuerWeightMax, reason));
    assert_eq!(case.broken(described(case.plan(), ["One", "Two"])), []);
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(94, 2)).unwrap());
    assert_eq!(case.broken(described(case.plan(), ["One", "One"])), []);
    // A limit of companies of its own holds for those of one name too.
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(47, 2)).unwrap());
    let reason = "One has 47.50 % of at most 47.00 %";
    let apart = described(case.plan(), ["One", "Two"]);
    assert_eq!(case.broken(apart), one(CheckName::IssuerWeightMax, reason));
    // Half of it is held already, and counts.
    case.positions = vec![position("KO", 95)];
    case.account.cash = money("5250");
    case.limits.issuer_weight_max = Some(Weight::new(Decimal::new(93, 2)).unwrap());
    let reason = "One has 94.00 % of at most 93.00 %";
    let more = described(case.plan(), ["One", "One"]);
    assert_eq!(more.orders().len(), 1);
    assert_eq!(case.broken(more), one(CheckName::IssuerWeightMax, reason));
}

#[test]
fn sectors_are_limited_if_a_limit_is_set_and_every_sector_must_be_known() {
    let mut case = Case::new();
    case.limits.sector_weight_max = Some(Weight::new(Decimal::new(40, 2)).unwrap());
    let reason = "Staples has 94.00 % of at most 40.00 %";
    let plan = described(case.plan(), ["One", "Two"]);
    assert_eq!(case.broken(plan), one(CheckName::SectorWeightMax, reason));
    let reason = "the sector of KO is not known, the sector of PEP is not known";
    assert_eq!(case.broken(case.plan()), one(CheckName::SectorWeightMax, reason));
    // What only sells is let through, too large or not known as it may be.
    case.positions = vec![position("KO", 100), position("PEP", 30)];
    case.account.cash = money("500");
    let selling = case.fixed(&[("KO", 90), ("PEP", 30)]);
    assert_eq!(selling.broken(described(selling.plan(), ["One", "Two"])), []);
    assert_eq!(selling.broken(selling.plan()), []);
}
