//! Symbols as Interactive Brokers writes them.

use decile_core::Symbol;

/// Returns how Interactive Brokers writes a symbol: a space before the share class.
pub(crate) fn to_wire(symbol: &Symbol) -> String {
    symbol.as_str().replace('.', " ")
}

/// Returns the canonical symbol of what Interactive Brokers writes, if it has one.
pub(crate) fn from_wire(text: &str) -> Option<Symbol> {
    // A dot of their own would come back as a space, and so name another stock.
    match text.contains(['.', ' ']) {
        false => Symbol::new(text).ok(),
        true if text.contains('.') => None,
        true => Symbol::new(&text.replace(' ', ".")).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_classes_are_mapped_both_ways() {
        for (ours, theirs) in [("BRK.B", "BRK B"), ("AAPL", "AAPL"), ("BF.B", "BF B")] {
            assert_eq!(to_wire(&ours.parse().unwrap()), theirs);
            assert_eq!(from_wire(theirs).unwrap(), ours);
        }
        assert_eq!(from_wire("BRK.B"), None);
        assert_eq!(from_wire(""), None);
    }
}
