//! The columns that an expression can name.

use crate::frame::numbers;
use crate::{Field, Series, Window};
use polars::prelude as polars;
use polars::{
    BooleanChunked, DataType, Expr, IntoColumn, NamedFrom, NewChunkedArray, StringChunked,
};
use smol_str::SmolStr;
use std::borrow::Borrow;

/// What stands between a name and a number of sessions.
const AGO: char = '@';

/// Returns the column of a field at this session.
///
/// ```
/// use decile_factor::{Field, Item, expr::today};
///
/// assert_eq!(today(Field::Ttm(Item::NetIncome)), polars::prelude::col("ttm(net_income)"));
/// ```
pub fn today(field: impl Borrow<Field>) -> Expr {
    polars::col(field.borrow().to_string())
}

/// Returns the column of a field so many sessions ago.
///
/// ```
/// use decile_factor::{Field, expr::ago};
///
/// assert_eq!(ago(Field::Close, 21), polars::prelude::col("close@21"));
/// ```
pub fn ago(field: impl Borrow<Field>, sessions: usize) -> Expr {
    polars::col(format!("{}{AGO}{sessions}", field.borrow()))
}

/// A column of the frame that an expression sees.
#[derive(Debug, Clone)]
pub(super) struct Column {
    name: SmolStr,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Field(Field, usize),
    Series(Series, usize),
    Symbol,
    Sector,
    Issuer,
    Universe,
}

/// The columns that an expression names, each once.
pub(super) fn named_in(expression: &Expr) -> Result<Vec<Column>, String> {
    let mut names: Vec<SmolStr> = Vec::new();
    for part in expression {
        match part {
            Expr::Column(name) => names.push(SmolStr::new(name.as_str())),
            Expr::Selector(_) => {
                return Err("it selects columns by a pattern; name each of them".to_owned());
            }
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Err("it names no column, so it knows nothing of any stock".to_owned());
    }
    Ok(names.into_iter().map(Column::new).collect())
}

impl Column {
    fn new(name: SmolStr) -> Self {
        let content = match name.as_str() {
            "symbol" => Content::Symbol,
            "sector" => Content::Sector,
            "issuer" => Content::Issuer,
            "universe" => Content::Universe,
            other => {
                let parts = other.rsplit_once(AGO);
                let lagged = parts.and_then(|(name, ago)| Some((name, ago.parse().ok()?)));
                let (name, sessions) = lagged.unwrap_or((other, 0));
                if name == Series::Benchmark.to_string() {
                    Content::Series(Series::Benchmark, sessions)
                } else {
                    Content::Field(Field::named(name), sessions)
                }
            }
        };
        Self { name, content }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The field that is read, if it is one.
    pub(super) fn field(&self) -> Option<&Field> {
        match &self.content {
            Content::Field(field, _) => Some(field),
            _ => None,
        }
    }

    pub(super) fn sessions_ago(&self) -> usize {
        match self.content {
            Content::Field(_, sessions) | Content::Series(_, sessions) => sessions,
            _ => 0,
        }
    }

    pub(super) fn data_type(&self) -> DataType {
        match self.content {
            Content::Field(..) | Content::Series(..) => DataType::Float64,
            Content::Symbol | Content::Sector | Content::Issuer => DataType::String,
            Content::Universe => DataType::Boolean,
        }
    }

    /// One value per stock of the window.
    pub(super) fn read(&self, window: &Window<'_>) -> polars::Column {
        let names = |values: &mut dyn Iterator<Item = &str>| {
            StringChunked::from_iter_values(self.name().into(), values).into_column()
        };
        match &self.content {
            Content::Field(field, sessions) => {
                numbers(self.name(), window.ago(field, *sessions).iter().copied())
            }
            Content::Series(series, sessions) => {
                let level = window.series(*series, *sessions);
                numbers(self.name(), window.symbols().iter().map(|_| level))
            }
            Content::Symbol => names(&mut window.symbols().iter().map(decile_core::Symbol::as_str)),
            Content::Sector => names(&mut window.sectors().iter().map(SmolStr::as_str)),
            Content::Issuer => names(&mut window.issuers().iter().map(SmolStr::as_str)),
            Content::Universe => {
                BooleanChunked::new(self.name().into(), window.universe()).into_column()
            }
        }
    }
}
