//! The same scores as polars expressions, from a long frame in memory.
//!
//! The fairest form that we know: one lazy query, so that polars may share and reorder its steps; rows
//! by session and symbol without gaps, so that a row 21 sessions ago is a plain shift; sessions that are
//! numbers and known to be sorted. Composites count as equal when they agree to 12 decimals, which saves polars the chains of
//! ties.

use decile::factor::{Field, Panel};
use polars::prelude::*;
use polars::series::IsSorted;

/// A panel as a frame: `session` and `symbol` as numbers, and a column per field, null = missing.
#[derive(Debug, Clone)]
pub struct Peer {
    frame: DataFrame,
    /// Rows back to the sessions a month and a year ago.
    month: i64,
    year: i64,
    /// The only session that is scored; all if there is none.
    only: Option<u32>,
}

const MONTH_SESSIONS: usize = 21;
const YEAR_SESSIONS: usize = 252;

/// What is done to every factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Winsorised, population z-score, clipped.
    Scores,
    /// Percentiles.
    Ranks,
}

const GROUPS: [(&str, &[&str]); 4] = [
    ("value", &["ey_ttm", "bm"]),
    ("price", &["mom_12_1", "rev_1m"]),
    ("quality", &["roe"]),
    ("earnings", &["eg_sym", "em_3m"]),
];

impl Peer {
    /// Copies all rows.
    ///
    /// # Errors
    /// What polars refuses.
    pub fn new(panel: &Panel) -> PolarsResult<Self> {
        let sessions: Vec<usize> = (0..panel.sessions().len()).collect();
        let rows = |sessions: usize| signed(sessions * panel.symbols().len());
        let (month, year) = (rows(MONTH_SESSIONS), rows(YEAR_SESSIONS));
        Ok(Self { frame: frame(panel, &sessions)?, month, year, only: None })
    }

    /// Copies what scoring the last session takes: its rows and those a month and a year before it, so
    /// that polars has nothing to look for.
    ///
    /// # Errors
    /// What polars refuses.
    pub fn last(panel: &Panel) -> PolarsResult<Self> {
        let last = panel.sessions().len() - 1;
        let frame = frame(panel, &[last - YEAR_SESSIONS, last - MONTH_SESSIONS, last])?;
        let width = signed(panel.symbols().len());
        Ok(Self { frame, month: width, year: 2 * width, only: u32::try_from(last).ok() })
    }

    /// Computes composite, Q score, ordinal, decile and coverage of every row.
    ///
    /// # Errors
    /// What polars refuses.
    pub fn scores(&self, scaling: Scaling) -> PolarsResult<DataFrame> {
        self.query(scaling).collect()
    }

    fn query(&self, scaling: Scaling) -> LazyFrame {
        let inside = self.factors().into_iter().map(|(name, value)| {
            when(col("universe")).then(value).otherwise(lit(NULL)).alias(name)
        });
        let names: Vec<&str> = GROUPS.iter().flat_map(|(_, members)| *members).copied().collect();
        let query = self.frame.clone().lazy().select(
            [col("session"), col("universe")].into_iter().chain(inside).collect::<Vec<_>>(),
        );
        let query = match self.only {
            Some(session) => query.filter(col("session").eq(lit(session))),
            None => query,
        };
        let query = match scaling {
            Scaling::Scores => {
                let clipped = names.iter().map(|name| winsorised(col(*name)).alias(*name));
                let query = query.with_columns(clipped.collect::<Vec<_>>());
                let scaled = names
                    .iter()
                    .map(|name| z(col(*name)).clip(lit(-3.0), lit(3.0)).alias(z_of(name)));
                query.with_columns(scaled.collect::<Vec<_>>())
            }
            Scaling::Ranks => {
                let ranked =
                    names.iter().map(|name| (percentile(col(*name)) - lit(0.5)).alias(z_of(name)));
                query.with_columns(ranked.collect::<Vec<_>>())
            }
        };
        let raw = GROUPS.iter().map(|(group, members)| raw(members).alias(*group));
        let query =
            query.with_columns(raw.chain([coverage().alias("coverage")]).collect::<Vec<_>>());
        let groups = GROUPS.iter().map(|(group, _)| z(col(*group)).fill_null(lit(0.0)) * lit(0.25));
        let composite = groups.reduce(|sum, group| sum + group).unwrap_or(lit(0.0));
        let eligible = col("universe")
            .and(col("coverage").gt_eq(lit(0.60 - 1e-12)))
            .and(col("mom_12_1").is_not_null());
        let query = query
            .with_column(when(eligible).then(composite).otherwise(lit(NULL)).alias("composite"));
        ranked(query)
    }

