//! The market folder: a folder with one file a table. `docs/data-formats.md` describes it.

mod files;
mod kind;
#[cfg(feature = "parquet")]
mod parquet;
mod records;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod write;
mod writer;

pub use write::write_folder;

use crate::Error;
use decile_core::{Calendar, Filing, Market, Tables};
use files::Files;
use std::path::Path;

/// Reads a market folder.
///
/// The folder must have the tables `calendar`, `securities`, `prices`, `actions`, `fundamentals`,
/// `estimates` and `fx`, and may have `membership` and `benchmark`, each as `.csv` or (with the
/// feature `parquet`) as `.parquet`. Columns are found by their names; files and columns of other
/// names are passed over. An empty field is a missing value.
///
/// # Errors
/// The first fault, with file, line and column as far as it has them: a folder, table or column
/// that is not there ([`Error::FolderMissing`], [`Error::NotAFolder`], [`Error::TableMissing`],
/// [`Error::ColumnMissing`], [`Error::ColumnMisspelt`]) or there twice ([`Error::TableTwice`],
/// [`Error::ColumnTwice`]), a row that cannot be read ([`Error::RowLength`],
/// [`Error::InvalidField`], [`Error::NotUtf8`]), rows that contradict each other
/// ([`Error::Inconsistent`]), and what the system refuses ([`Error::Read`], [`Error::Parquet`],
/// [`Error::ParquetDisabled`]).
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// for (file, text) in [
///     ("calendar.csv", "date\n2024-01-02\n2024-01-03\n"),
///     ("securities.csv", "symbol,issuer,sector,trade_ccy,report_ccy,adr_ratio\nKO,Coca-Cola,Consumer Staples,USD,USD,1\n"),
///     ("prices.csv", "date,symbol,close,volume\n2024-01-02,KO,59.82,\n"),
///     ("actions.csv", "symbol,ex_date,kind,value\n"),
///     ("fundamentals.csv", "symbol,period_end,form,filed,report_time,ccy,net_income,book_equity,shares\n"),
///     ("estimates.csv", "symbol,asof,fy1_end,fy1,fy2,fy1_90d,fy2_90d,fy1_std,fy2_std,n_analysts,fy2_up30,fy2_down30,rec,rec_30d\n"),
///     ("fx.csv", "date,ccy,usd_per_unit\n"),
/// ] {
///     std::fs::write(folder.join(file), text)?;
/// }
/// let market = decile_data::read_folder(folder)?;
/// let bars = market.stock(&"KO".parse()?).expect("listed").bars();
/// assert_eq!((bars[0].close, bars[0].volume), (59.82, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_folder(folder: impl AsRef<Path>) -> Result<Market, Error> {
    let files = Files::open(folder.as_ref())?;
    let sessions = files.required()?;
    let tables = Tables {
        securities: files.required()?,
        prices: files.required()?,
        actions: files.required()?,
        filings: files.required()?,
        estimates: files.required()?,
        fx: files.required()?,
        membership: files.optional()?,
        benchmark: files.optional()?.unwrap_or_default(),
    };
    Calendar::from_sessions(sessions)
        .and_then(|calendar| Market::new(calendar, tables))
        .map_err(|source| files.inconsistent(source))
}

/// Reads the fundamentals of a market folder alone, in the order of their file.
///
/// A [`Market`] keeps that order per stock only.
///
/// # Errors
/// As [`read_folder`], but for faults in other tables and rows that contradict each other.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let text = "symbol,period_end,form,filed,report_time,ccy,net_income,book_equity,shares\n\
///             KO,2023-12-31,10-K,2024-02-20,pre,USD,1.97e9,2.59e10,4.3e9\n";
/// std::fs::write(folder.join("fundamentals.csv"), text)?;
/// assert_eq!(decile_data::read_filings(folder)?[0].net_income, Some(1.97e9));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_filings(folder: impl AsRef<Path>) -> Result<Vec<Filing>, Error> {
    Files::open(folder.as_ref())?.required()
}
