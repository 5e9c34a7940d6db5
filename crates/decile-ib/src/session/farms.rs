//! The data farms behind the gateway, as far as quotes come from them.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The line to a farm of market data is broken, or is there again. 2105 and 2106 are of farms that have
/// nothing but history.
const BROKEN: i32 = 2103;
const WORKS: i32 = 2104;
/// Farms whose names begin so do not serve US stocks. One that is not known here may.
const OTHERS: [&str; 6] = ["usopt", "usfuture", "usbond", "cashfarm", "eufarm", "jfarm"];

/// Since when which farms are broken. The gateway goes on showing what they told last.
#[derive(Debug, Default)]
pub(super) struct Farms(Mutex<BTreeMap<String, DateTime<Utc>>>);

impl Farms {
    /// Takes in what the gateway says of a farm.
    pub(super) fn hear(&self, code: i32, text: &str, now: DateTime<Utc>) {
        let name = text.rsplit(':').next().unwrap_or_default().trim();
        match code {
            BROKEN if !OTHERS.iter().any(|other| name.starts_with(other)) => {
                log::warn!("the data farm {name} is broken: quotes grow old until it is back");
                self.lock().entry(name.to_owned()).or_insert(now);
            }
            WORKS => drop(self.lock().remove(name)),
            _ => {}
        }
    }

    /// Begins anew, as each connection does: it tells what is broken.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    /// Returns since when the prices of US stocks may be old; `None` if nothing says so.
    pub(super) fn broken_since(&self) -> Option<DateTime<Utc>> {
        self.lock().values().min().copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, DateTime<Utc>>> {
        // Nothing that holds it can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_broken_farm_is_one_until_it_works_or_the_connection_is_another() {
        let (farms, now) = (Farms::default(), DateTime::UNIX_EPOCH);
        let broken = |name| format!("Market data farm connection is broken:{name}");
        for other in ["eufarmnj", "cashfarm", "usfuture"] {
            farms.hear(BROKEN, &broken(other), now);
        }
        farms.hear(2105, "HMDS data farm connection is broken:ushmds", now);
        assert_eq!(farms.broken_since(), None);
        farms.hear(BROKEN, &broken("usfarm"), now);
        // It is repeated while it lasts.
        farms.hear(BROKEN, &broken("usfarm"), now + TimeDelta::minutes(1));
        farms.hear(BROKEN, &broken("usfarm.nj"), now + TimeDelta::minutes(2));
        assert_eq!(farms.broken_since(), Some(now));
        farms.hear(WORKS, "Market data farm connection is OK:usfarm", now);
        assert_eq!(farms.broken_since(), Some(now + TimeDelta::minutes(2)));
        farms.forget();
        assert_eq!(farms.broken_since(), None);
    }
}
