//! A frame is its length in four bytes, the greatest first, and its body.

/// The longest body that is taken.
pub(crate) const LENGTH_MAX: usize = 16 << 20;

/// What comes before the handshake.
pub(crate) const PREFIX: &[u8; 4] = b"API\0";

/// Takes bytes as they come and gives frames as they are complete.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// Where the next frame begins.
    start: usize,
}

/// A length that no frame has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {length} bytes: at most {LENGTH_MAX} are taken")]
pub(crate) struct TooLong {
    length: usize,
}

impl Frames {
    /// Adds what was read.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        // What was taken goes away here, once a read, and not at every frame.
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the four bytes that open a connection, once they are there: whether they are right.
    pub(crate) fn prefix(&mut self) -> Option<bool> {
        let prefix = self.bytes.get(self.start..self.start + PREFIX.len())?;
        let is_right = prefix == PREFIX;
        self.start += PREFIX.len();
        Some(is_right)
    }

    /// Takes the next frame, if it is complete.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let rest = &self.bytes[self.start..];
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length) as usize;
        if length > LENGTH_MAX {
            return Err(TooLong { length });
        }
        if rest.len() < length {
            return Ok(None);
        }
        let begin = self.start + 4;
        self.start = begin + length;
        Ok(Some(&self.bytes[begin..self.start]))
    }
}

/// Writes a frame around the body that `write` adds.
pub(crate) fn frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    // Bodies are made here and are short: historical bars are the longest, by far below the limit.
    let length = u32::try_from(out.len() - begin - 4).unwrap_or(u32::MAX);
    out[begin..begin + 4].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_its_body_comes() {
        let mut frames = Frames::default();
        frames.extend(&[0xff; 4]);
        assert_eq!(frames.next(), Err(TooLong { length: 0xffff_ffff }));
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_cut(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..10),
            cuts in prop::collection::vec(1_usize..20, 1..10),
        ) {
            let mut bytes = Vec::new();
            bodies.iter().for_each(|body| frame(&mut bytes, |out| out.extend_from_slice(body)));
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            let mut rest = &bytes[..];
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                rest = later;
                frames.extend(now);
                while let Some(body) = frames.next().unwrap() {
                    found.push(body.to_vec());
                }
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(found, bodies);
        }
    }
}
