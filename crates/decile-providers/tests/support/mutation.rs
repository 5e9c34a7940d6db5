//! Replies that go wrong in every way that replies have gone wrong.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// What happens to a reply.
#[derive(Debug, Clone)]
pub(crate) enum Mutation {
    /// A value gives way to another one.
    Put(Index, Value),
    /// A key, or an element of a list, is gone.
    Drop(Index),
    /// The bytes end early.
    Cut(Index),
    /// One byte is another one.
    Flip(Index, u8),
    /// A number is written as no JSON number is.
    Bare(Index, &'static str),
    /// A value becomes lists in lists.
    Deep(Index, usize),
}

/// Any mutation. None of them writes a 0.
pub(crate) fn mutations() -> impl Strategy<Value = Mutation> {
    let value = prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!([])),
        Just(json!(true)),
        Just(json!(1e308)),
        Just(json!(-1e308)),
        Just(json!(u64::MAX)),
        Just(json!("")),
        Just(json!("None")),
        Just(json!("NaN")),
        Just(json!("-inf")),
        Just(json!("1e999")),
        Just(json!("12,5")),
        Just(json!("N/A")),
        Just(json!("9999-99-99")),
        Just(json!("\u{0}\u{fffd}é")),
    ];
    let bare = prop_oneof![Just("NaN"), Just("Infinity"), Just("1e999"), Just("undefined")];
    prop_oneof![
        6 => (any::<Index>(), value).prop_map(|(at, value)| Mutation::Put(at, value)),
        3 => any::<Index>().prop_map(Mutation::Drop),
        1 => any::<Index>().prop_map(Mutation::Cut),
        // Printable, and no digit: a flipped digit may be a true 0.
        1 => (any::<Index>(), b':'..b'~').prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        1 => (any::<Index>(), bare).prop_map(|(at, text)| Mutation::Bare(at, text)),
        1 => (any::<Index>(), 1..2000_usize).prop_map(|(at, depth)| Mutation::Deep(at, depth)),
    ]
}

impl Mutation {
    /// Returns the body with the mutation in it: JSON value by value, CSV field by field.
    pub(crate) fn of(&self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Cut(at) => return body[..at.index(body.len().max(1))].to_vec(),
            Self::Flip(at, byte) => {
                let mut body = body.to_vec();
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body[at] = *byte;
                }
                return body;
            }
            _ => {}
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(json) => self.of_json(json),
            Err(_) => self.of_csv(&String::from_utf8_lossy(body)),
        }
    }

    fn of_json(&self, mut json: Value) -> Vec<u8> {
        const MARK: &str = "a mark that no reply holds";
        let nodes = count(&json);
        match self {
            Self::Put(at, value) => *node(&mut json, at.index(nodes)) = value.clone(),
            Self::Drop(at) => drop_one(&mut json, at.index(nodes)),
            Self::Bare(at, _) | Self::Deep(at, _) => {
                *node(&mut json, at.index(nodes)) = json!(MARK);
            }
            Self::Cut(_) | Self::Flip(..) => {}
        }
        let text = json.to_string();
        let put = |new: &str| text.replace(&format!("\"{MARK}\""), new).into_bytes();
        match self {
            Self::Bare(_, bare) => put(bare),
            Self::Deep(_, depth) => put(&("[".repeat(*depth) + &"]".repeat(*depth))),
            _ => text.into_bytes(),
        }
    }

    fn of_csv(&self, text: &str) -> Vec<u8> {
        let mut rows: Vec<Vec<String>> =
            text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        let fields: usize = rows.iter().map(Vec::len).sum();
        let (Self::Put(at, _) | Self::Drop(at) | Self::Bare(at, _) | Self::Deep(at, _)) = self
        else {
            return text.into();
        };
        let mut at = at.index(fields.max(1));
        for row in &mut rows {
            if at < row.len() {
                match self {
                    Self::Put(_, Value::String(text)) => row[at].clone_from(text),
                    Self::Put(_, value) => row[at] = value.to_string(),
                    Self::Bare(_, bare) => row[at] = (*bare).to_owned(),
                    Self::Deep(_, depth) => row[at] = "\"".repeat(*depth),
                    _ => {
                        row.remove(at);
                    }
                }
                break;
            }
            at -= row.len();
        }
        let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        (lines.join("\n") + "\n").into_bytes()
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The node of that number, counted from the root down and from left to right.
fn node(value: &mut Value, at: usize) -> &mut Value {
    if at == 0 {
        return value;
    }
    let mut left = at - 1;
    let children: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Array(items) => Box::new(items.iter_mut()),
        Value::Object(fields) => Box::new(fields.values_mut()),
        _ => unreachable!("a leaf has no children"),
    };
    for child in children {
        let nodes = count(child);
        if left < nodes {
            return node(child, left);
        }
        left -= nodes;
    }
    unreachable!("there are as many nodes as were counted")
}

/// Takes a node out of its parent.
fn drop_one(root: &mut Value, at: usize) {
    const MARK: &str = "this goes";
    *node(root, at) = json!(MARK);
    sweep(root, &json!(MARK));
}

fn sweep(value: &mut Value, mark: &Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| item != mark);
            items.iter_mut().for_each(|item| sweep(item, mark));
        }
        Value::Object(fields) => {
            let kept = std::mem::take(fields).into_iter().filter(|(_, field)| field != mark);
            *fields = kept.collect::<Map<_, _>>();
            fields.values_mut().for_each(|field| sweep(field, mark));
        }
        _ => {}
    }
}

/// How many numbers of a debug text are 0; `None` if one is infinite or not a number.
pub(crate) fn zeros(debug: &impl std::fmt::Debug) -> Option<usize> {
    let text = format!("{debug:?}");
    // Texts keep their quotes, and so are no numbers.
    let words = text.split(|c: char| c.is_whitespace() || "()[]{},".contains(c));
    let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
    let zeros = numbers.iter().filter(|number| **number == 0.0).count();
    numbers.iter().all(|number| number.is_finite()).then_some(zeros)
}
