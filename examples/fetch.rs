//! Asks one provider one thing about one stock and prints what it says.
//!
//! `cargo run --example fetch -- --source yahoo --what bars --symbol KO --json`

use clap::Parser;
use decile_examples::console::Console;
use decile_examples::fetch::{Answer, Arguments, tables};
use std::process::ExitCode;

const NO_DATA: u8 = 1;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let secrets = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let result = Answer::fetch(&arguments, &secrets).await;
    let out = Console::new(true);
    match &result {
        Ok(answer) if arguments.json => out.say(answer.to_json()),
        Ok(answer) => tables::answer(answer).iter().for_each(|line| out.say(line)),
        Err(failure) if arguments.json => out.say(failure.to_json()),
        Err(failure) => Console::new(false).say(format!("error: {failure}")),
    }
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(NO_DATA) }
}
