//! The memory that scoring takes, beside that of what it reads.
//!
//! `cargo run --release -p decile-benches --example memory -- [SYMBOLS SESSIONS]`

use decile::prelude::*;
use decile_benches::random_panel;
use std::error::Error;
use std::fs;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| arguments.get(at).map_or(Ok(default), |n| n.parse());
    let (symbols, sessions) = (number(0, 5000)?, number(1, 5040)?);
    let model = Model::preset("q_core")?;
    let registry = FactorRegistry::library();
    let mut fields = Vec::new();
    for factor in model.factors() {
        fields.extend_from_slice(registry.get(factor.factor())?.inputs());
    }
    let panel = random_panel(symbols, sessions, &fields);
    let declared: usize =
        panel.fields().filter_map(|field| panel.matrix(field)).map(size_of_val).sum();
    let before = peak()?;
    let scores = model.resolve(&registry)?.score_all(&panel, 0..sessions)?;
    let known = scores.composite_matrix().iter().filter(|value| !value.is_nan()).count();
    let after = peak()?;
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    writeln!(
        std::io::stdout(),
        "{symbols}x{sessions}: {} fields of {:.0} MB, peak {:.0} MB before and {:.0} MB after scoring \
         ({known} composites): {:.2} times the fields",
        panel.fields().count(),
        megabytes(declared),
        megabytes(before),
        megabytes(after),
        after as f64 / declared as f64,
    )?;
    Ok(())
}

/// The largest resident size of the process so far, in bytes.
fn peak() -> Result<usize, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
