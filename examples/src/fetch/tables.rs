//! Tables for people.

use super::Answer;
use comfy_table::Table;
use serde_json::Value;

/// Returns an answer as lines: what it is about, a table of its rows, and what is wrong with them.
#[must_use]
pub fn answer(answer: &Answer) -> Vec<String> {
    let mut about = vec![answer.symbol.clone(), answer.basis.clone()];
    about.extend(answer.currency.clone());
    about.extend(answer.timezone.clone());
    let mut lines = vec![about.join(", ")];
    if !answer.rows.is_empty() {
        let fields = answer.what.fields();
        let mut table = Table::new();
        table.set_header(fields);
        for row in &answer.rows {
            table.add_row(fields.iter().map(|name| cell(&row[name])));
        }
        lines.push(table.to_string());
    }
    lines.extend(answer.dropped.iter().map(|line| format!("left out: {line}")));
    lines.extend(answer.warnings.iter().map(|line| format!("warning: {line}")));
    lines
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
