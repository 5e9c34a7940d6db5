//! Thirty real stocks through gathering and assembly. Needs the folder named by `DECILE_SHARED`.

use decile_core::{DateRange, Symbol};
use decile_data::{Assembly, NoteKind, Sources, StoredMarket, read_folder};
use futures::executor::block_on;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

#[test]
#[ignore = "needs DECILE_SHARED"]
fn thirty_real_stocks_pass_every_gate() {
    let shared = std::env::var_os("DECILE_SHARED").expect("DECILE_SHARED names the shared folder");
    let folder = PathBuf::from(shared).join("datasets/us30");
    let market = Arc::new(read_folder(folder).expect("a market folder"));
    let calendar = market.calendar();
    let as_of = "2025-11-28".parse().expect("a date");
    let stored = Arc::new(StoredMarket::new(market.clone(), as_of).expect("a session"));
    let mut sources = Sources::new(stored.clone(), stored.clone(), stored.clone());
    sources.filings = Some(stored);
    let range = DateRange::new(calendar.first(), calendar.last()).expect("in order");
    let at_once = NonZeroUsize::new(4).expect("not zero");
    let symbols: Vec<Symbol> = market.stocks().iter().map(|s| s.symbol().clone()).collect();
    let gathered = block_on(sources.gather(&symbols, range, at_once));
    let assembled = Assembly::dated(as_of).assemble(gathered).expect("a market");
    assert_eq!(assembled.failures.len(), 0, "{:?}", assembled.failures);
    let left_out: Vec<_> =
        assembled.notes.iter().filter(|note| note.kind == NoteKind::LeftOut).collect();
    // Splits, the spin-offs among the thirty and the crash of 2020 included.
    assert_eq!(left_out, Vec::<&decile_data::Note>::new());
    assert_eq!(assembled.usable, 30);
    for (found, expected) in assembled.market.stocks().iter().zip(market.stocks()) {
        let until = expected.bars().partition_point(|bar| bar.date <= as_of);
        assert_eq!(found.bars(), &expected.bars()[..until]);
        println!("{}: {} bars, {} filings", found.symbol(), until, found.filings().len());
    }
}
