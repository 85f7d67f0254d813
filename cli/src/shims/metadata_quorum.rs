//! `kafka-metadata-quorum.sh`: the quorum of controllers shown, and changed one voter at a time.

mod add_controller;
mod describe;

use std::process::ExitCode;

use anyhow::{Result, bail};
use broker_types::{BrokerId, Uuid};

use super::{
    connect_to, properties, run_command, say_usage,
    subcommands::{Command, Either, Parsed, Place, Program, Takes, argument},
};

static PROGRAM: Program = Program {
    name: "kafka-metadata-quorum",
    about: "Shows the metadata quorum, and adds and removes its controllers.",
    place: Place {
        arguments: &[
            argument("--bootstrap-server", Takes::Text, "Brokers to start from"),
            argument("--bootstrap-controller", Takes::Text, "Or controllers to start from"),
            argument(
                "--command-config",
                Takes::Text,
                "Properties for the client; for add-controller those of the controller",
            ),
        ],
        either: Some(Either { names: &["--bootstrap-server", "--bootstrap-controller"], is_required: true }),
    },
    commands: &[
        Command {
            name: "describe",
            about: "Show the quorum",
            place: Place {
                arguments: &[
                    argument("--status", Takes::Nothing, "In short"),
                    argument("--replication", Takes::Nothing, "How far each node is"),
                    argument("--human-readable", Takes::Nothing, "With --replication: times as how long ago"),
                ],
                either: None,
            },
        },
        Command {
            name: "add-controller",
            about: "Give a controller a vote",
            place: Place {
                arguments: &[argument("--dry-run", Takes::Nothing, "Only say what would be done")],
                either: None,
            },
        },
        Command {
            name: "remove-controller",
            about: "Take a controller's vote",
            place: Place {
                arguments: &[
                    argument("--controller-directory-id", Takes::Text, "Its directory")
                        .short("-d")
                        .required(),
                    argument("--controller-id", Takes::Number, "Its node id").short("-i").required(),
                    argument("--dry-run", Takes::Nothing, "Only say what would be done"),
                ],
                either: None,
            },
        },
    ],
};

pub(super) fn main(arguments: &[String]) -> ExitCode {
    run_command(&PROGRAM, arguments, say_usage, async |parsed| run(parsed).await)
}

async fn run(parsed: &Parsed) -> Result<()> {
    let file = parsed.value("--command-config");
    if let Some(path) = file.filter(|path| !std::path::Path::new(path).exists()) {
        bail!("Properties file {path} does not exists!");
    }
    match parsed.command {
        "describe" => describe(parsed, file).await,
        "add-controller" => add(parsed, file).await,
        _ => remove(parsed, file).await,
    }
}

async fn describe(parsed: &Parsed, file: Option<&str>) -> Result<()> {
    let is_readable = parsed.has("--human-readable");
    match (parsed.has("--status"), parsed.has("--replication")) {
        (true, true) => {
            bail!("Only one of --status or --replication should be specified with describe sub-command")
        }
        (false, false) => {
            bail!("One of --status or --replication must be specified with describe sub-command")
        }
        (true, false) if is_readable => {
            bail!("The option --human-readable is only supported along with --replication")
        }
        _ => {}
    }
    let mut client = connect_to(parsed, file, "kafka-metadata-quorum").await?;
    if parsed.has("--status") {
        describe::status(&mut client).await
    } else {
        describe::replication(&mut client, is_readable).await
    }
}

async fn add(parsed: &Parsed, file: Option<&str>) -> Result<()> {
    let Some(path) = file else {
        bail!(
            "You must supply the configuration file of the controller you are adding when using add-controller."
        );
    };
    let controller = add_controller::Controller::read(&properties(path)?)?;
    let is_dry = parsed.has("--dry-run");
    if !is_dry {
        let mut client = connect_to(parsed, file, "kafka-metadata-quorum").await?;
        client.add_voter(controller.id, controller.directory, &controller.endpoints).await?;
    }
    println!("{} {controller}", if is_dry { "DRY RUN of adding" } else { "Added" });
    Ok(())
}

async fn remove(parsed: &Parsed, file: Option<&str>) -> Result<()> {
    let id = parsed.number::<i32>("--controller-id").unwrap_or_default();
    if id < 0 {
        bail!("Invalid negative --controller-id: {id}");
    }
    let directory: Uuid = match parsed.value("--controller-directory-id").unwrap_or_default().parse() {
        Ok(directory) => directory,
        Err(error) => bail!("Failed to parse --controller-directory-id: {error}"),
    };
    let is_dry = parsed.has("--dry-run");
    if !is_dry {
        let mut client = connect_to(parsed, file, "kafka-metadata-quorum").await?;
        client.remove_voter(BrokerId::new(id), directory).await?;
    }
    // With Kafka's own second space.
    let verb = if is_dry { "DRY RUN of removing " } else { "Removed " };
    println!("{verb} KRaft controller {id} with directory id {directory}");
    Ok(())
}
