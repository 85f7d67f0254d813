//! `cargo run -p broker-schema` writes `broker/protocol/src/generated` anew; with `--check` it only says whether
//! what is committed is what the schema says.

use std::process::ExitCode;

use broker_schema::sync::{self, SyncError};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match (arguments.next().as_deref(), arguments.next()) {
        (None, None) => write(),
        (Some("--check"), None) => check(),
        _ => {
            eprintln!("usage: broker-schema [--check]");
            return ExitCode::from(2);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("broker-schema: {error}");
        ExitCode::FAILURE
    })
}

fn write() -> Result<ExitCode, SyncError> {
    eprintln!("{} files changed", sync::write()?);
    Ok(ExitCode::SUCCESS)
}

fn check() -> Result<ExitCode, SyncError> {
    let differences = sync::check()?;
    for line in &differences {
        eprintln!("broker/protocol/src/{line}: run `cargo run -p broker-schema`");
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
