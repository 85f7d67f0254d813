//! `kafka-configs.sh` for topics, brokers and the log levels of brokers.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Error, Result, bail};
use broker_client::{
    Client, ClientError,
    admin::configs::{ConfigChange, ConfigEntry, ConfigResource, ConfigSource},
};
use broker_types::BrokerId;

use super::{
    connect,
    options::{Failure, Options, Spec, flag, value},
    read, words,
};

static SPEC: Spec = Spec {
    about: "Describes and alters the settings of topics, brokers and the log levels of brokers.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        flag("describe", "Show the settings"),
        flag("alter", "Change the settings"),
        flag("all", "Show all settings, not only those that were set"),
        value("entity-type", "TYPE", "topics, brokers or broker-loggers"),
        value("entity-name", "NAME", "Which one: a topic, or a broker's id"),
        flag("entity-default", "What all brokers have unless they have their own"),
        value("topic", "TOPIC", "Short for --entity-type topics --entity-name TOPIC"),
        value("broker", "ID", "Short for --entity-type brokers --entity-name ID"),
        flag("broker-defaults", "Short for --entity-type brokers --entity-default"),
        value("broker-logger", "ID", "Short for --entity-type broker-loggers --entity-name ID"),
        value("add-config", "KEY=VALUE,...", "Settings to set; a value with commas in square brackets"),
        value("add-config-file", "FILE", "A properties file of settings to set"),
        value("delete-config", "KEY,...", "Settings to set back"),
    ],
};

/// What settings belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Topic,
    Broker,
    Logger,
}

impl Kind {
    fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "topics" => Ok(Self::Topic),
            "brokers" => Ok(Self::Broker),
            "broker-loggers" => Ok(Self::Logger),
            "users" | "clients" | "ips" | "client-metrics" | "groups" => Err(Failure(format!(
                "--entity-type {name} is not built yet: topics, brokers, broker-loggers are"
            ))),
            _ => Err(Failure(format!(
                "Invalid entity type {name}, the entity type must be one of topics, brokers, broker-loggers"
            ))),
        }
    }

    fn singular(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Broker => "broker",
            Self::Logger => "broker-logger",
        }
    }

    /// The resource called `name`; without one what all brokers have.
    fn resource(self, name: Option<&str>) -> Result<ConfigResource, Failure> {
        let id = |name: &str| {
            let id = name.parse().map_err(|_| {
                Failure(format!(
                    "The entity name for {}s must be a valid integer broker id, found: {name}",
                    self.singular()
                ))
            });
            id.map(BrokerId::new)
        };
        match (self, name) {
            (Self::Topic, Some(name)) => Ok(ConfigResource::Topic(name.to_owned())),
            (Self::Broker, Some(name)) => Ok(ConfigResource::Broker(id(name)?)),
            (Self::Logger, Some(name)) => Ok(ConfigResource::BrokerLogger(id(name)?)),
            (Self::Broker, None) => Ok(ConfigResource::BrokerDefault),
            (Self::Topic | Self::Logger, None) => Err(Failure("an entity name is needed".to_owned())),
        }
    }

    /// Where values come from that were set on the resource itself.
    fn own_source(self, name: Option<&str>) -> Option<ConfigSource> {
        match (self, name) {
            (Self::Topic, _) => Some(ConfigSource::DynamicTopic),
            (Self::Broker, Some(_)) => Some(ConfigSource::DynamicBroker),
            (Self::Broker, None) => Some(ConfigSource::DynamicDefaultBroker),
            (Self::Logger, _) => None,
        }
    }
}

/// What the options name.
#[derive(Debug, PartialEq, Eq)]
enum Entity {
    All,
    Default,
    Named(String),
}

impl Entity {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::All | Self::Default => None,
        }
    }
}

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let options = match read(&SPEC, arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let (kind, entity) = match check(&options) {
        Ok(found) => found,
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(run(&options, kind, &entity)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.downcast_ref::<ClientError>().is_some() {
                eprintln!("Error while executing config command with args '{}'", arguments.join(" "));
            }
            eprintln!("{}", explained(&error));
            ExitCode::FAILURE
        }
    }
}

