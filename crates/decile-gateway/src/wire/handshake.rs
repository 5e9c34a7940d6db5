//! The first exchange: which server version both sides speak.

use crate::wire::frame::frame;
use std::ops::RangeInclusive;

/// Reads the versions that a client offers in its first frame: `v100..226`, or `v226` for one;
/// connect options after a space are of no consequence. Nothing of what is no offer.
///
/// ```
/// use decile_gateway::offered_versions;
///
/// assert_eq!(offered_versions(b"v213..226 +PACEAPI"), Some(213..=226));
/// assert_eq!(offered_versions(b"GET / HTTP/1.1"), None);
/// ```
#[must_use]
pub fn offered_versions(body: &[u8]) -> Option<RangeInclusive<i32>> {
    let text = std::str::from_utf8(body).ok()?;
    let versions = text.split(' ').next()?.strip_prefix('v')?;
    let (min, max) = versions.split_once("..").unwrap_or((versions, versions));
    Some(min.parse().ok()?..=max.parse().ok()?)
}

/// The server versions of the dialect of messages, where every message is protobuf.
pub(crate) const PROTOBUF: RangeInclusive<i32> = 213..=226;

/// Those of the dialect of texts that are spoken here; real gateways know later ones too.
pub(crate) const TEXT: RangeInclusive<i32> = 157..=178;

/// Returns the version to speak with a client up to a highest own one: that of the later dialect
/// which both know, if there is one.
pub(crate) fn agreed(offered: &RangeInclusive<i32>, max: i32) -> Option<i32> {
    [PROTOBUF, TEXT].into_iter().find_map(|own| {
        let version = max.min(*own.end()).min(*offered.end());
        (offered.contains(&version) && own.contains(&version)).then_some(version)
    })
}

/// Writes the answer: the version and the time of connection.
pub(crate) fn answer(out: &mut Vec<u8>, version: i32, time: &str) {
    frame(out, |out| {
        out.extend_from_slice(format!("{version}\0{time}\0").as_bytes());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_of_both_is_agreed_on() {
        let agree = |text: &str, max| agreed(&offered_versions(text.as_bytes())?, max);
        assert_eq!(agree("v100..226", 226), Some(226));
        assert_eq!(agree("v213..226 +PACEAPI", 222), Some(222));
        assert_eq!(agree("v100..999", 226), Some(226));
        assert_eq!(agree("v213", 226), Some(213));
        assert_eq!(agree("v100..178", 226), Some(178));
        assert_eq!(agree("v157..176", 226), Some(176));
        assert_eq!(agree("v100..212", 226), Some(178));
        assert_eq!(agree("v100..226", 178), Some(178));
        assert_eq!(agree("v100..226", 160), Some(160));
        for none in ["v100..156", "v179..212", "v227..300", "v226..213"] {
            assert_eq!(agree(none, 226), None, "{none}");
        }
        assert_eq!(agree("v224..226", 222), None);
        for garbage in ["", "GET / HTTP/1.1", "v", "v1..", "vx..y", "226", "v99999999999"] {
            assert_eq!(offered_versions(garbage.as_bytes()), None, "{garbage}");
        }
        assert_eq!(offered_versions(&[0xff, 0xfe]), None);
    }
}
