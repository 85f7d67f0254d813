//! Kafka's own scripts: called by the name of one, the binary takes its flags, prints its output and ends with its exit
//! code. What a script can and this release cannot is refused in words, never done by half.

mod acls;
mod cluster;
mod configs;
mod console_consumer;
mod console_producer;
mod consumer_groups;
mod consumer_perf;
mod date;
mod delegation_tokens;
mod exceptions;
mod features;
mod figure;
mod get_offsets;
mod group_options;
pub(crate) mod include_list;
mod json;
mod leader_election;
mod log_dirs;
mod metadata_quorum;
mod options;
mod producer_perf;
mod reassign_partitions;
mod server_start;
mod storage;
mod subcommands;
mod table;
mod throttle;
mod topics;
mod transactions;
mod verifiable;

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use anyhow::{Context as _, Error, Result};
use broker_client::{Client, ClientError, Contacts, Options as ClientOptions, Security};
use tokio::signal::unix::{SignalKind, signal};

use self::{
    options::{Failure, Options},
    subcommands::{Asked, Parsed, Program, Refusal},
};
use crate::commands::FIRST_CONTACT;

/// How long a script waits for one answer when nobody says so.
const PATIENCE: Duration = Duration::from_secs(30);

/// A script: what it is called and what it does with the arguments after its name.
type Shim = fn(&[String]) -> ExitCode;

/// The scripts by their names, which end with `.sh` in Kafka.
const SCRIPTS: [(&str, Shim); 21] = [
    ("kafka-topics", topics::main),
    ("kafka-configs", configs::main),
    ("kafka-acls", acls::main),
    ("kafka-delegation-tokens", delegation_tokens::main),
    ("kafka-console-producer", console_producer::main),
    ("kafka-console-consumer", console_consumer::main),
    ("kafka-consumer-groups", consumer_groups::main),
    ("kafka-get-offsets", get_offsets::main),
    ("kafka-consumer-perf-test", consumer_perf::main),
    ("kafka-producer-perf-test", producer_perf::main),
    ("kafka-transactions", transactions::main),
    ("kafka-verifiable-producer", verifiable::producer::main),
    ("kafka-verifiable-consumer", verifiable::consumer::main),
    ("kafka-reassign-partitions", reassign_partitions::main),
    ("kafka-leader-election", leader_election::main),
    ("kafka-metadata-quorum", metadata_quorum::main),
    ("kafka-cluster", cluster::main),
    ("kafka-features", features::main),
    ("kafka-log-dirs", log_dirs::main),
    ("kafka-storage", storage::main),
    ("kafka-server-start", server_start::main),
];

/// The script of that name.
pub(crate) fn named(name: &str) -> Option<Shim> {
    let name = name.strip_suffix(".sh").unwrap_or(name);
    SCRIPTS.iter().find(|(script, _)| *script == name).map(|(_, shim)| *shim)
}

/// A script of the usual shape.
struct Script {
    spec: &'static options::Spec,
    /// Whether the options go together.
    check: fn(&Options) -> Result<(), Failure>,
    /// Says what went wrong.
    report: fn(&Error),
}

impl Script {
    /// From the arguments to the exit code.
    fn run(&self, arguments: &[String], work: impl AsyncFnOnce(&Options) -> Result<()>) -> ExitCode {
        let options = match read(self.spec, arguments) {
            Ok(options) => options,
            Err(code) => return code,
        };
        if let Err(failure) = (self.check)(&options) {
            return refuse(self.spec, &failure);
        }
        match crate::commands::block_on(work(&options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                (self.report)(&error);
                ExitCode::FAILURE
            }
        }
    }
}