/// A broker's error with the name that Kafka's tools show it by.
fn explained(error: &Error) -> String {
    let code = error.downcast_ref::<ClientError>().and_then(ClientError::code);
    let Some(code) = code else { return words(error) };
    let class: String = code.name().split('_').map(capitalized).collect();
    // Two codes are called otherwise where they are thrown.
    let class = match class.as_str() {
        "InvalidConfig" => "InvalidConfiguration",
        class => class,
    };
    format!("org.apache.kafka.common.errors.{class}Exception: {}", words(error))
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().chain(letters.map(|c| c.to_ascii_lowercase())).collect()
}

fn check(options: &Options) -> Result<(Kind, Entity), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    if options.count_of(&["alter", "describe"]) != 1 {
        return refuse("Command must include exactly one action: --describe, --alter.");
    }
    options.required("bootstrap-server")?;
    let short = [("topic", Kind::Topic), ("broker", Kind::Broker), ("broker-logger", Kind::Logger)];
    let named =
        short.iter().find_map(|(name, kind)| Some((*kind, Entity::Named(options.value(name)?.to_owned()))));
    let (kind, entity) = match (options.value("entity-type"), named) {
        (Some(_), Some(_)) => return refuse("--entity-type goes with none of its short forms"),
        (None, Some(found)) => found,
        (None, None) if options.has("broker-defaults") => (Kind::Broker, Entity::Default),
        (None, None) => return refuse("At least one entity type must be specified: --entity-type TYPE"),
        (Some(kind), None) => {
            let entity = match options.value("entity-name") {
                Some(name) => Entity::Named(name.to_owned()),
                None if options.has("entity-default") => Entity::Default,
                None => Entity::All,
            };
            (Kind::named(kind)?, entity)
        }
    };
    if entity == Entity::Default && kind != Kind::Broker {
        return refuse("--entity-default is for brokers");
    }
    if options.has("alter") {
        if entity == Entity::All {
            return refuse("An entity name must be specified for every entity type");
        }
        if options.count_of(&["add-config", "add-config-file", "delete-config"]) == 0 {
            return refuse(
                "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
            );
        }
        if options.count_of(&["add-config", "add-config-file"]) == 2 {
            return refuse("Only one of --add-config or --add-config-file must be specified");
        }
    }
    Ok((kind, entity))
}

async fn run(options: &Options, kind: Kind, entity: &Entity) -> Result<()> {
    let mut client = connect(options, "kafka-configs").await?;
    if options.has("alter") {
        return alter(&mut client, options, kind, entity).await;
    }
    let entities = match entity {
        Entity::All => all(&mut client, kind).await?,
        entity => vec![entity.name().map(str::to_owned)],
    };
    for name in entities {
        let name = name.as_deref();
        match name {
            None => println!("Default configs for {}s in the cluster are:", kind.singular()),
            Some(name) => {
                let which = if options.has("all") { "All" } else { "Dynamic" };
                println!("{which} configs for {} {name} are:", kind.singular());
            }
        }
        let mut entries = client.describe_configs(&kind.resource(name)?).await?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let source = kind.own_source(name).filter(|_| !options.has("all"));
        for entry in entries.iter().filter(|entry| source.is_none_or(|source| entry.source == source)) {
            println!("{}", line(entry));
        }
    }
    Ok(())
}

/// The names of all there are; brokers end with what all have.
async fn all(client: &mut Client, kind: Kind) -> Result<Vec<Option<String>>> {
    if kind == Kind::Topic {
        let topics = client.describe_topics(None).await?;
        return Ok(topics.into_iter().map(|topic| Some(topic.name)).collect());
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
    if !unset.is_empty() {
        let own = kind.own_source(entity.name());
        let entries = client.describe_configs(&resource).await?;
        let is_set = |key: &str| {
            entries.iter().any(|entry| entry.name == key && own.is_none_or(|own| entry.source == own))
        };
        let unknown: Vec<_> = unset.iter().copied().filter(|key| !is_set(key)).collect();
        if !unknown.is_empty() {
            bail!("Invalid config(s): {}", unknown.join(","));
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
        None => println!("Completed updating default config for {}s in the cluster.", kind.singular()),
    }
    Ok(())
}

/// What is to be set.
fn settings(options: &Options) -> Result<BTreeMap<String, String>> {
    let mut settings = options.properties("add-config-file", "")?;
    for entry in options.value("add-config").map(split).unwrap_or_default() {
        let Some((key, value)) = entry.split_once('=') else {
            bail!(
                "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\"."
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
            "--describe --entity-type users",
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
