use decile_core::source::Fetched;

/// What a parser has to say beside its rows. Bounded: a reply of 20 MB may be wrong a million times.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    dropped: Lines,
    warnings: Lines,
}

#[derive(Debug, Default)]
struct Lines {
    kept: Vec<String>,
    more: usize,
}

impl Lines {
    const KEPT_MAX: usize = 200;

    fn push(&mut self, line: String) {
        if self.kept.len() < Self::KEPT_MAX {
            self.kept.push(line);
        } else {
            self.more += 1;
        }
    }

    fn into_lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.kept.push(format!("and {} more", self.more));
        }
        self.kept
    }
}

impl Notes {
    /// Tells of a row that was sent and is left out.
    pub(crate) fn drop(&mut self, line: impl Into<String>) {
        self.dropped.push(line.into());
    }

    /// Tells of something that looks wrong.
    pub(crate) fn warn(&mut self, line: impl Into<String>) {
        self.warnings.push(line.into());
    }

    pub(crate) fn append_to<T>(self, fetched: &mut Fetched<T>) {
        let (dropped, warnings) = self.into_lines();
        fetched.dropped.extend(dropped);
        fetched.warnings.extend(warnings);
    }

    /// Returns what was dropped, and what looks wrong.
    pub(crate) fn into_lines(self) -> (Vec<String>, Vec<String>) {
        (self.dropped.into_lines(), self.warnings.into_lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_lines_are_counted_and_not_kept() {
        let mut notes = Notes::default();
        for _ in 0..1_000_000 {
            notes.drop("a row");
        }
        notes.warn("look");
        let mut fetched = Fetched::new(vec![()]);
        notes.append_to(&mut fetched);
        assert_eq!((fetched.dropped.len(), fetched.warnings.len()), (201, 1));
        assert_eq!(fetched.dropped[200], "and 999800 more");
    }
}
