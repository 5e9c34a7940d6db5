//! The SQLite files of **decile**.
//!
//! [`CacheStore`] is `cache.sqlite`: every raw reply that a provider sent, and how many calls were
//! made on a day. It implements [`ReplyCache`](decile_data::ReplyCache) and
//! [`BudgetLedger`](decile_data::BudgetLedger). [`JournalStore`] is `journal.sqlite`: what was
//! intended, and what became of it. The two are never one file, so that a fetch can never hold an
//! order up.
//!
//! ```
//! use decile_data::BudgetLedger;
//! use decile_store::CacheStore;
//!
//! let folder = tempfile::tempdir()?;
//! let store = CacheStore::open(folder.path().join("cache.sqlite"))?;
//! assert!(store.spend("alphavantage", "2025-12-01".parse()?, 25)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod error;
mod file;
mod journal;
mod migrations;
mod time;

pub use cache::CacheStore;
pub use error::Error;
pub use journal::JournalStore;
