//! A run as JSON: scores are numbers, money and prices are decimal strings.

use chrono::NaiveDate;
use decile::core::{Decimal, Money, Price, Shares, Symbol};
use decile::rank::{GateCheck, GateReport, Ranking};
use decile::trade::{Account, Check, Difference, ExecutionReport, Plan, Position, Side};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Everything that a run decided and did.
///
/// ```
/// use decile_examples::summary::OrderLine;
///
/// let planned = OrderLine::default();
/// assert_eq!(planned.status, "planned");
/// ```
#[derive(Debug, Serialize)]
pub struct Summary {
    as_of: NaiveDate,
    strategy: String,
    model: String,
    model_version: u32,
    model_hash: String,
    ranking: Vec<RankLine>,
    /// The orders with what became of them.
    pub orders: Vec<OrderLine>,
    /// The limits, each allowed or not.
    pub checks: Vec<CheckLine>,
    /// What trading cost; None if nothing was sent.
    execution: Option<ExecutionLine>,
    account_before: AccountLine,
    /// None if the broker did not say.
    account_after: Option<AccountLine>,
}

#[derive(Debug, Serialize)]
struct RankLine {
    symbol: Symbol,
    rank: Option<usize>,
    q_score: Option<f64>,
    decile: Option<u8>,
    composite: Option<f64>,
    eligible: bool,
    reason: Option<String>,
}

/// One order.
#[derive(Debug, Serialize)]
pub struct OrderLine {
    /// The stock.
    pub symbol: Option<Symbol>,
    /// Which way.
    pub side: Option<Side>,
    /// Shares asked for.
    pub quantity: Shares,
    /// filled, partial, working, rejected, not_sent, unknown or planned.
    pub status: String,
    /// Shares filled.
    pub filled: Shares,
    /// Their average price.
    pub average_price: Option<Price>,
    /// Commission paid.
    pub commission: Option<Money>,
    /// Why it is not simply filled.
    pub reason: Option<String>,
    /// What the stock traded at when it was sent, or was approved with where nobody asked.
    pub arrival_price: Option<Price>,
    /// What the fills cost against that, in basis points; below 0 is a gain.
    pub slippage_bp: Option<Decimal>,
}

impl Default for OrderLine {
    fn default() -> Self {
        Self {
            symbol: None,
            side: None,
            quantity: Shares::ZERO,
            status: "planned".to_owned(),
            filled: Shares::ZERO,
            average_price: None,
            commission: None,
            reason: None,
            arrival_price: None,
            slippage_bp: None,
        }
    }
}

/// One limit.
#[derive(Debug, Serialize)]
pub struct CheckLine {
    name: String,
    allowed: bool,
    reason: String,
}

#[derive(Debug, Serialize)]
struct ExecutionLine {
    commission: Option<Money>,
    slippage: Option<Money>,
    slippage_bp: Option<Decimal>,
    /// The plan beside what has filled, an entry for each order of which something is missing.
    differences: Vec<Difference>,
}

#[derive(Debug, Clone, Serialize)]
struct AccountLine {
    id: String,
    cash: Money,
    equity: Money,
    positions: Vec<PositionLine>,
}

#[derive(Debug, Clone, Serialize)]
struct PositionLine {
    symbol: Symbol,
    quantity: Shares,
    average_cost: Money,
}

impl Summary {
    /// Begins with what was ranked, planned and held; the account after is the one before.
    #[must_use]
    pub fn new(ranking: &Ranking, plan: &Plan, account: &Account, positions: &[Position]) -> Self {
        let before = AccountLine::new(account, positions);
        let planned = plan.orders().iter().map(|order| OrderLine {
            symbol: Some(order.symbol.clone()),
            side: Some(order.side),
            quantity: order.quantity,
            ..OrderLine::default()
        });
        Self {
            as_of: ranking.as_of(),
            strategy: plan.strategy().to_string(),
            model: ranking.model().to_owned(),
            model_version: ranking.model_version(),
            model_hash: ranking.model_hash().to_owned(),
            ranking: ranking.iter().map(RankLine::new).collect(),
            orders: planned.collect(),
            checks: Vec::new(),
            execution: None,
            account_after: Some(before.clone()),
            account_before: before,
        }
    }

