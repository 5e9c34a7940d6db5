//! What is wrong with a model.

use super::{Fallback, Group, Model, Standardise, WeightedFactor, Winsorise};
use std::collections::BTreeSet;

/// The key that is wrong, as in `groups[0].weight`, and what would be right.
type Fault = (String, String);

/// Returns the first fault.
pub(super) fn find(model: &Model) -> Option<Fault> {
    names(model)
        .or_else(|| groups(model))
        .or_else(|| parts(model))
        .or_else(|| settings(model))
        .or_else(|| required(model))
        .or_else(|| fallback(model))
}

fn fault(key: impl Into<String>, reason: impl Into<String>) -> Option<Fault> {
    Some((key.into(), reason.into()))
}

/// Names are written into files, reports and columns as they are.
fn names(model: &Model) -> Option<Fault> {
    let bad = |key: String, name: &str| {
        let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '@');
        let valid = !name.is_empty() && name.len() <= 64 && name.chars().all(plain);
        let rule = "names are 1 to 64 ASCII characters without quotes, backslashes and @";
        if valid { None } else { fault(key, format!("{name:?} is no name; {rule}")) }
    };
    let of_model = [("name".to_owned(), &model.name)].into_iter();
    let parts = model.parts.iter().enumerate();
    let of_parts = parts.map(|(at, part)| (format!("blend[{at}].name"), &part.name));
    let fallback = model.without_estimates.iter();
    let of_fallback = fallback.map(|other| ("without_estimates.name".to_owned(), &other.name));
    let mut plain = of_model.chain(of_parts).chain(of_fallback);
    if let Some(fault) = plain.find_map(|(key, name)| bad(key, name)) {
        return Some(fault);
    }
    for (at, group) in model.groups.iter().enumerate() {
        let group_name = bad(format!("groups[{at}].name"), &group.name.replace('@', "_"));
        let in_group = |(factor_at, factor): (usize, &WeightedFactor)| {
            let key = format!("groups[{at}].factors[{factor_at}].name");
            let sector = WeightedFactor::SECTOR;
            match bad(key, factor.factor()) {
                Some((key, _)) if factor.name.contains('@') => fault(
                    key,
                    format!("{:?} is no name; {sector} is all that may follow", factor.name),
                ),
                other => other,
            }
        };
        let factors = || group.factors.iter().enumerate().find_map(in_group);
        if let Some(fault) = group_name.or_else(factors) {
            return Some(fault);
        }
    }
    None
}

fn groups(model: &Model) -> Option<Fault> {
    if model.groups.is_empty() {
        return fault("groups", "it has no group; give it one with at least one factor");
    }
    let mut seen = BTreeSet::new();
    for (at, group) in model.groups.iter().enumerate() {
        let key = |rest: &str| format!("groups[{at}]{rest}");
        let name = &group.name;
        if group.factors.is_empty() {
            let reason = format!("group {name} has no factor; give it one or drop it");
            return fault(key(".factors"), reason);
        }
        if !seen.insert(("group", name.as_str())) {
            return fault(key(".name"), format!("group {name} stands twice; merge the two"));
        }
        if let Some(fault) = weight(key(".weight"), name, group.weight) {
            return Some(fault);
        }
        for (factor_at, factor) in group.factors.iter().enumerate() {
            let key = |rest: &str| key(&format!(".factors[{factor_at}]{rest}"));
            if let Some(fault) = weight(key(".weight"), &factor.name, factor.weight) {
                return Some(fault);
            }
            if !seen.insert(("factor", factor.name.as_str())) {
                let reason = format!("factor {} stands twice; keep one", factor.name);
                return fault(key(".name"), reason);
            }
        }
        let sum: f64 = group.factors.iter().map(|factor| factor.weight).sum();
        if !sum.is_finite() {
            let reason = format!("the weights of group {name} add up to {sum}; write smaller ones");
            return fault(key(".factors"), reason);
        }
    }
    let sum: f64 = model.groups.iter().map(|group| group.weight).sum();
    let reason = || format!("the weights of its groups add up to {sum}; write smaller ones");
    if sum.is_finite() { None } else { fault("groups", reason()) }
}

