//! The promises of the storage traits as functions, one a trait, that any implementation can run.
//!
//! ```
//! use decile_data::{MemoryCache, MemoryLedger, conformance};
//!
//! conformance::cache(&MemoryCache::default());
//! conformance::ledger(&MemoryLedger::default());
//! ```

use crate::{BudgetLedger, ReplyCache};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use decile_core::source::{Call, KeptReply, Verdict};
use std::thread;

fn call(endpoint: &'static str, subject: &str) -> Call {
    let request = format!("GET https://example.com/{endpoint}?symbol={subject}");
    Call { provider: "example", endpoint, subject: subject.to_owned(), request }
}

fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(12)
}

fn reply(retrieved_at: DateTime<Utc>, body: &[u8]) -> KeptReply {
    let content_type = Some("text/plain; charset=utf-8".to_owned());
    KeptReply {
        verdict: Verdict::Answer,
        status: 200,
        content_type,
        retrieved_at,
        body: body.into(),
    }
}

/// Tests an empty cache of replies.
///
/// # Panics
/// If a promise of [`ReplyCache`] is broken.
pub fn cache(cache: &dyn ReplyCache) {
    let kept = |call: &Call, until| cache.newest(call, until).expect("the cache can be read");
    let (ko, pep) = (call("quote", "KO"), call("quote", "PEP"));
    let second = noon() + TimeDelta::nanoseconds(1);
    assert_eq!(kept(&ko, second), None, "an empty cache answers");

    // Kept out of order and to the nanosecond, with bytes that are no text.
    let late =
        KeptReply { verdict: Verdict::Nothing, content_type: None, ..reply(second, &[0, 255]) };
    for reply in [&late, &reply(noon(), b"first"), &reply(noon(), b"")] {
        cache.append(&ko, reply).expect("the cache can be written");
    }
    let before = noon() - TimeDelta::nanoseconds(1);
    assert_eq!(kept(&ko, before), None, "a reply counts before it came");
    let of_one_instant = kept(&ko, noon()).expect("a reply of the very instant counts");
    assert!(of_one_instant.body.is_empty(), "of one instant, the reply kept last counts");
    assert_eq!(kept(&ko, second), Some(late), "a reply comes back changed");
    assert_eq!(kept(&pep, second), None, "a reply answers another request");
    let stranger = Call { provider: "stranger", ..ko.clone() };
    assert_eq!(kept(&stranger, second), None, "a reply answers for another provider");

    // Another request to the same endpoint about the same subject, as for other dates.
    let other = Call { request: "GET https://example.com/quote?day=2".to_owned(), ..ko };
    cache.append(&other, &reply(before, b"other")).expect("the cache can be written");
    let times = |endpoint, subject| {
        cache.retrievals("example", endpoint, subject).expect("the cache can be read")
    };
    assert_eq!(times("quote", "KO"), [before, noon(), noon(), second], "retrievals are in order");
    assert!(times("quote", "PEP").is_empty() && times("news", "KO").is_empty());
}

/// Tests an empty ledger of budgets.
///
/// # Panics
/// If a promise of [`BudgetLedger`] is broken.
pub fn ledger(ledger: &dyn BudgetLedger) {
    let day = NaiveDate::default();
    let next = day.succ_opt().expect("a day");
    let spent = |account, day| ledger.spent(account, day).expect("the ledger can be read");
    let spend =
        |account, day, limit| ledger.spend(account, day, limit).expect("the ledger can be written");
    assert_eq!(spent("a", day), 0, "an empty ledger counts");
    assert!(!spend("a", day, 0), "a budget of nothing lets a call out");
    assert_eq!(spent("a", day), 0, "a refused call is counted");
    assert!(spend("a", day, 1) && !spend("a", day, 1), "a budget of one is not one");
    assert!(spend("a", day, 2), "a larger limit goes on from the same count");
    assert!(!spend("a", day, 1), "a smaller limit forgets the count");
    assert!(spend("b", day, 1) && spend("a", next, 1), "accounts and days share a count");
    assert_eq!((spent("a", day), spent("b", day), spent("a", next)), (2, 1, 1));

    let allowed: usize = thread::scope(|scope| {
        let spender = || (0..25).filter(|_| spend("threads", day, 60)).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(spender)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!((allowed, spent("threads", day)), (60, 60), "calls at once miss the count");
}

#[cfg(test)]
mod tests {
    use crate::{MemoryCache, MemoryLedger};

    #[test]
    fn memory_keeps_the_promises() {
        super::cache(&MemoryCache::default());
        super::ledger(&MemoryLedger::default());
    }
}
