//! Writes a market as a market folder, all of it or nothing.

use super::records::Record;
use super::writer::write_table;
use crate::Error;
use decile_core::{Bar, Market, Membership, Stock, Symbol};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Writes a market as a market folder of CSV files, which reads back as an equal market.
///
/// The folder, and those above it, are made if they are not there. It appears in one step when
/// every file is complete: a failure leaves nothing half-written. Every column of the format is
/// written; `membership.csv` and `benchmark.csv` only if the market has them. Numbers have the
/// fewest digits that read back as the same number.
///
/// # Errors
/// [`Error::FolderOccupied`] if the folder holds anything, [`Error::NotAFolder`] if it is a file, and
/// [`Error::Write`] if the system refuses.
///
/// ```
/// # use chrono::NaiveDate;
/// # use decile_core::{Bar, Calendar, Market, Security, Tables};
/// # let day = |d| NaiveDate::from_ymd_opt(2024, 1, d).expect("a date");
/// # let mut tables = Tables::default();
/// # tables.securities.push(Security::us("KO".parse()?, "Coca-Cola", "Consumer Staples"));
/// # tables.prices.push(("KO".parse()?, Bar::close_only(day(2), 59.82)));
/// # let market = Market::new(Calendar::from_sessions(vec![day(2), day(3)])?, tables)?;
/// # let scratch = tempfile::tempdir()?;
/// let folder = scratch.path().join("market");
/// decile_data::write_folder(&market, &folder)?;
/// let prices = std::fs::read_to_string(folder.join("prices.csv"))?;
/// assert_eq!(prices, "date,symbol,open,high,low,close,volume\n2024-01-02,KO,,,,59.82,\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_folder(market: &Market, folder: impl AsRef<Path>) -> Result<(), Error> {
    let folder = folder.as_ref();
    check_vacant(folder)?;
    let refused = |source| Error::Write { path: folder.to_owned(), source };
    // Beside the folder, so that both are on one file system and a rename moves it.
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(refused)?;
    let scratch =
        tempfile::Builder::new().prefix(".market-").tempdir_in(parent).map_err(refused)?;
    // The scratch folder is readable by its owner alone; one made inside it is an ordinary one.
    let complete = scratch.path().join("market");
    fs::create_dir(&complete).map_err(refused)?;
    write_tables(market, &complete)?;
    // A rename onto an empty folder works on Unix only.
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused(error)),
        _ => fs::rename(&complete, folder).map_err(refused),
    }
}

fn check_vacant(folder: &Path) -> Result<(), Error> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Error::FolderOccupied { path: folder.to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(Error::NotAFolder { path: folder.to_owned() })
        }
        Err(source) => Err(Error::Write { path: folder.to_owned(), source }),
    }
}

fn write_tables(market: &Market, folder: &Path) -> Result<(), Error> {
    let stocks = market.stocks();
    write_file(folder, market.calendar().sessions().iter().copied())?;
    write_file(folder, stocks.iter().map(|stock| stock.security().clone()))?;
    write_file(folder, prices(market))?;
    write_file(folder, stocks.iter().flat_map(Stock::actions).cloned())?;
    write_file(folder, stocks.iter().flat_map(Stock::filings).cloned())?;
    write_file(folder, stocks.iter().flat_map(Stock::estimates).cloned())?;
    write_file(folder, market.fx_rates().copied())?;
    if let Some(membership) = membership(stocks) {
        write_file(folder, membership.into_iter())?;
    }
    if !market.benchmark().is_empty() {
        write_file(folder, market.benchmark().iter().copied())?;
    }
    Ok(())
}

fn write_file<const N: usize, R: Record<N>>(
    folder: &Path,
    rows: impl Iterator<Item = R>,
) -> Result<(), Error> {
    let path = folder.join(format!("{}.csv", R::TABLE));
    let written = File::create_new(&path).and_then(|file| write_table(file, rows));
    written.map_err(|source| Error::Write { path, source })
}

/// Returns the bars session by session, and by symbol within one.
fn prices(market: &Market) -> impl Iterator<Item = (Symbol, Bar)> {
    let mut rows: Vec<(&Symbol, &Bar)> = market
        .stocks()
        .iter()
        .flat_map(|stock| stock.bars().iter().map(|bar| (stock.symbol(), bar)))
        .collect();
    // Stable, so the order of the symbols stays.
    rows.sort_by_key(|(_, bar)| bar.date);
    rows.into_iter().map(|(symbol, bar)| (symbol.clone(), *bar))
}

/// Returns the spans of every stock; `None` if all of them are always members.
fn membership(stocks: &[Stock]) -> Option<Vec<Membership>> {
    let spans = stocks.iter().map(Stock::membership).collect::<Option<Vec<_>>>()?;
    Some(spans.concat())
}
