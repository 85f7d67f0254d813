//! `kafka-configs.sh` for topics, brokers, groups and the log levels of brokers, for the quotas of users, clients and addresses,
//! and for the passwords of users.

mod entity;
mod quotas;
mod scram;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use anyhow::{Error, Result, bail};
use broker_client::{
    Client, ClientError, Contacts,
    admin::configs::{ConfigChange, ConfigEntry, ConfigSource},
};
use broker_protocol::ErrorCode;

use self::entity::{Entity, Kind, named};
use super::{
    connect,
    exceptions::thrown,
    options::{Failure, Options, Spec, Unreadable, flag, value},
    read, refuse,
};

static SPEC: Spec = Spec {
    about: "Describes and alters the settings of topics, brokers and groups, log levels, quotas of users, clients and addresses, passwords of users.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "The servers to start from"),
        value("bootstrap-controller", "HOST:PORT", "Or controllers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        flag("describe", "Show the settings"),
        flag("alter", "Change the settings"),
        flag("all", "Show all settings, not only those that were set"),
        value("entity-type", "TYPE", "topics, brokers, broker-loggers, users, clients, ips or groups"),
        value("entity-name", "NAME", "Which one: a topic, a broker's id, a group"),
        flag("entity-default", "What all brokers have unless they have their own"),
        value("topic", "TOPIC", "Short for --entity-type topics --entity-name TOPIC"),
        value("broker", "ID", "Short for --entity-type brokers --entity-name ID"),
        flag("broker-defaults", "Short for --entity-type brokers --entity-default"),
        value("broker-logger", "ID", "Short for --entity-type broker-loggers --entity-name ID"),
        value("user", "NAME", "Short for --entity-type users --entity-name NAME"),
        flag("user-defaults", "Short for --entity-type users --entity-default"),
        value("client", "ID", "Short for --entity-type clients --entity-name ID"),
        flag("client-defaults", "Short for --entity-type clients --entity-default"),
        value("ip", "ADDRESS", "Short for --entity-type ips --entity-name ADDRESS"),
        flag("ip-defaults", "Short for --entity-type ips --entity-default"),
        value("client-metrics", "NAME", "Not built yet"),
        value("group", "ID", "Short for --entity-type groups --entity-name ID"),
        value("add-config", "KEY=VALUE,...", "Settings to set; a value with commas in square brackets"),
        value("add-config-file", "FILE", "A properties file of settings to set"),
        value("delete-config", "KEY,...", "Settings to set back"),
    ],
};

const ACTIONS: [&str; 2] = ["alter", "describe"];
/// The options that change something.
const CHANGES: [&str; 3] = ["add-config", "add-config-file", "delete-config"];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let options = match read(&SPEC, arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if quotas::are_meant(&options) {
        return quotas::main(&options, arguments);
    }
    let (kind, entity) = match check(&options) {
        Ok(found) => found,
        Err(failure) if options.count_of(&ACTIONS) != 1 => return refuse(&SPEC, &failure),
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(run(&options, kind, &entity)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, arguments),
    }
}

/// Says what went wrong; what is not about the arguments alone is said with them.
fn failed(error: &Error, arguments: &[String]) -> ExitCode {
    if error.is::<ClientError>() || error.is::<Unreadable>() || error.is::<NoBrokers>() {
        eprintln!("Error while executing config command with args '{}'", arguments.join(" "));
    }
    eprintln!("{}", thrown(error));
    ExitCode::FAILURE
}

fn check(options: &Options) -> Result<(Kind, Entity), Failure> {
    check_action(options)?;
    let (kind, entity) = named(options)?;
    let action = if options.has("alter") { "alter" } else { "describe" };
    let has_default = kind == Kind::Broker;
    let is_named = matches!(entity, Entity::Named(_)) || (has_default && entity == Entity::Default);
    if kind == Kind::Group && entity == Entity::Default && action == "describe" {
        return Err(Failure("--entity-default must not be specified with --describe of groups".to_owned()));
    }
    if !is_named && (action == "alter" || kind == Kind::Logger || entity == Entity::Default) {
        return Err(Failure(format!(
            "An entity name must be specified with --{action} of {}",
            kind.plural()
        )));
    }
    // A name that is no broker's is said before anything is asked.
    if let Entity::Named(name) = &entity {
        kind.resource(Some(name))?;
    }
    check_changes(options)?;
    Ok((kind, entity))
}

/// Whether what is to be done, and where, is said once.
fn check_action(options: &Options) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    if options.count_of(&ACTIONS) != 1 {
        return refuse("Command must include exactly one action: --describe, --alter");
    }
    if options.has("describe")
        && let Some(change) = CHANGES.iter().find(|change| options.has(change))
    {
        return Err(Failure(format!("Option \"[describe]\" can't be used with option \"[{change}]\"")));
    }
    match options.count_of(&["bootstrap-server", "bootstrap-controller"]) {
        0 => return refuse("Either --bootstrap-server or --bootstrap-controller must be specified."),
        1 => {}
        _ => return refuse("Only one of --bootstrap-server or --bootstrap-controller can be specified"),
    }
    Ok(())
}

