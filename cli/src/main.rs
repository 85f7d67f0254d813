//! The `klamm` binary: broker, operator and tools in one. Called by the name of one of Kafka's own
//! scripts (`kafka-topics.sh`, ...), it behaves as that script.

mod commands;
mod first_features;
mod first_scram;
mod groups;
mod logging;
mod manifests;
mod output;
mod record;
mod releases;
mod shims;

use std::{ffi::OsString, path::Path, process::ExitCode};

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Apache Kafka for Kubernetes without a JVM.
#[derive(Parser)]
#[command(name = "klamm", version, propagate_version = true)]
struct Klamm {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    end_quietly_at_a_closed_pipe();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let called = arguments.first().map(Path::new).and_then(Path::file_name).and_then(|name| name.to_str());
    if let Some(shim) = called.and_then(shims::named) {
        let text = |argument: &OsString| argument.to_string_lossy().into_owned();
        return shim(&arguments.iter().skip(1).map(text).collect::<Vec<_>>());
    }
    match Klamm::parse_from(&arguments).command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("klamm: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes on one line; a cause that the error before it already told is not told again.
fn with_causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.ends_with(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// What `| head` leaves behind is no fault: printing to a pipe that nobody reads ends the process without a word.
fn end_quietly_at_a_closed_pipe() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(141);
        }
        otherwise(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::with_causes;

    #[derive(Debug, thiserror::Error)]
    #[error("open /data: {source}")]
    struct Told {
        source: std::io::Error,
    }

    #[test]
    fn a_cause_is_told_once() {
        let denied = || std::io::Error::other("no room");
        assert_eq!(with_causes(&Told { source: denied() }.into()), "open /data: no room");
        let error = anyhow::Error::from(denied()).context("open /data");
        assert_eq!(with_causes(&error), "open /data: no room");
    }
}
