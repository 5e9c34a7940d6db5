//! How Yahoo spells symbols and currencies.

use decile_core::{Currency, Symbol};

/// Letters of share classes. Other single letters behind a dot are exchanges, as `.L` for London.
const CLASSES: [&str; 4] = ["A", "B", "C", "D"];

/// Currencies that Yahoo writes with a small last letter: hundredths, with a code of their own.
const HUNDREDTHS: [(&str, &str, &str); 2] = [("GBp", "GBX", "GBP"), ("ZAc", "ZAC", "ZAR")];

/// Returns a symbol as Yahoo writes it: `BRK-B` for `BRK.B`, but `OCDO.L` as it is.
pub(super) fn symbol(symbol: &Symbol) -> String {
    match symbol.as_str().rsplit_once('.') {
        Some((stem, class)) if CLASSES.contains(&class) => format!("{stem}-{class}"),
        _ => symbol.to_string(),
    }
}

/// Reads a currency. Pence (`GBp`) are `GBX`, so that they are never taken for pounds.
pub(super) fn currency(text: Option<&str>) -> Option<Currency> {
    let text = text?;
    let code = HUNDREDTHS.iter().find(|(yahoo, ..)| *yahoo == text).map_or(text, |found| found.1);
    code.parse().ok()
}

/// Returns a currency as Yahoo writes it.
pub(super) fn currency_text(currency: Currency) -> String {
    let found = HUNDREDTHS.iter().find(|(_, code, _)| *code == currency.as_str());
    found.map_or_else(|| currency.to_string(), |(yahoo, ..)| (*yahoo).to_owned())
}

/// Returns the currency that this one is a hundredth of, if it is one.
pub(super) fn hundredfold(currency: Currency) -> Option<Currency> {
    let found = HUNDREDTHS.iter().find(|(_, code, _)| *code == currency.as_str());
    found.and_then(|(.., major)| major.parse().ok())
}

/// Puts an amount into another currency where that is a matter of definition: pounds into pence.
/// `None` where it would take a rate of exchange.
pub(super) fn exact(amount: f64, from: Currency, to: Currency) -> Option<f64> {
    if from == to {
        Some(amount)
    } else if hundredfold(to) == Some(from) {
        Some(amount * 100.0).filter(|amount| amount.is_finite())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_take_a_dash_and_exchanges_keep_their_dot() {
        let spelt = |text: &str| symbol(&text.parse().unwrap());
        assert_eq!(spelt("BRK.B"), "BRK-B");
        for same in ["AAPL", "OCDO.L", "7203.T", "CAR-UN.TO", "BRK-B", "BTC-USD"] {
            assert_eq!(spelt(same), same);
        }
    }

    #[test]
    fn pence_are_not_pounds() {
        let pence = currency(Some("GBp")).unwrap();
        let pounds = currency(Some("GBP")).unwrap();
        assert_eq!((pence.as_str(), currency_text(pence).as_str()), ("GBX", "GBp"));
        assert_eq!(exact(2.5, pounds, pence), Some(250.0));
        assert_eq!(exact(2.5, pence, pounds), None);
        assert_eq!(exact(2.5, Currency::USD, pence), None);
        assert_eq!(currency(Some("usd")), None);
    }
}
