//! The strategy of a run: a file or the plain flow, and what the command line puts over it.

use crate::arguments::Arguments;
use decile::prelude::*;
use decile::strategy::{Strategy, StrategyError};

/// A strategy, and what was said over it.
#[derive(Debug)]
pub struct Chosen {
    /// What is done.
    pub strategy: Strategy,
    /// The options that went over the file, a line each.
    pub overrides: Vec<String>,
}

/// Reads the strategy of `--strategy`, or takes the plain flow, and puts the other options over it.
///
/// # Errors
/// What is wrong with the file, with line and key, or with what came of the options.
pub fn choose(arguments: &Arguments) -> Result<Chosen, Box<dyn std::error::Error>> {
    let mut strategy = match &arguments.strategy {
        Some(path) => Strategy::read(path)?,
        None => Strategy::new("top10".parse()?, Model::preset("q_core")?),
    };
    let mut overrides = Vec::new();
    let mut over = |option: &str, now: String, before: String| {
        if now != before && arguments.strategy.is_some() {
            overrides.push(format!("--{option} {now} goes over the {before} of the strategy."));
        }
    };
    if let Some(preset) = &arguments.model {
        over("model", preset.clone(), strategy.model().name().to_owned());
        strategy = strategy.with_model(Model::preset(preset)?);
    }
    let rules = &mut strategy.construction;
    if let Some(count) = arguments.top {
        over("top", count.to_string(), rules.count.to_string());
        rules.count = count;
    }
    if let Some(buffer) = arguments.buffer {
        over("buffer", buffer.normalize().to_string(), rules.cash_buffer.normalize().to_string());
        rules.cash_buffer = buffer;
    }
    if let Some(quantity) = arguments.quantity {
        over("quantity", quantity.to_string(), "weights".to_owned());
    }
    match strategy.check() {
        // Whoever types --top 0 has no file to look into.
        Err(StrategyError::Invalid { .. }) if strategy.construction.count == 0 => {
            Err(decile::rank::Error::NothingWanted.into())
        }
        checked => Ok(checked.map(|()| Chosen { strategy, overrides })?),
    }
}
