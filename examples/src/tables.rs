//! Tables for people.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use decile::core::{Money, Price, Quote, Symbol};
use decile::rank::{GateReport, RankedStock, Ranking};
use decile::trade::{
    Account, Check, ExecutionReport, Note, OrderReport, Plan, Position, Resolution,
};
use std::collections::BTreeMap;

/// A line under the header and no other.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Returns the ranking with group scores, P/E beside the score, and the reason for each exclusion.
#[must_use]
pub fn ranking(ranking: &Ranking) -> Table {
    let groups: Vec<String> = ranking
        .iter()
        .next()
        .map(|stock| stock.groups.iter().map(|group| group.name.clone()).collect())
        .unwrap_or_default();
    let mut header = vec!["#", "symbol", "sector", "Q", "decile", "composite"];
    header.extend(groups.iter().map(String::as_str));
    header.extend(["P/E", "close"]);
    let mut table = table(&header, &[1, 2]);
    for stock in ranking.iter().filter(|stock| stock.is_eligible()) {
        table.add_row(ranked(stock));
    }
    table
}

fn ranked(stock: &RankedStock) -> Vec<String> {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
    };
    let mut row = vec![
        stock.rank.map_or_else(String::new, |rank| rank.to_string()),
        stock.symbol.to_string(),
        stock.sector.to_string(),
        number(stock.q_score, 1),
        stock.decile.map_or_else(String::new, |decile| decile.to_string()),
        number(stock.composite, 3),
    ];
    row.extend(stock.groups.iter().map(|group| number(group.score, 2)));
    row.push(number(stock.price_to_earnings, 1));
    row.push(number(stock.price, 2));
    row
}

/// Returns the stocks without a rank, a line each, with the reason.
#[must_use]
pub fn excluded(ranking: &Ranking) -> Vec<String> {
    let reason =
        |stock: &RankedStock| Some(format!("  {}: {}", stock.symbol, stock.exclusion.as_ref()?));
    ranking.iter().filter_map(reason).collect()
}

/// Returns what became of the orders that an earlier run left open, a line each.
#[must_use]
pub fn resolution(earlier: &Resolution) -> Vec<String> {
    let line = |what: &'static str| {
        move |order: &OrderReport| {
            format!("Earlier order {}: {what}, {} filled", order.id, order.filled)
        }
    };
    let resolved = earlier.resolved.iter().map(line("resolved"));
    let unknown = earlier.unknown.iter().map(line("unknown, and not sent again"));
    let hint = clears(&earlier.unknown).map(str::to_owned);
    let lapsed = earlier.lapsed.iter().map(line("lapsed; compare the positions"));
    let late = earlier.late.iter().map(line("the broker says otherwise behind its end; compare"));
    resolved.chain(unknown).chain(hint).chain(lapsed).chain(late).collect()
}

/// Returns what a person may do about orders of which nobody knows, if there are any.
#[must_use]
pub fn clears(orders: &[OrderReport]) -> Option<&'static str> {
    let is_unknown = |order: &OrderReport| order.status == decile::trade::OrderStatus::Unknown;
    orders.iter().any(is_unknown).then_some(
        "  Look for it in the broker's own program. If it is not found by the next run either, the \
         example clear says what became of it.",
    )
}

/// Returns the plan with the price of each order and what it comes to.
#[must_use]
pub fn plan(plan: &Plan, quotes: &BTreeMap<Symbol, Quote>) -> String {
    if plan.orders().is_empty() {
        return "Nothing to trade.".to_owned();
    }
    let mut table = table(&["", "symbol", "shares", "price", "amount", "note"], &[0, 1, 5]);
    for order in plan.orders() {
        let price = quotes.get(&order.symbol).and_then(Quote::reference);
        let amount = price.and_then(|price| price.notional(order.quantity).ok());
        let text = |value: Option<String>| value.unwrap_or_default();
        table.add_row([
            order.side.to_string(),
            order.symbol.to_string(),
            order.quantity.to_string(),
            text(price.map(at_least_cents)),
            text(amount.map(cents)),
            notes(plan.notes(), &order.symbol),
        ]);
    }
    table.to_string()
}