    fn factors(&self) -> [(&'static str, Expr); 7] {
        let income = || col("ttm(net_income)");
        let book = || col("quarter(book_equity, 0)");
        let book_ago = || col("quarter_year_ago(book_equity, 0)");
        let cap = || col("close") * col("listed_shares");
        let fx = || col("fx");
        let average = when(book().lt_eq(lit(0.0)))
            .then(lit(NULL))
            .when(book_ago().is_null())
            .then(book())
            .when(book_ago().gt(lit(0.0)))
            .then((book() + book_ago()) / lit(2.0))
            .otherwise(lit(NULL));
        let ago = |name: &str, rows: i64| col(name).shift(lit(rows));
        let closes = col("closes_observed") - ago("closes_observed", self.year);
        let before = ago("total_return", self.month);
        let momentum = before.clone() / ago("total_return", self.year) - lit(1.0);
        let changes = [
            growth(col("estimate(fy1)"), col("estimate(fy1_90d)")),
            growth(col("estimate(fy2)"), col("estimate(fy2_90d)")),
        ];
        let [first, second] = changes;
        let either = when(first.clone().is_null())
            .then(second.clone())
            .when(second.clone().is_null())
            .then(first.clone())
            .otherwise((first + second) / lit(2.0));
        [
            ("ey_ttm", income() * fx() / cap()),
            ("bm", when(book().gt(lit(0.0))).then(book() * fx() / cap()).otherwise(lit(NULL))),
            ("mom_12_1", when(closes.gt_eq(lit(200.0))).then(momentum).otherwise(lit(NULL))),
            ("rev_1m", lit(1.0) - col("total_return") / before),
            ("roe", income() / average),
            ("eg_sym", growth(income(), col("ttm_year_ago(net_income)"))),
            ("em_3m", either),
        ]
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The rows of some sessions, which rise.
fn frame(panel: &Panel, sessions: &[usize]) -> PolarsResult<DataFrame> {
    let width = panel.symbols().len();
    let keys = || sessions.iter().map(|session| u32::try_from(*session).unwrap_or(u32::MAX));
    let of_session = keys().flat_map(|session| std::iter::repeat_n(session, width));
    let mut of_session = UInt32Chunked::from_iter_values("session".into(), of_session);
    of_session.set_sorted_flag(IsSorted::Ascending);
    let universe = sessions.iter().flat_map(|session| panel.universe(*session)).copied();
    let universe = BooleanChunked::from_iter_values("universe".into(), universe);
    let mut columns = vec![of_session.into_column(), universe.into_column()];
    for field in panel.fields() {
        let rows = sessions.iter().flat_map(|session| panel.row(field, *session));
        let known = rows.flatten().map(|value| Some(*value).filter(|value| !value.is_nan()));
        columns.push(Float64Chunked::from_iter_options(name(field).into(), known).into_column());
    }
    DataFrame::new(sessions.len() * width, columns)
}

/// The name of a field's column.
fn name(field: &Field) -> String {
    field.to_string()
}

fn z_of(factor: &str) -> String {
    format!("z_{factor}")
}

/// 0 / 0 is missing.
fn growth(now: Expr, then: Expr) -> Expr {
    let size = (now.clone().abs() + then.clone().abs()) / lit(2.0);
    let change = (now - then) / size.clone();
    when(size.gt(lit(0.0))).then(change).otherwise(lit(NULL))
}

fn of_session(expression: Expr) -> Expr {
    expression.over([col("session")]).expect("one column to group by")
}

fn winsorised(values: Expr) -> Expr {
    let quantile = |at: f64| of_session(values.clone().quantile(lit(at), QuantileMethod::Linear));
    values.clone().clip(quantile(0.05), quantile(0.95))
}

/// Values that are all equal are 0.
fn z(values: Expr) -> Expr {
    let spread = of_session(values.clone().max() - values.clone().min());
    let score =
        (values.clone() - of_session(values.clone().mean())) / of_session(values.clone().std(0));
    when(values.is_null())
        .then(lit(NULL))
        .when(spread.lt_eq(lit(1e-12)))
        .then(lit(0.0))
        .otherwise(score)
}

fn average_rank(values: Expr) -> Expr {
    let options = RankOptions { method: RankMethod::Average, descending: false };
    of_session(values.rank(options, None))
}

/// From 0 to 1; a half for a single value.
fn percentile(values: Expr) -> Expr {
    let count = of_session(values.clone().count()).cast(DataType::Float64);
    when(values.clone().is_null())
        .then(lit(NULL))
        .when(count.clone().eq(lit(1.0)))
        .then(lit(0.5))
        .otherwise((average_rank(values) - lit(1.0)) / (count - lit(1.0)))
}

/// The weighted mean of a group's members over all weights; missing without any.
fn raw(members: &[&str]) -> Expr {
    let share = 1.0 / members.len() as f64;
    let known = |name: &&str| col(z_of(name)).is_not_null();
    let any = members.iter().map(known).reduce(Expr::or).unwrap_or(lit(false));
    let part = |name: &&str| col(z_of(name)).fill_null(lit(0.0)) * lit(share);
    let sum = members.iter().map(part).reduce(|sum, part| sum + part).unwrap_or(lit(0.0));
    when(any).then(sum).otherwise(lit(NULL))
}

fn coverage() -> Expr {
    let of_group = |(_, members): &(&str, &'static [&'static str])| {
        let share = 0.25 / members.len() as f64;
        members.iter().map(move |name| {
            when(col(z_of(name)).is_not_null()).then(lit(share)).otherwise(lit(0.0))
        })
    };
    GROUPS.iter().flat_map(of_group).reduce(|sum, share| sum + share).unwrap_or(lit(0.0))
}

fn ranked(query: LazyFrame) -> LazyFrame {
    let descending = RankOptions { method: RankMethod::Ordinal, descending: true };
    let rounded = || col("rounded");
    let count = || of_session(rounded().count()).cast(DataType::Int64);
    // Symbols ascend, so of ties the first, the alphabetically smaller one, is the better.
    let place = of_session(rounded().rank(descending, None)).cast(DataType::Int64);
    let decile = when(count().gt_eq(lit(10)))
        .then((col("ordinal") - lit(1)) * lit(10) / count() + lit(1))
        .otherwise(lit(NULL));
    query
        .with_column(col("composite").round(12, RoundMode::HalfToEven).alias("rounded"))
        .with_columns([
            (lit(100.0) * percentile(rounded())).alias("q_score"),
            (count() + lit(1) - place).alias("ordinal"),
        ])
        .select([
            col("composite"),
            col("q_score"),
            col("ordinal"),
            decile.alias("decile"),
            col("coverage"),
        ])
}
