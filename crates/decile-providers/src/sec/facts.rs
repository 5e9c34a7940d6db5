//! `companyfacts`: every number that a company ever filed, by tag and unit.

use super::concepts::{Unit, known};
use crate::asked::Asked;
use crate::notes::Notes;
use crate::scalar::Scalar;
use chrono::NaiveDate;
use decile_core::source::SourceError;
use decile_core::{Currency, Form};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

/// One number in one filing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact {
    /// First day of the period; `None` for a number as of a day.
    pub(super) start: Option<NaiveDate>,
    pub(super) end: NaiveDate,
    pub(super) value: f64,
    pub(super) filing: FilingId,
}

/// The filing that a number stands in. The order is that in which filings came out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FilingId {
    pub(super) filed: NaiveDate,
    pub(super) accession: SmolStr,
    pub(super) form: SmolStr,
}

/// The numbers of one company that are read, in one currency.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) currency: Currency,
    by_tag: BTreeMap<&'static str, ByEnd>,
}

/// The numbers of one tag by the end of their period, each list in the order of filing.
type ByEnd = BTreeMap<NaiveDate, Vec<Fact>>;

/// A company files a number some hundred times. More than this is not a company's, and would take
/// long to compare.
const FACTS_MAX: usize = 5_000;

impl Fact {
    /// Returns the days of the period, both ends included.
    pub(super) fn days(&self) -> Option<i64> {
        Some((self.end - self.start?).num_days() + 1)
    }
}

impl Facts {
    /// Reads a reply about the company with that number.
    pub(super) fn read(
        body: &[u8],
        cik: u64,
        asked: &Asked,
        notes: &mut Notes,
    ) -> Result<Self, SourceError> {
        let company: Company = serde_json::from_slice(body).map_err(|error| {
            let what = "it is not the JSON that was asked for";
            asked.decode_because(what, Some(Box::new(error)))
        })?;
        if company.cik.number().is_some_and(|number| number != cik as f64) {
            return Err(asked.decode("it is about another company"));
        }
        let taxonomies = company.facts.ok_or_else(|| asked.decode("it holds no facts"))?;
        let mut concepts = taxonomies.us_gaap.0;
        concepts.extend(taxonomies.dei.0);
        let currency = currency(&concepts)
            .ok_or_else(|| asked.lacks("statements in dollars or another currency, by US GAAP,"))?;
        let mut by_tag = BTreeMap::new();
        for (tag, (unit, mut units)) in concepts {
            let name = match unit {
                Unit::Money => currency.to_string(),
                Unit::Shares => "shares".to_owned(),
                Unit::MoneyPerShare => format!("{currency}/shares"),
            };
            let rows = units.remove(&name).unwrap_or_default();
            if rows.len() > FACTS_MAX {
                return Err(asked.decode(format!("it holds {} numbers of {tag}", rows.len())));
            }
            by_tag.insert(tag, by_end(tag, rows, notes));
        }
        Ok(Self { currency, by_tag })
    }

    /// Returns all numbers of a tag.
    pub(super) fn of(&self, tag: &str) -> impl Iterator<Item = &Fact> {
        self.by_tag.get(tag).into_iter().flat_map(BTreeMap::values).flatten()
    }

    /// Returns those of a period that ends on a day, in the order in which they were filed.
    pub(super) fn ending(&self, tag: &str, end: NaiveDate) -> &[Fact] {
        self.by_tag.get(tag).and_then(|ends| ends.get(&end)).map_or(&[], Vec::as_slice)
    }

    /// Returns those of periods that end in a span of days.
    pub(super) fn ending_in(
        &self,
        tag: &str,
        days: RangeInclusive<NaiveDate>,
    ) -> impl Iterator<Item = &Fact> {
        let ends = self.by_tag.get(tag).into_iter();
        ends.flat_map(move |ends| ends.range(days.clone())).flat_map(|(_, facts)| facts)
    }
}

/// Returns the currency in which most amounts are. A foreign company may add a translation of some.
fn currency(concepts: &Concepts) -> Option<Currency> {
    let mut rows: BTreeMap<Currency, usize> = BTreeMap::new();
    for (unit, units) in concepts.values() {
        for (name, facts) in units.iter().filter(|_| *unit == Unit::Money) {
            if let Ok(currency) = name.parse() {
                *rows.entry(currency).or_default() += facts.len();
            }
        }
    }
    let most = rows.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(currency, _)| currency)
}

fn by_end(tag: &str, rows: Vec<Row>, notes: &mut Notes) -> ByEnd {
    let mut facts = ByEnd::new();
    for row in rows {
        match row.fact() {
            Some(fact) if fact.filing.filed < fact.end => {
                notes.drop(format!("{tag} to {} was filed before that day", fact.end));
            }
            Some(fact) => facts.entry(fact.end).or_default().push(fact),
            None => notes.drop(format!("a number of {tag} without value, period or filing")),
        }
    }
    for facts in facts.values_mut() {
        facts.sort_by(|a, b| (&a.filing, a.start).cmp(&(&b.filing, b.start)));
    }
    facts
}

type Units = BTreeMap<String, Vec<Row>>;
type Concepts = BTreeMap<&'static str, (Unit, Units)>;

#[derive(Deserialize)]
struct Company {
    #[serde(default)]
    cik: Scalar,
    facts: Option<Taxonomies>,
}

#[derive(Deserialize)]
struct Taxonomies {
    #[serde(rename = "us-gaap", default)]
    us_gaap: Taxonomy,
    #[serde(default)]
    dei: Taxonomy,
}

/// The tags that are read; a company has hundreds of others.
#[derive(Default)]
struct Taxonomy(Concepts);

#[derive(Deserialize)]
struct Concept {
    #[serde(default)]
    units: Units,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    start: Scalar,
    #[serde(default)]
    end: Scalar,
    #[serde(default)]
    val: Scalar,
    #[serde(default)]
    accn: Scalar,
    #[serde(default)]
    form: Scalar,
    #[serde(default)]
    filed: Scalar,
}

impl Row {
    fn fact(&self) -> Option<Fact> {
        let date = |scalar: &Scalar| scalar.text()?.parse::<NaiveDate>().ok();
        let start = match &self.start {
            Scalar::Missing => None,
            start => Some(date(start)?),
        };
        let form = self.form.text()?;
        // Checked here, so that no filing is made of a form that cannot be one.
        form.parse::<Form>().ok()?;
        Some(Fact {
            start,
            end: date(&self.end)?,
            value: self.val.number()?,
            filing: FilingId {
                filed: date(&self.filed)?,
                accession: SmolStr::new(self.accn.text()?),
                form: SmolStr::new(form),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Taxonomy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TaxonomyVisitor)
    }
}

struct TaxonomyVisitor;

impl<'de> Visitor<'de> for TaxonomyVisitor {
    type Value = Taxonomy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tags")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Taxonomy, A::Error> {
        let mut concepts = Concepts::new();
        while let Some(tag) = map.next_key::<String>()? {
            match known(&tag) {
                Some((tag, unit)) => {
                    let concept: Concept = map.next_value()?;
                    concepts.insert(tag, (unit, concept.units));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Taxonomy(concepts))
    }
}
