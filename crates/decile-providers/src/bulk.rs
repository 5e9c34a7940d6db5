use crate::asked::Asked;
use decile_core::source::SourceError;

/// How much a reply in JSON may hold.
///
/// Its bytes are bounded, but not what they unfold into: two bytes of JSON can become an object of two
/// thousand. So objects and values are counted before they are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bulk {
    pub(crate) objects_max: usize,
    pub(crate) values_max: usize,
}

impl Bulk {
    /// Refuses a reply that holds more. Braces and commas in texts count too: the bounds are far beyond
    /// what a provider sends, and this way the count costs next to nothing.
    pub(crate) fn check(self, body: &[u8], asked: &Asked) -> Result<(), SourceError> {
        let count = |wanted: u8| body.iter().filter(|byte| **byte == wanted).count();
        let Self { objects_max, values_max } = self;
        if count(b'{') > objects_max {
            return Err(asked.decode(format!("it holds more than {objects_max} objects")));
        }
        if count(b',') > values_max {
            return Err(asked.decode(format!("it holds more than {values_max} values")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_unfold_is_refused_before_it_does() {
        let check = |body: &str| {
            let bulk = Bulk { objects_max: 2, values_max: 3 };
            bulk.check(body.as_bytes(), &Asked::new("example", "KO")).map_err(|e| e.to_string())
        };
        assert_eq!(check(r#"[{"a":1,"b":2},{"c":[3,4]}]"#), Ok(()));
        let told = check("[{},{},{}]").unwrap_err();
        assert!(told.ends_with("it holds more than 2 objects"), "{told}");
        let told = check("[1,2,3,4,5]").unwrap_err();
        assert!(told.ends_with("it holds more than 3 values"), "{told}");
    }
}