fn weight(key: String, name: &str, weight: f64) -> Option<Fault> {
    let valid = weight.is_finite() && weight > 0.0;
    if valid { None } else { fault(key, format!("{name} has weight {weight}; it must be above 0")) }
}

fn parts(model: &Model) -> Option<Fault> {
    let names: Vec<&str> = model.parts.iter().map(|part| part.name.as_str()).collect();
    if names.len() == 1 {
        return fault("blend", "one part is no blend; name two or more, or none");
    }
    for (at, part) in model.parts.iter().enumerate() {
        let key = |rest: &str| format!("blend[{at}].{rest}");
        let name = &part.name;
        if names[..at].contains(&name.as_str()) {
            return fault(key("name"), format!("part {name} stands twice; merge the two"));
        }
        if !model.groups.iter().any(|group| group.part.as_ref() == Some(name)) {
            let reason = format!("no group has part = \"{name}\"; give it one or drop it");
            return fault(key("name"), reason);
        }
        if let Some(fault) = weight(key("weight"), name, part.weight) {
            return Some(fault);
        }
    }
    let misplaced = |(at, group): (usize, &Group)| {
        let key = format!("groups[{at}].part");
        match &group.part {
            None if names.is_empty() => None,
            None => fault(key, format!("is missing; write one of {}", names.join(", "))),
            Some(part) if names.contains(&part.as_str()) => None,
            Some(part) if names.is_empty() => {
                fault(key, format!("the model has no [[blend]]; drop part = {part:?}"))
            }
            Some(part) => fault(key, format!("there is no part {part:?}; {}", names.join(", "))),
        }
    };
    model.groups.iter().enumerate().find_map(misplaced)
}

fn settings(model: &Model) -> Option<Fault> {
    let gates = model.gates;
    let shares = [
        ("coverage_min", "its minimum coverage is", model.coverage_min),
        ("gates.eligible_min", "it is", gates.eligible_min),
        ("gates.factor_coverage_min", "it is", gates.factor_coverage_min),
        ("gates.sign_change_max", "it is", gates.sign_change_max),
    ];
    for (key, words, share) in shares {
        if !(0.0..=1.0).contains(&share) {
            return fault(key, format!("{words} {share}; it must be from 0 to 1"));
        }
    }
    if model.sector_min == 0 {
        return fault("sector_min", "it is 0; it must be 1 or more");
    }
    let Standardise::ZScore { winsorise, clip } = model.standardise else { return None };
    let above_0 = |key: &str, number: f64| {
        let valid = number.is_finite() && number > 0.0;
        if valid { None } else { fault(key, format!("it is {number}; it must be above 0")) }
    };
    let tails = match winsorise {
        Winsorise::Quantiles { tail } if !(0.0..0.5).contains(&tail) => {
            fault("standardise.tail", format!("it is {tail}; it must be from 0 to below 0.5"))
        }
        Winsorise::Mad { deviations } => above_0("standardise.deviations", deviations),
        _ => None,
    };
    tails.or_else(|| above_0("standardise.clip", clip))
}

fn required(model: &Model) -> Option<Fault> {
    let absent = |name: &String| !model.factors().any(|factor| factor.factor() == name);
    let at = model.required.iter().position(absent)?;
    let name = &model.required[at];
    let reason = format!("{name} is required, but no group has it; add it to one");
    fault(format!("required[{at}]"), reason)
}

fn fallback(model: &Model) -> Option<Fault> {
    let Fallback { name, replace } = model.without_estimates.as_ref()?;
    let key = |rest: &str| format!("without_estimates.{rest}");
    if replace.is_empty() {
        return fault(key("replace"), "it replaces no factor; name at least one");
    }
    let absent = |name: &&String| !model.factors().any(|factor| factor.factor() == *name);
    if let Some(factor) = replace.keys().find(absent) {
        let reason = format!("no group has {factor}; name a factor of the model");
        return fault(key(&format!("replace.{factor}")), reason);
    }
    if *name == model.name {
        let reason = format!("it is {name:?} like the model's own; give it another");
        return fault(key("name"), reason);
    }
    // What is wrong with the model that comes of it is wrong here, since the rest has been found
    // right before.
    let (_, reason) = find(&model.fallback()?)?;
    fault("without_estimates", format!("in the model that comes of it, {reason}"))
}
