use decile_core::Symbol;

/// Writes a share class with a dash, as Alpha Vantage and the SEC do: `BRK-B`.
pub(crate) fn dashed(symbol: &Symbol) -> String {
    match symbol.as_str().rsplit_once('.') {
        Some((stock, class)) if class.len() == 1 => format!("{stock}-{class}"),
        _ => symbol.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_classes_have_a_dash_and_exchanges_a_dot() {
        let dashed = |text: &str| dashed(&text.parse().unwrap());
        assert_eq!(["BRK.B", "KO", "TSCO.LON"].map(dashed), ["BRK-B", "KO", "TSCO.LON"]);
    }
}
