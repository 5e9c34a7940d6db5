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
        let Self { objects_max, values_max } = self;
        if count(b'{', body) > objects_max {
            return Err(asked.decode(format!("it holds more than {objects_max} objects")));
        }
        if count(b',', body) > values_max {
            return Err(asked.decode(format!("it holds more than {values_max} values")));
        }
        Ok(())
    }
}

/// Counts a byte, in runs whose counts fit into a byte: the compiler then looks at many bytes at a time,
/// which it does not do when each is added to a wide number.
fn count(wanted: u8, body: &[u8]) -> usize {
    let of_run = |run: &[u8]| run.iter().map(|byte| u8::from(*byte == wanted)).sum::<u8>();
    body.chunks(usize::from(u8::MAX)).map(|run| usize::from(of_run(run))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_byte_are_counted_whole() {
        for length in [0, 1, 254, 255, 256, 511, 70_000] {
            let body = vec![b','; length];
            assert_eq!((count(b',', &body), count(b'{', &body)), (length, 0));
        }
    }

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
