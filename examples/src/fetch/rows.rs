//! Rows as JSON; what is missing is `null`.

use super::Failure;
use decile::core::source::{Fetched, Stats};
use decile::core::{CorporateAction, Currency, Filing};
use serde::Serialize;
use serde_json::{Value, json};

/// Takes rows whose fields are named as they are printed.
pub(super) fn of<T: Serialize>(fetched: Fetched<T>) -> Result<Fetched<Value>, Failure> {
    let rows: Result<Vec<Value>, _> = fetched.rows.iter().map(serde_json::to_value).collect();
    let rows = rows.map_err(|error| Failure::invalid_request(error.to_string()))?;
    Ok(fetched.with_rows(rows))
}

pub(super) fn action(action: CorporateAction) -> Value {
    json!({"ex_date": action.ex_date, "kind": action.kind, "value": action.value})
}

pub(super) fn filing(filing: Filing) -> Value {
    json!({
        "period_end": filing.period_end,
        "form": filing.form,
        "filed": filing.filed,
        "report_time": filing.report_time,
        "currency": filing.currency,
        "net_income": filing.net_income,
        "book_equity": filing.book_equity,
        "shares": filing.shares,
        "revenue": filing.revenue,
        "imputed": filing.is_imputed(),
    })
}

pub(super) fn stats(stats: Stats) -> Value {
    json!({
        "trailing_pe": stats.trailing_pe,
        "forward_pe": stats.forward_pe,
        "price_to_book": stats.price_to_book,
        "book_value": stats.book_value,
        "trailing_eps": stats.trailing_eps,
        "shares_outstanding": stats.shares_outstanding,
        "market_cap": stats.market_cap,
        "return_on_equity": stats.return_on_equity,
    })
}

/// Writes the currencies of a row as its provider does.
pub(super) fn spell_currencies(row: &mut Value, spelt: &dyn Fn(Currency) -> String) {
    for name in ["currency", "trade_currency", "report_currency"] {
        let field = row.get_mut(name);
        let currency = field.as_ref().and_then(|field| field.as_str()?.parse().ok());
        if let (Some(field), Some(currency)) = (field, currency) {
            *field = spelt(currency).into();
        }
    }
}
