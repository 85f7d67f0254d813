//! Whose settings the options mean.

use broker_client::admin::configs::{ConfigResource, ConfigSource};
use broker_types::BrokerId;

use super::super::options::{Failure, Options};

/// What is not built yet.
const LATER: &str = "client-metrics";

/// What settings belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Topic,
    Broker,
    Logger,
    Group,
}

impl Kind {
    fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "topics" => Ok(Self::Topic),
            "brokers" => Ok(Self::Broker),
            "broker-loggers" => Ok(Self::Logger),
            "groups" => Ok(Self::Group),
            LATER => Err(Failure(format!(
                "--entity-type {name} is not built yet: topics, brokers, broker-loggers, users, clients, ips and groups are"
            ))),
            _ => Err(Failure(format!(
                "Invalid entity type {name}, the entity type must be one of topics, clients, users, brokers, ips, \
                 client-metrics, groups, broker-loggers with a --bootstrap-server or --bootstrap-controller argument"
            ))),
        }
    }

    /// As it is called in options.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Topic => "topics",
            Self::Broker => "brokers",
            Self::Logger => "broker-loggers",
            Self::Group => "groups",
        }
    }

    /// As one is called.
    pub(super) fn singular(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Broker => "broker",
            Self::Logger => "broker-logger",
            Self::Group => "group",
        }
    }

    /// The resource called `name`; without one what all brokers have.
    pub(super) fn resource(self, name: Option<&str>) -> Result<ConfigResource, Failure> {
        let id = |name: &str| {
            let id = name.parse().map_err(|_| {
                Failure(format!(
                    "The entity name for {} must be a valid integer broker id, but it is: {name}",
                    self.plural()
                ))
            });
            id.map(BrokerId::new)
        };
        match (self, name) {
            (Self::Topic, Some(name)) => Ok(ConfigResource::Topic(name.to_owned())),
            (Self::Broker, Some(name)) => Ok(ConfigResource::Broker(id(name)?)),
            (Self::Logger, Some(name)) => Ok(ConfigResource::BrokerLogger(id(name)?)),
            (Self::Group, Some(name)) => Ok(ConfigResource::Group(name.to_owned())),
            (Self::Broker, None) => Ok(ConfigResource::BrokerDefault),
            (Self::Topic | Self::Logger | Self::Group, None) => {
                Err(Failure("an entity name is needed".to_owned()))
            }
        }
    }

    /// Where values come from that were set on the resource itself.
    pub(super) fn own_source(self, name: Option<&str>) -> Option<ConfigSource> {
        match (self, name) {
            (Self::Topic, _) => Some(ConfigSource::DynamicTopic),
            (Self::Broker, Some(_)) => Some(ConfigSource::DynamicBroker),
            (Self::Broker, None) => Some(ConfigSource::DynamicDefaultBroker),
            (Self::Group, _) => Some(ConfigSource::DynamicGroup),
            (Self::Logger, _) => None,
        }
    }
}

/// What the options name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entity {
    All,
    Default,
    Named(String),
}

impl Entity {
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::All | Self::Default => None,
        }
    }
}

/// What the options name, long or short.
pub(super) fn named(options: &Options) -> Result<(Kind, Entity), Failure> {
    let kinds = [
        ("topic", Kind::Topic),
        ("broker", Kind::Broker),
        ("broker-logger", Kind::Logger),
        ("group", Kind::Group),
    ];
    let mut found: Vec<_> = kinds
        .iter()
        .filter_map(|(name, kind)| Some((*kind, Entity::Named(options.value(name)?.to_owned()))))
        .collect();
    if options.has("broker-defaults") {
        found.push((Kind::Broker, Entity::Default));
    }
    if options.has(LATER) {
        Kind::named(LATER)?;
    }
    for kind in options.values("entity-type") {
        let entity = match options.value("entity-name") {
            Some(name) => Entity::Named(name.to_owned()),
            None if options.has("entity-default") => Entity::Default,
            None => Entity::All,
        };
        found.push((Kind::named(kind)?, entity));
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (None, _) => Err(Failure("At least one entity type must be specified".to_owned())),
        (Some(only), None) => Ok(only),
        (Some((one, _)), Some((other, _))) if one == other => {
            Err(Failure(format!("Duplicate entity type(s) specified: {}", one.plural())))
        }
        _ => Err(Failure("Only 'users' and 'clients' entity types may be specified together".to_owned())),
    }
}