    /// Adds what the gates of the model and the limits said.
    pub fn checked(&mut self, gates: &GateReport, checks: &[Check]) {
        let gate = |gate: &GateCheck| CheckLine {
            name: gate.name.to_string(),
            allowed: gate.is_open,
            reason: gate.reason.clone(),
        };
        let line = |check: &Check| CheckLine {
            name: check.name.to_string(),
            allowed: check.allowed,
            reason: check.reason.clone(),
        };
        self.checks = gates.checks().iter().map(gate).chain(checks.iter().map(line)).collect();
    }

    /// Says that a check kept the orders from being sent.
    pub fn denied(&mut self) {
        for order in &mut self.orders {
            order.status = "not_sent".to_owned();
        }
    }

    /// Adds what became of the orders, and of the account.
    pub fn executed(&mut self, report: &ExecutionReport, after: Option<(&Account, &[Position])>) {
        let line = |order: &decile::trade::OrderReport| OrderLine {
            symbol: Some(order.symbol.clone()),
            side: Some(order.side),
            quantity: order.quantity,
            status: order.status.to_string(),
            filled: order.filled,
            average_price: order.average_price,
            commission: order.commission,
            reason: order.reason.clone(),
            arrival_price: order.arrival.or(order.reference),
            slippage_bp: order.slippage().map(|slippage| slippage.basis_points()),
        };
        self.execution = Some(ExecutionLine::new(report));
        self.orders = report.orders.iter().map(line).collect();
        self.account_after = after.map(|(account, positions)| AccountLine::new(account, positions));
    }
}

impl RankLine {
    fn new(stock: &decile::rank::RankedStock) -> Self {
        Self {
            symbol: stock.symbol.clone(),
            rank: stock.rank,
            q_score: stock.q_score,
            decile: stock.decile,
            composite: stock.composite,
            eligible: stock.is_eligible(),
            reason: stock.exclusion.as_ref().map(ToString::to_string),
        }
    }
}

impl ExecutionLine {
    fn new(report: &ExecutionReport) -> Self {
        let slippage = report.slippage();
        let differences = report.differences().into_iter();
        Self {
            commission: report.commission(),
            slippage: slippage.map(|slippage| slippage.cost),
            slippage_bp: slippage.map(|slippage| slippage.basis_points()),
            differences: differences.filter(|difference| !difference.is_none()).collect(),
        }
    }
}

impl AccountLine {
    fn new(account: &Account, positions: &[Position]) -> Self {
        let line = |position: &Position| PositionLine {
            symbol: position.symbol.clone(),
            quantity: position.quantity,
            average_cost: position.average_cost,
        };
        Self {
            id: account.id.to_string(),
            cash: account.cash,
            equity: account.equity,
            positions: positions.iter().map(line).collect(),
        }
    }
}

/// A temporary file that takes the permissions of an ordinary one: it is to be read by others.
fn readable_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Why there is nowhere to write the JSON to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the JSON to {}: choose another file for --json", path.display())]
pub struct OutputError {
    path: Box<Path>,
    source: io::Error,
}

/// Where the JSON goes. A file is opened before anything is traded and takes its name only when it
/// is whole, so a run that fails leaves none.
#[derive(Debug)]
pub enum Output {
    /// Nobody wants it.
    None,
    /// Standard output.
    Stdout,
    /// A file that does not have its name yet.
    File(NamedTempFile, Box<Path>),
}

impl Output {
    /// Prepares the output: none, `-` for standard output, or a file.
    ///
    /// # Errors
    /// If the path is a folder, or if nothing can be written beside it.
    pub fn open(path: Option<&Path>) -> Result<Self, OutputError> {
        let Some(path) = path else { return Ok(Self::None) };
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let failed = |source| OutputError { path: path.into(), source };
        if path.is_dir() || path.file_name().is_none() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Its own words would name the temporary file, which nobody asked for.
        let file = readable_file(folder.unwrap_or(Path::new(".")))
            .map_err(|error| failed(error.kind().into()))?;
        Ok(Self::File(file, path.into()))
    }

    /// Writes the summary. A reader of standard output who has gone away is no error.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(self, summary: &Summary) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(summary)?;
        text.push('\n');
        match self {
            Self::None => Ok(()),
            Self::Stdout => match io::stdout().write_all(text.as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written,
            },
            Self::File(mut file, path) => {
                file.write_all(text.as_bytes())?;
                file.as_file().sync_all()?;
                file.persist(path)?;
                Ok(())
            }
        }
    }
}
