//! Factors that are polars expressions (feature `expr`).
//!
//! An expression sees one session: a frame with a row per stock, in the order of their symbols. Its
//! columns are what the window shows, so there is no row of a later session, nor of an earlier one;
//! the past stands beside the present, in columns of its own:
//!
//! | column | what it holds |
//! |---|---|
//! | [`today`] | a field of this session, under the name that the [`Field`] prints, such as `close` or `ttm(net_income)`; any other name is [`Field::Custom`] |
//! | [`ago`] | a field so many sessions ago: `close@21` |
//! | `benchmark`, `benchmark@21` | the benchmark, the same for all stocks |
//! | `symbol`, `sector`, `issuer` | names (String) |
//! | `universe` | whether the stock is in the universe (Boolean) |
//!
//! Missing is null, as in all frames of decile. Statistics such as a mean run over every row, and so
//! over stocks outside the universe too, unless the expression says otherwise.

mod column;

pub use column::{ago, today};

use crate::{Error, Factor, Field, Window};
use column::Column;
use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, LazyFrame, PolarsResult, Schema, polars_bail,
};
use polars_core::runtime::RAYON;

/// A polars expression over the stocks of a session, as a factor. Larger is better.
///
/// Its inputs and its lookback are read off the columns that it names. Booleans count as 0 and 1; a
/// single number, such as a mean, is that of all stocks.
///
/// An expression is planned anew at every session, which costs some tenths of a millisecond; and a
/// long rolling statistic names as many columns as it has sessions. The factors of the
/// [library](crate::library) are much faster.
///
/// ```
/// use decile_data::SyntheticMarket;
/// use decile_factor::expr::{ExprFactor, ago, today};
/// use decile_factor::{Engine, Factor, Field, Panel, conformance::Suite};
/// use polars::prelude::*;
/// use std::sync::Arc;
///
/// let market = SyntheticMarket::default().years(2).generate()?;
/// let change = today(Field::TotalReturn) / ago(Field::TotalReturn, 5);
/// let reversal: Arc<dyn Factor> = Arc::new(ExprFactor::new("reversal_5d", lit(1.0) - change)?);
/// assert_eq!((reversal.inputs(), reversal.lookback()), (&[Field::TotalReturn][..], 5));
///
/// Suite::new(&market)?.check(&reversal)?;
/// let panel = Panel::new(&market, reversal.inputs());
/// let values = Engine::new(&panel, &[reversal])?.session(300)?;
/// assert!(values.factor(0).iter().filter(|value| !value.is_nan()).count() > 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExprFactor {
    name: String,
    expression: Expr,
    columns: Vec<Column>,
    inputs: Vec<Field>,
    lookback: usize,
}

/// What the expression's column is called; it may hide one of the frame's, which is not read again.
const VALUE: &str = "factor";

impl ExprFactor {
    /// Makes a factor of an expression.
    ///
    /// # Errors
    /// [`Error::Expression`] if it names no column, selects columns by a pattern, gives no numbers, or
    /// does not fit the types of its columns.
    pub fn new(name: &str, expression: Expr) -> Result<Self, Error> {
        let refused = |reason| Error::Expression { factor: name.to_owned(), reason };
        let columns = column::named_in(&expression).map_err(refused)?;
        let inputs = columns.iter().filter_map(Column::field).cloned();
        let mut inputs: Vec<Field> = inputs.collect();
        inputs.sort();
        inputs.dedup();
        let lookback = columns.iter().map(Column::sessions_ago).max().unwrap_or(0);
        let factor = Self { name: name.to_owned(), expression, columns, inputs, lookback };
        factor.check_types().map_err(|error| refused(error.to_string()))?;
        Ok(factor)
    }

    /// Plans the expression on a frame without rows.
    fn check_types(&self) -> PolarsResult<()> {
        let fields = self.columns.iter().map(|column| (column.name().into(), column.data_type()));
        let frame = DataFrame::empty_with_schema(&fields.collect::<Schema>());
        let schema = frame.lazy().select([self.value()]).collect_schema()?;
        match schema.get(VALUE) {
            Some(kind) if kind.is_primitive_numeric() || *kind == DataType::Boolean => Ok(()),
            Some(kind) => polars_bail!(SchemaMismatch: "it gives values of type {kind}"),
            None => polars_bail!(SchemaMismatch: "it gives nothing"),
        }
    }

    fn value(&self) -> Expr {
        self.expression.clone().alias(VALUE)
    }

    fn evaluate(&self, window: &Window<'_>, out: &mut [f64]) -> PolarsResult<()> {
        let columns = self.columns.iter().map(|column| column.read(window)).collect();
        let frame = DataFrame::new(out.len(), columns)?;
        // Beside the other columns, so that a single number becomes one for each row, and another
        // number of values than rows is refused.
        let frame = collected(frame.lazy().with_columns([self.value()]))?;
        let values = frame.column(VALUE)?.cast(&DataType::Float64)?;
        for (out, value) in out.iter_mut().zip(values.f64()?.iter()) {
            *out = value.unwrap_or(f64::NAN);
        }
        Ok(())
    }
}

/// Runs a query in polars' own pool, and waits for it on a plain thread.
///
/// A thread of the engine's pool that waited itself would take up the next session meanwhile, which
/// waits too, and so on until its stack is used up. And what polars does outside of its pool, it does
/// in the pool of the caller, whose threads may all be waiting.
fn collected(query: LazyFrame) -> PolarsResult<DataFrame> {
    let collect = || RAYON.install(|| query.collect());
    std::thread::scope(|scope| match scope.spawn(collect).join() {
        Ok(frame) => frame,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

impl Factor for ExprFactor {
    fn name(&self) -> &str {
        &self.name
    }

    fn inputs(&self) -> &[Field] {
        &self.inputs
    }

    fn lookback(&self) -> usize {
        self.lookback
    }

    fn compute(&self, window: &Window<'_>, out: &mut [f64]) {
        if let Err(error) = self.evaluate(window, out) {
            window.refuse(error.to_string());
        }
    }
}
