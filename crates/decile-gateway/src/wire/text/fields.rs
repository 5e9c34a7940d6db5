//! The fields of a message, one after the other.

/// Why a field cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("field {index} is missing")]
    Missing { index: usize },
    #[error("field {index} is {text:?}, which is no number")]
    NotANumber { index: usize, text: String },
}

/// Gives the fields of a body in their order, counted from 0.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    rest: std::str::Split<'a, char>,
    index: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self { rest: body.strip_suffix('\0').unwrap_or(body).split('\0'), index: 0 }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        let field = self.rest.next().ok_or(Fault::Missing { index: self.index })?;
        self.index += 1;
        Ok(field)
    }

    pub(super) fn owned(&mut self) -> Result<String, Fault> {
        self.text().map(str::to_owned)
    }

    /// Takes a whole number; empty and the greatest one mean that it is not set.
    pub(super) fn int(&mut self) -> Result<Option<i32>, Fault> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let number: i32 = text.parse().map_err(|_| self.no_number(text))?;
        Ok((number != i32::MAX).then_some(number))
    }

    /// Takes the number of a request or an order; one that is not there is 0.
    pub(super) fn id(&mut self) -> Result<i32, Fault> {
        let text = self.text()?;
        if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| self.no_number(text)) }
    }

    /// Takes a number; empty and the greatest one mean that it is not set.
    pub(super) fn number(&mut self) -> Result<Option<f64>, Fault> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let number: f64 = text.parse().map_err(|_| self.no_number(text))?;
        Ok((number != f64::MAX).then_some(number))
    }

    pub(super) fn flag(&mut self) -> Result<bool, Fault> {
        Ok(!matches!(self.text()?, "" | "0" | "false" | "False"))
    }

    /// Takes a count of what follows. One that is not there is 0; below 0 there is none.
    pub(super) fn count(&mut self) -> Result<usize, Fault> {
        Ok(usize::try_from(self.int()?.unwrap_or_default()).unwrap_or_default())
    }

    /// Passes over fields. A count that a client made up ends with the message.
    pub(super) fn skip(&mut self, count: usize) -> Result<(), Fault> {
        for _ in 0..count {
            self.text()?;
        }
        Ok(())
    }

    fn no_number(&self, text: &str) -> Fault {
        Fault::NotANumber { index: self.index - 1, text: text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_the_greatest_numbers_are_not_set() {
        let mut fields = Fields::new("\x002147483647\x001.7976931348623157E308\x007\x001.5\0");
        assert_eq!(fields.int(), Ok(None));
        assert_eq!(fields.int(), Ok(None));
        assert_eq!(fields.number(), Ok(None));
        assert_eq!(fields.int(), Ok(Some(7)));
        assert_eq!(fields.number(), Ok(Some(1.5)));
        assert_eq!(fields.text(), Err(Fault::Missing { index: 5 }));
    }

    #[test]
    fn what_is_no_number_is_named_with_its_place() {
        let mut fields = Fields::new("3\0seven\0");
        assert_eq!(fields.id(), Ok(3));
        let fault = fields.int().unwrap_err();
        assert_eq!(fault.to_string(), "field 1 is \"seven\", which is no number");
        assert_eq!(
            Fields::new("9999999999999\0").skip(usize::MAX).unwrap_err().to_string(),
            "field 1 is missing"
        );
    }
}
