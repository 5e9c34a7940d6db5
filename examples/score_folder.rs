//! Scores a market folder and writes every step as tables.
//!
//! `cargo run --example score_folder -- DIR --out OUT` writes `adj_close.csv`, `known_dates.csv`,
//! `factors_monthly.csv`, `scores_monthly.csv` and `composite_daily.csv`.

use clap::Parser;
use decile::prelude::*;
use decile_examples::console::{Console, one_line};
use decile_examples::score_tables::ScoreTables;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Scores a market folder and writes every step as tables.
///
/// The columns of `composite`, its ranks and its groups are the model's. Those of the sector, the
/// blend and the snapshot are always the presets q_core_sector, q_core_blend and q_snapshot.
#[derive(Parser)]
struct Arguments {
    /// A market folder.
    dir: PathBuf,
    /// Folder to write to; made if it is not there.
    #[arg(long)]
    out: PathBuf,
    /// A preset, or a model file.
    #[arg(long, default_value = "q_core")]
    model: String,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Console::new(false).say(format!("error: {}", one_line(&*error)));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let model = model(&arguments.model)?;
    let tables = ScoreTables::read(&arguments.dir, &model)?;
    fs::create_dir_all(&arguments.out)?;
    for (name, rows) in tables.write(&arguments.out)? {
        Console::new(true).say(format!("{name}: {rows} rows"));
    }
    Ok(())
}

fn model(name: &str) -> Result<Model, Box<dyn Error>> {
    if Model::PRESETS.contains(&name) || !Path::new(name).exists() {
        return Ok(Model::preset(name)?);
    }
    Ok(Model::from_toml(name, &fs::read_to_string(name)?)?)
}
