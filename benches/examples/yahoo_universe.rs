//! Fetches a universe of thirty stocks once and prints the time and the peak of memory, that of the
//! server included; with a folder as argument, writes the replies there instead, for peers.

use decile::core::DateRange;
use decile::providers::Transport;
use decile::providers::yahoo::Yahoo;
use decile_benches::universe::fetch;
use decile_benches::yahoo::{pages, serve, symbols};
use std::error::Error;
use std::io::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(folder) = std::env::args().nth(1) {
        for (bars, stocks) in [(2_500, 30), (10_000, 1)] {
            for (path, body) in pages(stocks, bars) {
                let name = format!("{bars}{}", path.replace('/', "_"));
                std::fs::write(std::path::Path::new(&folder).join(name), body)?;
            }
        }
        return Ok(());
    }
    let transport = Transport::builder().base_url(serve(pages(30, 2_500))).build()?;
    let yahoo = Yahoo::new(transport);
    let range = DateRange::new("1950-01-01".parse()?, "2030-01-01".parse()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let started = Instant::now();
    let rows = runtime.block_on(fetch(&yahoo, &symbols(30), range));
    let elapsed = started.elapsed();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: not known");
    Ok(writeln!(std::io::stdout(), "{rows} rows in {elapsed:?}, {peak}")?)
}
