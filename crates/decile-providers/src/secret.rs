use std::fmt;

/// A key, crumb or cookie: something that goes over the wire and is shown to nobody.
///
/// ```
/// use decile_providers::Secret;
///
/// let key = Secret::new("ABCDEFGH12345678");
/// assert_eq!(format!("{key:?}"), "Secret(…)");
/// assert_eq!(key.reveal(), "ABCDEFGH12345678");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What stands in a reply or recording where the secret stood.
    pub(crate) const MASK: &str = "REDACTED";

    /// Shorter words, as the public key `demo`, are part of ordinary text and hide nothing.
    const LENGTH_MASKED_MIN: usize = 8;

    /// Takes a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be put on the wire and nowhere else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Masks the secret wherever it stands in the body: Alpha Vantage quotes the key in its errors.
    pub(crate) fn mask_in(&self, body: Vec<u8>) -> Vec<u8> {
        let secret = self.0.as_bytes();
        let is_here = |at: &[u8]| at.starts_with(secret);
        if secret.len() < Self::LENGTH_MASKED_MIN || !body.windows(secret.len()).any(is_here) {
            return body;
        }
        let mut masked = Vec::with_capacity(body.len());
        let mut rest = &body[..];
        while let Some(first) = rest.first() {
            if is_here(rest) {
                masked.extend_from_slice(Self::MASK.as_bytes());
                rest = &rest[secret.len()..];
            } else {
                masked.push(*first);
                rest = &rest[1..];
            }
        }
        masked
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_a_reply_quotes_is_masked() {
        let body = b"your key ABCDEFGH1234 and ABCDEFGH1234 again".to_vec();
        let masked = Secret::new("ABCDEFGH1234").mask_in(body);
        assert_eq!(String::from_utf8(masked).unwrap(), "your key REDACTED and REDACTED again");
    }

    #[test]
    fn a_word_is_left_in_the_text() {
        assert_eq!(Secret::new("demo").mask_in(b"democracy".to_vec()), b"democracy");
        assert_eq!(Secret::new("").mask_in(b"x".to_vec()), b"x");
    }
}
