//! Takes calls off a day's budget, as one of several processes does:
//! `cargo run -p decile-store --example spend -- cache.sqlite alphavantage 2025-12-01 25 3`
//! tries three times and prints how many calls were left for it. Each call that may leave is one
//! line, printed once it is counted and before it would be sent.

use decile_data::BudgetLedger;
use decile_store::CacheStore;
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, account, day, limit, tries] = &arguments[..] else {
        return Err("give FILE ACCOUNT DAY LIMIT TRIES".into());
    };
    let (day, limit, tries) = (day.parse()?, limit.parse()?, tries.parse::<usize>()?);
    let store = CacheStore::open(path)?;
    let mut out = std::io::stdout().lock();
    for _ in 0..tries {
        if store.spend(account, day, limit)? {
            // In one piece, and flushed: whoever reads it knows that the call was counted.
            out.write_all(b"left\n")?;
            out.flush()?;
        }
    }
    Ok(())
}