/// Whether an alteration says what is to change.
fn check_changes(options: &Options) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    if options.has("alter") {
        if options.count_of(&CHANGES) == 0 {
            return refuse(
                "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
            );
        }
        if options.count_of(&["add-config", "add-config-file"]) == 2 {
            return refuse("Only one of --add-config or --add-config-file must be specified");
        }
    }
    Ok(())
}

async fn run(options: &Options, kind: Kind, entity: &Entity) -> Result<()> {
    let mut client = connect(options, "kafka-configs").await?;
    if options.has("alter") {
        return alter(&mut client, options, kind, entity).await;
    }
    if kind == Kind::Topic {
        only_brokers(&client)?;
    }
    let entities = match entity {
        Entity::Named(name) if kind == Kind::Group && !groups(&mut client).await?.contains(name) => {
            println!("{}", unknown(kind, name));
            return Ok(());
        }
        Entity::All => all(&mut client, kind).await?,
        entity => vec![entity.name().map(str::to_owned)],
    };
    for name in entities {
        describe(&mut client, options, kind, name.as_deref()).await?;
    }
    Ok(())
}

fn unknown(kind: Kind, name: &str) -> String {
    format!("The {} '{name}' doesn't exist and doesn't have dynamic config.", kind.singular())
}

/// Refuses what controllers do not know.
fn only_brokers(client: &Client) -> Result<(), ClientError> {
    const WORDS: &str =
        "This Admin API is not yet supported when communicating directly with the controller quorum.";
    match client.contacts() {
        Contacts::Brokers => Ok(()),
        Contacts::Controllers => Err(ClientError::Broker {
            code: ErrorCode::UnsupportedEndpointType,
            message: Some(WORDS.to_owned()),
        }),
    }
}

/// Groups are asked of every broker, and controllers name none.
#[derive(Debug, thiserror::Error)]
#[error("org.apache.kafka.common.KafkaException: Failed to find brokers to send ListGroups")]
struct NoBrokers;

/// The groups that there are, and those that only have settings.
async fn groups(client: &mut Client) -> Result<BTreeSet<String>> {
    only_brokers(client).map_err(|_| NoBrokers)?;
    let mut groups: BTreeSet<_> = client.group_ids().await?.into_iter().collect();
    groups.extend(client.configured_groups().await?);
    Ok(groups)
}

