//! Numbers as `printf` writes them.

/// Significant digits that are kept.
const DIGITS: i32 = 12;

/// Writes a number as `%.12g`: 12 significant digits without zeros at the end, with an exponent below
/// 1e-4 and from 1e12 on. A missing number is empty.
///
/// ```
/// use decile_examples::general::general;
///
/// assert_eq!(general(-1.5), "-1.5");
/// assert_eq!(general(2.0 / 3.0), "0.666666666667");
/// assert_eq!(general(1.25e15), "1.25e+15");
/// assert_eq!(general(0.000012), "1.2e-05");
/// assert_eq!(general(f64::NAN), "");
/// ```
#[must_use]
pub fn general(value: f64) -> String {
    if value.is_nan() {
        return String::new();
    }
    // The exponent after rounding to the digits: 9.999…e4 may become 1e5.
    let scientific = format!("{value:.*e}", DIGITS as usize - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..DIGITS).contains(&exponent) {
        let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or_default();
        return trimmed(&format!("{value:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
}

/// Without zeros behind the point, and without the point if nothing is left behind it.
fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_printf_does() {
        // printf '%.12g' of each.
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (100.0, "100"),
            (96_962_083_109.4, "96962083109.4"),
            (999_999_999_999.0, "999999999999"),
            (999_999_999_999.7, "1e+12"),
            (1e12, "1e+12"),
            (0.0001, "0.0001"),
            (0.000_099_999_999_999_99, "0.0001"),
            (0.000_099_999_999_999, "9.9999999999e-05"),
            (1e-300, "1e-300"),
            (123_456.789_012_345, "123456.789012"),
        ] {
            assert_eq!(general(value), text);
        }
    }
}