fn notes(notes: &[Note], symbol: &Symbol) -> String {
    let of_symbol = notes.iter().filter(|note| note.symbol == *symbol);
    of_symbol.map(|note| note.kind.to_string()).collect::<Vec<_>>().join(", ")
}

/// Returns the notes on stocks that the plan has no order for, a line each.
#[must_use]
pub fn unplanned(plan: &Plan) -> Vec<String> {
    let planned = |note: &&Note| !plan.orders().iter().any(|order| order.symbol == note.symbol);
    plan.notes().iter().filter(planned).map(|note| format!("  no order for {note}")).collect()
}

/// Returns the gates of the model and the limits, each allowed or denied, with its reason.
#[must_use]
pub fn checks(gates: &GateReport, checks: &[Check]) -> Table {
    let mut table = table(&["check", "", "reason"], &[0, 1, 2]);
    let gates =
        gates.checks().iter().map(|gate| (gate.name.to_string(), gate.is_open, &gate.reason));
    let checks = checks.iter().map(|check| (check.name.to_string(), check.allowed, &check.reason));
    for (name, allowed, reason) in gates.chain(checks) {
        let verdict = if allowed { "ok" } else { "DENIED" };
        table.add_row([name, verdict.to_owned(), reason.clone()]);
    }
    table
}

/// Returns what became of the orders.
#[must_use]
pub fn fills(report: &ExecutionReport) -> Table {
    let header = ["", "symbol", "shares", "filled", "price", "commission", "status", "reason"];
    let mut table = table(&header, &[0, 1, 6, 7]);
    for order in &report.orders {
        table.add_row(fill(order));
    }
    table
}

/// Returns what the fills cost against the market when they were sent, what the broker charged, and how
/// much of the plan was left undone, in a line.
#[must_use]
pub fn costs(report: &ExecutionReport) -> String {
    let slippage = report.slippage().map_or_else(
        || "slippage not known".to_owned(),
        |slippage| format!("slippage {} ({} bp)", cents(slippage.cost), slippage.basis_points()),
    );
    let commission = report.commission().map_or_else(|| "not known".to_owned(), cents);
    let differences = report.differences();
    let missed: Vec<_> = differences
        .iter()
        .filter(|difference| !difference.is_none())
        .map(|difference| format!("{} {}", difference.missing(), difference.symbol))
        .collect();
    let missed = if missed.is_empty() { "nothing".to_owned() } else { missed.join(", ") };
    format!("{slippage}, commission {commission}, left undone {missed}")
}

fn fill(order: &OrderReport) -> [String; 8] {
    [
        order.side.to_string(),
        order.symbol.to_string(),
        order.quantity.to_string(),
        order.filled.to_string(),
        order.average_price.map_or_else(|| "–".to_owned(), at_least_cents),
        order.commission.map_or_else(|| "–".to_owned(), cents),
        order.status.to_string(),
        order.reason.clone().unwrap_or_default(),
    ]
}

/// Returns the account before and after.
#[must_use]
pub fn accounts(before: (&Account, &[Position]), after: (&Account, &[Position])) -> Table {
    let mut table = table(&["account", "cash", "positions", "equity"], &[0]);
    for (name, (account, positions)) in [("before", before), ("after", after)] {
        table.add_row([
            format!("{} {name}", account.id),
            cents(account.cash),
            positions.len().to_string(),
            cents(account.equity),
        ]);
    }
    table
}

/// A price with two decimals, or as many more as it has.
fn at_least_cents(price: Price) -> String {
    let digits = price.get().normalize().scale().max(2) as usize;
    format!("{:.digits$}", price.get())
}

fn cents(amount: Money) -> String {
    format!("{:.2}", amount.to_cents().get())
}

/// An empty table whose columns are numbers, right-aligned, but for those named.
fn table(header: &[&str], texts: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header);
    for (index, column) in table.column_iter_mut().enumerate() {
        if !texts.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
