//! Kafka's own scripts: called by the name of one, the binary takes its flags, prints its output and ends with its exit
//! code. What a script can and this release cannot is refused in words, never done by half.

mod configs;
mod console_consumer;
mod console_producer;
mod include_list;
mod options;
mod server_start;
mod storage;
mod topics;

use std::process::ExitCode;

use anyhow::{Error, Result};
use broker_client::{Client, ClientError, Options as ClientOptions};

use self::options::{Failure, Options};
use crate::commands::FIRST_CONTACT;

/// A script: what it is called and what it does with the arguments after its name.
type Shim = fn(&[String]) -> ExitCode;

/// The script of that name.
pub(crate) fn named(name: &str) -> Option<Shim> {
    Some(match name.strip_suffix(".sh").unwrap_or(name) {
        "kafka-topics" => topics::main,
        "kafka-configs" => configs::main,
        "kafka-console-producer" => console_producer::main,
        "kafka-console-consumer" => console_consumer::main,
        "kafka-storage" => storage::main,
        "kafka-server-start" => server_start::main,
        _ => return None,
    })
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

/// Connects to the servers of `--bootstrap-server`, with the client's properties where the script takes some.
async fn connect(options: &Options, client_id: &str) -> Result<Client> {
    let servers = options.required("bootstrap-server")?;
    let mut properties = options.properties("command-config", "command-property")?;
    for (file, single) in [("consumer.config", "consumer-property"), ("producer.config", "producer-property")]
    {
        properties.extend(options.properties(file, single)?);
    }
    let protocol = properties.get("security.protocol").map_or("PLAINTEXT", |protocol| protocol.trim());
    if !protocol.eq_ignore_ascii_case("PLAINTEXT") {
        return Err(Failure(format!("security.protocol={protocol}: only PLAINTEXT is built yet")).into());
    }
    let client_id = properties.get("client.id").map_or(client_id, String::as_str).to_owned();
    let options = ClientOptions { client_id, first_contact: FIRST_CONTACT, ..ClientOptions::default() };
    Ok(Client::connect(servers, options).await?)
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
}