async fn describe(client: &mut Client, options: &Options, kind: Kind, name: Option<&str>) -> Result<()> {
    let found = client.describe_configs(&kind.resource(name)?).await;
    let is_unknown = |error: &ClientError| {
        let code = error.code();
        code == Some(ErrorCode::UnknownTopicOrPartition) || code == Some(ErrorCode::BrokerNotAvailable)
    };
    let mut entries = match (found, name) {
        (Err(error), Some(name)) if is_unknown(&error) => {
            println!("{}", unknown(kind, name));
            return Ok(());
        }
        (found, _) => found?,
    };
    match name {
        None => println!("Default configs for {} in the cluster are:", kind.plural()),
        Some(name) => {
            let which = if options.has("all") { "All" } else { "Dynamic" };
            println!("{which} configs for {} {name} are:", kind.singular());
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let source = kind.own_source(name).filter(|_| !options.has("all"));
    for entry in entries.iter().filter(|entry| source.is_none_or(|source| entry.source == source)) {
        println!("{}", line(entry));
    }
    Ok(())
}

/// The names of all there are; brokers end with what all have.
async fn all(client: &mut Client, kind: Kind) -> Result<Vec<Option<String>>> {
    if kind == Kind::Topic {
        let topics = client.describe_topics(None).await?;
        return Ok(topics.into_iter().map(|topic| Some(topic.name)).collect());
    }
    if kind == Kind::Group {
        return Ok(groups(client).await?.into_iter().map(Some).collect());
    }
    let mut names: Vec<_> = client.broker_ids().await?.iter().map(|id| Some(id.to_string())).collect();
    if kind == Kind::Broker {
        names.push(None);
    }
    Ok(names)
}

fn line(entry: &ConfigEntry) -> String {
    let text = |value: &Option<String>| value.as_deref().unwrap_or("null").to_owned();
    let synonym = |(name, value, source): &(String, Option<String>, ConfigSource)| {
        format!("{}:{name}={}", source.name(), text(value))
    };
    let synonyms = entry.synonyms.iter().map(synonym).collect::<Vec<_>>().join(", ");
    format!(
        "  {}={} sensitive={} synonyms={{{synonyms}}}",
        entry.name,
        text(&entry.value),
        entry.is_sensitive
    )
}

async fn alter(client: &mut Client, options: &Options, kind: Kind, entity: &Entity) -> Result<()> {
    let set = settings(options)?;
    let unset: Vec<_> =
        options.values("delete-config").iter().flat_map(|list| list.split(',')).map(str::trim).collect();
    let resource = kind.resource(entity.name())?;
    if kind == Kind::Logger {
        let loggers = client.describe_configs(&resource).await?;
        let is_there = |key: &str| loggers.iter().any(|logger| logger.name == key);
        let named = set.keys().map(String::as_str).chain(unset.iter().copied());
        let unknown: Vec<_> = named.filter(|key| !is_there(key)).collect();
        if !unknown.is_empty() {
            bail!("Invalid broker logger(s): {}", unknown.join(","));
        }
    }
    let changes: Vec<_> = set
        .into_iter()
        .map(|(key, value)| ConfigChange::Set(key, value))
        .chain(unset.iter().map(|key| ConfigChange::Delete((*key).to_owned())))
        .collect();
    client.alter_configs(&resource, &changes).await?;
    match entity.name() {
        Some(name) => println!("Completed updating config for {} {name}.", kind.singular()),
        None => println!("Completed updating default config for {} in the cluster.", kind.plural()),
    }
    Ok(())
}

/// What is to be set.
fn settings(options: &Options) -> Result<BTreeMap<String, String>> {
    let mut settings = options.properties("add-config-file", "")?;
    for entry in options.value("add-config").map(split).unwrap_or_default() {
        let Some((key, value)) = entry.split_once('=') else {
            bail!(
                "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or  \"key=[val1,val2]\" to group values which contain commas."
            );
        };
        settings.insert(key.trim().to_owned(), value.replace(['[', ']'], "").trim().to_owned());
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    // Loggers of classes that are inside others are called with a dollar sign.
    if let Some(key) = settings.keys().find(|key| !key.chars().all(|c| is_plain(c) || c == '$')) {
        bail!("Invalid character found for config key: {key}");
    }
    Ok(settings)
}

/// Splits at commas that are not within square brackets.
fn split(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' => is_inside = true,
            ']' => is_inside = false,
            ',' if !is_inside => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &[&str]) -> Options {
        let words: Vec<_> = line.iter().map(|&word| word.to_owned()).collect();
        Options::parse(&SPEC, &words).unwrap()
    }

    fn checked(line: &str) -> Result<(Kind, Entity), String> {
        let words: Vec<_> = line.split(' ').collect();
        check(&options(&[&["--bootstrap-server", "a:1"], &words[..]].concat())).map_err(|failure| failure.0)
    }

    #[test]
    fn entities_are_named_long_or_short() {
        let named = |kind, name: &str| Ok((kind, Entity::Named(name.to_owned())));
        assert_eq!(checked("--describe --entity-type topics --entity-name t"), named(Kind::Topic, "t"));
        assert_eq!(checked("--describe --topic t"), named(Kind::Topic, "t"));
        assert_eq!(checked("--describe --group g"), named(Kind::Group, "g"));
        assert_eq!(checked("--describe --broker-logger 1"), named(Kind::Logger, "1"));
        assert_eq!(checked("--describe --entity-type brokers"), Ok((Kind::Broker, Entity::All)));
        assert_eq!(
            checked("--describe --entity-type brokers --entity-default"),
            Ok((Kind::Broker, Entity::Default))
        );
        for bad in [
            "--describe",
            "--alter --topic t",
            "--alter --entity-type topics --add-config a=b",
            "--describe --entity-type client-metrics",
            "--describe --entity-type groups --entity-default",
            "--alter --entity-type groups --add-config a=b",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_with_commas_stand_in_brackets() {
        let found = settings(&options(&["--add-config", "a=1,b=[x,y],c="])).unwrap();
        let pairs: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "1"), ("b", "x,y"), ("c", "")]);
        assert!(settings(&options(&["--add-config", "a"])).is_err());
        assert!(settings(&options(&["--add-config", "a b=1"])).is_err());
    }

    #[test]
    fn an_entry_is_shown_with_its_synonyms() {
        let entry = ConfigEntry {
            name: "retention.ms".to_owned(),
            value: Some("5".to_owned()),
            source: ConfigSource::DynamicTopic,
            is_read_only: false,
            is_sensitive: false,
            synonyms: vec![
                ("retention.ms".to_owned(), Some("5".to_owned()), ConfigSource::DynamicTopic),
                ("log.retention.ms".to_owned(), None, ConfigSource::StaticBroker),
            ],
        };
        assert_eq!(
            line(&entry),
            "  retention.ms=5 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=5, \
             STATIC_BROKER_CONFIG:log.retention.ms=null}"
        );
    }
}
