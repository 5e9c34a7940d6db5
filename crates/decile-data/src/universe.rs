//! Lists of stocks to fetch.
//!
//! A list is today's: ranking its past is survivorship and look-ahead in one. A dated universe is
//! the table `membership` of a market folder.

use crate::{Error, Location};
use decile_core::Symbol;
use std::fs;
use std::path::Path;

/// Thirty large companies of the USA, as an example with edges: a share class (BRK.B), little or
/// negative book equity (MCD, HD, ABBV), banks (JPM, BAC), splits since 2020 (NVDA, WMT, NFLX, AMZN,
/// GOOGL, TSLA) and fiscal years of their own (ORCL, ADBE, COST, WMT, NVDA).
const US_LARGE_30: [&str; 30] = [
    "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "BRK.B", "JPM", "V", "MA", "UNH",
    "JNJ", "LLY", "PG", "KO", "PEP", "WMT", "COST", "HD", "MCD", "XOM", "CVX", "BAC", "ABBV",
    "MRK", "CSCO", "ORCL", "ADBE", "NFLX",
];

/// Returns thirty large companies of the USA: an example, chosen by hand and with hindsight.
///
/// ```
/// use decile_data::universe;
///
/// let symbols = universe::us_large_30();
/// assert_eq!(symbols.len(), 30);
/// assert_eq!(symbols[7], "BRK.B");
/// ```
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "the list is a constant")]
pub fn us_large_30() -> Vec<Symbol> {
    let symbol = |text: &&str| text.parse().expect("each of the thirty is a symbol");
    US_LARGE_30.iter().map(symbol).collect()
}

/// Reads symbols that are divided by commas, as in `AAPL,MSFT,BRK.B`.
///
/// # Errors
/// [`Error::InvalidUniverse`] for what is no symbol, stands there twice, or an empty list.
///
/// ```
/// use decile_data::universe;
///
/// assert_eq!(universe::of_list("KO, PEP")?, ["KO", "PEP"]);
/// assert!(universe::of_list("KO,PEP,KO").is_err());
/// # Ok::<(), decile_data::Error>(())
/// ```
pub fn of_list(text: &str) -> Result<Vec<Symbol>, Error> {
    checked(text.split(',').map(|symbol| ("the list of symbols".to_owned(), symbol)))
}

/// Reads a file with a symbol on each line; what follows a `#` is a comment.
///
/// # Errors
/// [`Error::Read`] if the system refuses, and [`Error::InvalidUniverse`] for a line that is no
/// symbol or repeats one, or a file without any.
///
/// ```
/// use decile_data::universe;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("soft-drinks.txt");
/// std::fs::write(&path, "# for a hot day\nKO\nPEP  # and chips\n")?;
/// assert_eq!(universe::of_file(&path)?, ["KO", "PEP"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn of_file(path: impl AsRef<Path>) -> Result<Vec<Symbol>, Error> {
    let path = path.as_ref();
    let refused = |source| Error::Read { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(refused)?;
    let lines = text.lines().zip(1..).filter_map(|(line, number)| {
        let symbol = line.split('#').next().unwrap_or_default();
        let at = Location::line(path, number).to_string();
        (!symbol.trim().is_empty()).then_some((at, symbol))
    });
    checked(lines)
}

fn checked<'a>(texts: impl Iterator<Item = (String, &'a str)>) -> Result<Vec<Symbol>, Error> {
    let mut symbols: Vec<Symbol> = Vec::new();
    for (at, text) in texts {
        let invalid = |at, what| Error::InvalidUniverse { at, what };
        let symbol: Symbol = match text.trim().parse() {
            Ok(symbol) => symbol,
            Err(error) => return Err(invalid(at, decile_core::Error::to_string(&error))),
        };
        if symbols.contains(&symbol) {
            return Err(invalid(at, format!("{symbol} stands there twice; name it once")));
        }
        symbols.push(symbol);
    }
    if symbols.is_empty() {
        let (at, what) = ("the universe".to_owned(), "it is empty; name a symbol".to_owned());
        return Err(Error::InvalidUniverse { at, what });
    }
    Ok(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thirty_are_thirty() {
        let mut symbols = us_large_30();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), 30);
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("u.txt");
        let fault = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let fault = of_file(&path).unwrap_err().to_string();
            fault.replace(&path.display().to_string(), "u.txt")
        };
        assert_eq!(fault("KO\n\n# x\nKO\n"), "u.txt line 4: KO stands there twice; name it once");
        assert!(fault("KO\nbrk b\n").starts_with("u.txt line 2: \"brk b\" is not a symbol"));
        assert_eq!(fault("# nothing\n"), "the universe: it is empty; name a symbol");
        assert!(matches!(of_file("no/such/file"), Err(Error::Read { .. })));
        assert!(of_list("KO,,PEP").is_err() && of_list("").is_err());
    }
}
