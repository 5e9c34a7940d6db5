//! Writes a made-up panel and its scores for the scripts that time other libraries on it.
//!
//! `cargo run --release -p decile-benches --example export -- DIR [SYMBOLS SESSIONS]` writes one file of
//! little-endian `f64` per field and result, row by row, and `shape.txt`.

use decile::prelude::*;
use decile_benches::random_panel;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("name a folder to write to")?);
    let number = |at: usize, default: usize| arguments.get(at).map_or(Ok(default), |n| n.parse());
    let (symbols, sessions) = (number(1, 2000)?, number(2, 1260)?);
    let registry = FactorRegistry::library();
    let models = [
        ("q_core", Model::preset("q_core")?.resolve(&registry)?),
        ("ranks", Model::preset("ranks")?.resolve(&registry)?),
    ];
    let panel = random_panel(symbols, sessions, &models[0].1.fields());
    fs::create_dir_all(folder)?;
    fs::write(folder.join("shape.txt"), format!("{sessions} {symbols}\n"))?;
    for field in panel.fields() {
        write(&folder.join(field.to_string()), panel.matrix(field).unwrap_or_default())?;
    }
    for (name, model) in models {
        let scores = model.score_all(&panel, 0..sessions)?;
        write(&folder.join(format!("{name}.composite")), scores.composite_matrix())?;
        write(&folder.join(format!("{name}.q_score")), scores.q_score_matrix())?;
    }
    Ok(())
}

fn write(path: &Path, values: &[f64]) -> std::io::Result<()> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(path.with_added_extension("f64"), bytes)
}