/// Runs a script with commands, from the arguments to the exit code.
fn run_command(
    program: &'static Program,
    arguments: &[String],
    refuse: fn(&Program, &Refusal),
    work: impl AsyncFnOnce(&Parsed) -> Result<()>,
) -> ExitCode {
    let parsed = match program.parse(arguments) {
        Ok(Asked::Command(parsed)) => parsed,
        Ok(Asked::Help(help)) => {
            println!("{}", help.trim_end());
            return ExitCode::SUCCESS;
        }
        Err(refusal) => {
            refuse(program, &refusal);
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(work(&parsed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", exceptions::thrown(&error));
            ExitCode::FAILURE
        }
    }
}

/// Runs a script of arguments without commands, from them to the exit code.
fn run_alone(
    program: &'static Program,
    arguments: &[String],
    check: fn(&Parsed) -> Result<(), Refusal>,
    work: impl AsyncFnOnce(&Parsed) -> Result<()>,
) -> ExitCode {
    let asked = match arguments {
        [] => Ok(Asked::Help(program.help_alone())),
        some => program.parse_alone(some),
    };
    let parsed = match asked {
        Ok(Asked::Help(help)) => {
            println!("{}", help.trim_end());
            return ExitCode::SUCCESS;
        }
        Ok(Asked::Command(parsed)) => check(&parsed).map(|()| parsed),
        Err(refusal) => Err(refusal),
    };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(refusal) => {
            say_usage(program, &refusal);
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(work(&parsed)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", exceptions::thrown(&error));
            ExitCode::FAILURE
        }
    }
}

/// Says how the command line should look, and what is wrong with it.
fn say_usage(program: &Program, refusal: &Refusal) {
    eprintln!("{}\n{}: error: {}", refusal.usage, program.name, refusal.reason);
}

/// Refuses a command line as Kafka's scripts do: the reason, then all options.
fn refuse(spec: &options::Spec, Failure(reason): &Failure) -> ExitCode {
    eprintln!("{reason}");
    eprint!("{}", spec.options_text());
    ExitCode::FAILURE
}

/// Reads the options; answers `--help` and `--version`, and no arguments at all, as every script does.
fn read(spec: &'static options::Spec, arguments: &[String]) -> Result<Options, ExitCode> {
    if arguments.is_empty() {
        eprint!("{}", spec.usage());
        return Err(ExitCode::FAILURE);
    }
    match Options::parse(spec, arguments) {
        Ok(options) if options.has("help") => {
            println!("{}", spec.usage().trim_end());
            Err(ExitCode::SUCCESS)
        }
        Ok(options) if options.has("version") => {
            println!("4.3.1 (Klamm {})", env!("CARGO_PKG_VERSION"));
            Err(ExitCode::SUCCESS)
        }
        Ok(options) => Ok(options),
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            Err(ExitCode::FAILURE)
        }
    }
}

/// Connects to the servers of `--bootstrap-server`, or of `--bootstrap-controller` where the script takes that, with the
/// client's properties where it takes some.
async fn connect(options: &Options, client_id: &str) -> Result<Client> {
    let (servers, contacts) = match options.value("bootstrap-controller") {
        Some(controllers) if !options.has("bootstrap-server") => (controllers, Contacts::Controllers),
        _ => (options.required("bootstrap-server")?, Contacts::Brokers),
    };
    let mut properties = options.properties("command-config", "command-property")?;
    for (file, single) in [("consumer.config", "consumer-property"), ("producer.config", "producer-property")]
    {
        properties.extend(options.properties(file, single)?);
    }
    open(servers, contacts, &properties, client_id, PATIENCE).await
}

/// Connects to the brokers of `--bootstrap-server` or the controllers of `--bootstrap-controller`, with the client's
/// properties of a file.
async fn connect_to(parsed: &Parsed, file: Option<&str>, client_id: &str) -> Result<Client> {
    let properties = file.map_or(Ok(BTreeMap::new()), properties)?;
    let (servers, contacts) = match parsed.value("--bootstrap-server") {
        Some(brokers) => (brokers, Contacts::Brokers),
        None => (parsed.value("--bootstrap-controller").unwrap_or_default(), Contacts::Controllers),
    };
    open(servers, contacts, &properties, client_id, PATIENCE).await
}

/// The properties of a file.
fn properties(path: &str) -> Result<BTreeMap<String, String>> {
    // Kafka's scripts name the file that they cannot read, and nothing else.
    let text = std::fs::read_to_string(path).map_err(|_| Failure(path.to_owned()))?;
    broker_config::properties::parse(&text).with_context(|| path.to_owned())
}

async fn open(
    servers: &str,
    contacts: Contacts,
    properties: &BTreeMap<String, String>,
    client_id: &str,
    patience: Duration,
) -> Result<Client> {
    let security = Security::from_properties(properties).map_err(|error| Failure(error.to_string()))?;
    let client_id = properties.get("client.id").map_or(client_id, String::as_str).to_owned();
    let first_contact = FIRST_CONTACT.min(patience);
    let options = ClientOptions { client_id, patience, first_contact, contacts, security };
    Ok(Client::connect(servers, options).await?)
}

/// Waits for who ends the process.
async fn ended() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

/// What the cluster said, in its own words and without the name of the error, as Kafka's tools show it.
fn words(error: &Error) -> String {
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::Broker { code, message }) => match message {
            Some(message) if !message.is_empty() => message.clone(),
            _ => code.message().to_owned(),
        },
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_by_their_names() {
        for name in ["kafka-topics.sh", "kafka-topics", "kafka-configs.sh", "kafka-server-start.sh"] {
            assert!(named(name).is_some(), "{name}");
        }
        assert!(named("klamm").is_none());
        assert!(named("kafka-topics.bat").is_none());
    }

    #[test]
    fn the_image_and_the_readme_have_every_script() {
        let image = include_str!("../../tests/cluster/image");
        let readme = include_str!("../../README.md");
        for (script, _) in SCRIPTS {
            assert!(image.contains(&format!("{script}.sh")), "{script} has no link in the image");
            assert!(readme.contains(&format!("`{script}.sh`")), "{script} is not in the README");
        }
    }
}
