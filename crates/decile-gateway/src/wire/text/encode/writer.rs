use std::fmt::Display;
use std::io::Write;

/// What stands for a double that is not set.
pub(super) const UNSET: f64 = f64::MAX;

/// Writes fields, each with its zero byte.
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// Writes a text; a zero byte in it, which no field can hold, is left out, and what is not
    /// ASCII is escaped as real gateways do.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        if text.bytes().all(|byte| byte.is_ascii() && byte != 0) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            for unit in text.encode_utf16().filter(|unit| *unit != 0) {
                match u8::try_from(unit).ok().filter(u8::is_ascii) {
                    Some(byte) => self.out.push(byte),
                    None => self.format(format_args!("\\u{unit:04x}")),
                }
            }
        }
        self.end()
    }

    pub(super) fn int(&mut self, number: impl Into<i64>) -> &mut Self {
        self.show(number.into())
    }

    /// Writes a double as real gateways do: `0.0`, `196.52`.
    pub(super) fn double(&mut self, number: f64) -> &mut Self {
        if number == UNSET {
            self.out.extend_from_slice(b"1.7976931348623157E308");
        } else {
            self.format(format_args!("{number:?}"));
        }
        self.end()
    }

    /// Writes a double as some messages have it, without an empty fraction: `0`, `196.52`.
    pub(super) fn short_double(&mut self, number: f64) -> &mut Self {
        self.show(number)
    }

    pub(super) fn show(&mut self, value: impl Display) -> &mut Self {
        self.format(format_args!("{value}"));
        self.end()
    }

    /// Writes fields that are the same in every message, with bars between them.
    pub(super) fn constants(&mut self, fields: &str) -> &mut Self {
        self.out.extend(fields.bytes().map(|byte| if byte == b'|' { 0 } else { byte }));
        self.end()
    }

    fn format(&mut self, text: std::fmt::Arguments<'_>) {
        // Bytes are taken into memory, which does not fail.
        let _ = self.out.write_fmt(text);
    }

    fn end(&mut self) -> &mut Self {
        self.out.push(0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> String {
        let mut out = Vec::new();
        write(&mut Writer::new(&mut out));
        String::from_utf8(out).unwrap().replace('\0', "|")
    }

    #[test]
    fn fields_are_written_as_recorded() {
        let fields = written(|to| {
            to.int(3).text("PreSubmitted").double(0.0).double(196.52).double(UNSET);
            to.short_double(0.0).short_double(196.52).constants("0||None");
        });
        assert_eq!(fields, "3|PreSubmitted|0.0|196.52|1.7976931348623157E308|0|196.52|0||None|");
    }

    #[test]
    fn what_is_not_ascii_is_escaped() {
        assert_eq!(
            written(|to| {
                to.text("Nestl\u{e9}\0 \u{1f600}");
            }),
            "Nestl\\u00e9 \\ud83d\\ude00|"
        );
    }
}
