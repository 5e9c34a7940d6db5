//! Replies that have gone wrong in one place.

use serde_json::Value;
use std::collections::BTreeSet;

/// What happens to a value somewhere in a reply.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Damage {
    /// Its key, or place in a list, is gone.
    Dropped,
    Null,
    /// A text that reads as a number.
    Digits,
    NotANumber,
    /// An empty object.
    Empty,
    /// 1e308, which a number can still hold.
    Huge,
    /// 1e999, which none can.
    TooHuge,
    /// A thousand lists in each other.
    Nested,
    /// The reply ends there.
    CutOff,
}

impl Damage {
    pub(crate) const ALL: [Self; 9] = [
        Self::Dropped,
        Self::Null,
        Self::Digits,
        Self::NotANumber,
        Self::Empty,
        Self::Huge,
        Self::TooHuge,
        Self::Nested,
        Self::CutOff,
    ];

    /// Returns the body with the value at a path changed.
    pub(crate) fn apply(self, body: &Value, path: &[Step]) -> Vec<u8> {
        const MARK: &str = "@@@";
        let mut body = body.clone();
        let (last, parents) = path.split_last().expect("the root stays");
        let mut place = &mut body;
        for step in parents {
            place = match step {
                Step::Key(key) => &mut place[key.as_str()],
                Step::Row(row) => &mut place[*row],
            };
        }
        if matches!(self, Self::Dropped) {
            match (place, last) {
                (Value::Object(fields), Step::Key(key)) => drop(fields.remove(key)),
                (Value::Array(rows), Step::Row(row)) => drop(rows.remove(*row)),
                _ => unreachable!("paths are made of the body"),
            }
            return body.to_string().into_bytes();
        }
        let value = match last {
            Step::Key(key) => &mut place[key.as_str()],
            Step::Row(row) => &mut place[*row],
        };
        *value = match self {
            Self::Null => Value::Null,
            Self::Digits => "12345.5".into(),
            Self::NotANumber => "NaN".into(),
            Self::Empty => Value::Object(serde_json::Map::new()),
            Self::Huge => 1e308.into(),
            Self::Dropped | Self::TooHuge | Self::Nested | Self::CutOff => MARK.into(),
        };
        let text = body.to_string();
        let marked = format!("\"{MARK}\"");
        match self {
            Self::TooHuge => text.replace(&marked, "1e999"),
            Self::Nested => {
                text.replace(&marked, &format!("{}{}", "[".repeat(1000), "]".repeat(1000)))
            }
            Self::CutOff => text.split(&marked).next().unwrap_or_default().to_owned(),
            _ => text,
        }
        .into_bytes()
    }
}

impl Damage {
    /// Returns CSV with a field changed; lines and fields count from 0.
    pub(crate) fn apply_to_csv(self, text: &str, line: usize, field: usize) -> Vec<u8> {
        let mut lines: Vec<Vec<&str>> =
            text.lines().map(|line| line.split(',').collect()).collect();
        let nested = "\"".repeat(1000);
        match self {
            Self::Dropped => drop(lines[line].remove(field)),
            Self::Null | Self::Empty => lines[line][field] = "",
            Self::Digits => lines[line][field] = "12345.5",
            Self::NotANumber => lines[line][field] = "NaN",
            Self::Huge => lines[line][field] = "1e308",
            Self::TooHuge => lines[line][field] = "1e999",
            Self::Nested => lines[line][field] = &nested,
            Self::CutOff => {
                lines.truncate(line + 1);
                lines[line].truncate(field);
                return lines
                    .iter()
                    .map(|line| line.join(","))
                    .collect::<Vec<_>>()
                    .join("\n")
                    .into();
            }
        }
        lines.iter().map(|line| line.join(",") + "\n").collect::<String>().into()
    }
}

/// A step from a value into it.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Key(String),
    Row(usize),
}

/// Returns the paths to all values in a body, itself left out. Of a long list, the first rows and
/// the last.
pub(crate) fn paths(body: &Value) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    walk(body, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, path: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    if !path.is_empty() {
        found.push(path.clone());
    }
    let steps: Vec<(Step, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(k, v)| (Step::Key(k.clone()), v)).collect(),
        Value::Array(rows) => {
            let rows_told = rows.iter().enumerate().filter(|(n, _)| *n < 4 || n + 1 == rows.len());
            rows_told.map(|(n, v)| (Step::Row(n), v)).collect()
        }
        _ => return,
    };
    for (step, value) in steps {
        path.push(step);
        walk(value, path, found);
        path.pop();
    }
}

/// Numbers, as a set knows them.
#[derive(Debug, Default)]
pub(crate) struct Numbers(BTreeSet<u64>);

impl Numbers {
    /// Takes in every number in a value.
    pub(crate) fn add(&mut self, value: &Value) {
        match value {
            Value::Number(number) => {
                let number = number.as_f64().expect("a number");
                // 0 has two signs.
                self.0.insert(if number == 0.0 { 0.0f64 } else { number }.to_bits());
            }
            Value::Array(values) => values.iter().for_each(|value| self.add(value)),
            Value::Object(fields) => fields.values().for_each(|value| self.add(value)),
            _ => {}
        }
    }

    /// Takes in every number of another set.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// Returns the numbers that the other set lacks.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<f64> {
        self.0.difference(&other.0).map(|bits| f64::from_bits(*bits)).collect()
    }
}

/// Returns how many numbers of a debug text are 0; `None` if one is infinite or none at all.
#[cfg(any(feature = "alphavantage", feature = "sec"))]
pub(crate) fn zeros(debug: &impl std::fmt::Debug) -> Option<usize> {
    let text = format!("{debug:?}");
    // Texts keep their quotes, and so are no numbers.
    let words = text.split(|c: char| c.is_whitespace() || "()[]{},".contains(c));
    let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
    let zeros = numbers.iter().filter(|number| **number == 0.0).count();
    numbers.iter().all(|number| number.is_finite()).then_some(zeros)
}
