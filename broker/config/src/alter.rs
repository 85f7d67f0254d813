//! Changing dynamic values: IncrementalAlterConfigs (KIP-339) and AlterConfigs, as pure functions.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::broker::{self, CLUSTER_LISTENER_KEYS};
use crate::layers::Texts;
use crate::{ConfigDef, InvalidValue, Kind, UpdateMode, group, topic};

/// What is done to one key; the numbers are those of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sets the value.
    Set,
    /// Takes the value away, so that the next layer holds.
    Delete,
    /// Adds items to a list.
    Append,
    /// Takes items from a list.
    Subtract,
}

impl Operation {
    /// The operation of a request's number.
    #[must_use]
    pub const fn from_wire(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Set => "SET",
            Self::Delete => "DELETE",
            Self::Append => "APPEND",
            Self::Subtract => "SUBTRACT",
        }
    }
}

/// What has dynamic values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A topic.
    Topic,
    /// One broker, or all of them.
    Broker,
    /// A group.
    Group,
}

impl Resource {
    fn find(self, name: &str) -> Option<&'static ConfigDef> {
        match self {
            Self::Topic => topic::find(name),
            Self::Broker => broker::find(name),
            Self::Group => group::find(name),
        }
    }
}

/// One change of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// The key.
    pub name: &'a str,
    /// What is done to it.
    pub operation: Operation,
    /// The value; not looked at by [`Operation::Delete`].
    pub value: Option<&'a str>,
}

/// A change that cannot be. `DuplicateKeys` and `NullValues` are INVALID_REQUEST, `NotAList` is INVALID_CONFIG.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlterError {
    /// A key is named twice.
    #[error("Error due to duplicate config keys")]
    DuplicateKeys,
    /// Keys without a value that need one.
    #[error("Null value not supported for : {}", .0.join(","))]
    NullValues(Vec<String>),
    /// Items for what is no list.
    #[error("Can't {} to key {name} because its type is not LIST.", .operation.name())]
    NotAList {
        /// The key.
        name: String,
        /// What was to be done to it.
        operation: Operation,
    },
}

/// A dynamic value of a broker that is not accepted; INVALID_REQUEST.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBrokerChange {
    /// The keys can be set in files only.
    #[error("Cannot update these configs dynamically: [{}]", .0.join(", "))]
    ReadOnly(Vec<String>),
    /// The keys need a listener's prefix.
    #[error(
        "These security configs can be dynamically updated only per-listener using the listener prefix: [{}]",
        .0.join(", ")
    )]
    NeedsListener(Vec<String>),
    /// The keys cannot be set for all brokers at once.
    #[error(
        "Cannot update these configs at default cluster level, broker id must be specified: [{}]",
        .0.join(", ")
    )]
    PerBroker(Vec<String>),
    /// A value is wrong.
    #[error("{0}")]
    Value(#[from] InvalidValue),
    /// The values do not go together.
    #[error("{0}")]
    Together(#[from] crate::ConfigError),
}

/// Applies changes to what is set for a resource; the result is to be validated as a whole.
///
/// # Errors
/// When a key is named twice, a value is missing or items are given for what is no list.
pub fn apply(resource: Resource, set: &Texts, changes: &[Change<'_>]) -> Result<Texts, AlterError> {
    check_shape(changes)?;
    let mut result = set.clone();
    for change in changes {
        let def = resource.find(change.name);
        let value = change.value.unwrap_or_default();
        let new = match change.operation {
            Operation::Set => Some(value.to_owned()),
            Operation::Delete => None,
            Operation::Append | Operation::Subtract => {
                let Some(def) = def.filter(|def| def.kind == Kind::List) else {
                    let name = change.name.to_owned();
                    return Err(AlterError::NotAList { name, operation: change.operation });
                };
                let current = result.get(change.name).map(String::as_str).or(def.default_text());
                Some(edited(current.unwrap_or_default(), change.operation, value))
            }
        };
        match new {
            Some(new) => result.insert(change.name.to_owned(), new),
            None => result.remove(change.name),
        };
    }
    Ok(result)
}

/// Checks what holds of changes to any resource.
///
/// # Errors
/// When a key is named twice or a value is missing.
pub fn check_shape(changes: &[Change<'_>]) -> Result<(), AlterError> {
    let mut names: Vec<_> = changes.iter().map(|change| change.name).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < changes.len() {
        return Err(AlterError::DuplicateKeys);
    }
    let without_value =
        changes.iter().filter(|change| change.operation != Operation::Delete && change.value.is_none());
    let without_value: Vec<_> = without_value.map(|change| change.name.to_owned()).collect();
    if without_value.is_empty() { Ok(()) } else { Err(AlterError::NullValues(without_value)) }
}

fn edited(current: &str, operation: Operation, value: &str) -> String {
    let mut items: Vec<&str> = current.split(',').filter(|item| !item.is_empty()).collect();
    for item in value.split(',') {
        match (operation, items.iter().position(|has| *has == item)) {
            (Operation::Subtract, Some(at)) => {
                items.remove(at);
            }
            (Operation::Append, None) => items.push(item),
            _ => {}
        }
    }
    items.join(",")
}

/// Whom dynamic values of brokers are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerScope {
    /// All brokers.
    Cluster,
    /// One broker.
    One,
}

/// Checks dynamic values of brokers, key by key. Unknown keys pass, as in Kafka: plug-ins have their own.
/// What keys demand of each other is checked by [`crate::BrokerConfig::reconfigured`].
///
/// # Errors
/// In Kafka's words.
pub fn validate_broker(scope: BrokerScope, set: &Texts) -> Result<(), InvalidBrokerChange> {
    let named = |wrong: &dyn Fn(&str) -> bool| -> Option<Vec<String>> {
        let names: Vec<_> = set.keys().filter(|name| wrong(name)).map(ToString::to_string).collect();
        (!names.is_empty()).then_some(names)
    };
    let is_read_only = |name: &str| broker::find(name).is_some_and(|def| !broker::is_dynamic(def));
    if let Some(names) = named(&is_read_only) {
        return Err(InvalidBrokerChange::ReadOnly(names));
    }
    if let Some(names) = named(&broker::needs_listener) {
        return Err(InvalidBrokerChange::NeedsListener(names));
    }
    for (name, value) in set {
        let def = broker::scoped(name).map_or_else(|| broker::find(name), |scoped| scoped.def);
        if let Some(def) = def {
            def.parse(value)?;
        }
    }
    let is_per_broker = |name: &str| match broker::scoped(name) {
        Some(scoped) => !CLUSTER_LISTENER_KEYS.contains(&scoped.key),
        None => broker::find(name).is_some_and(|def| {
            let is_dynamic_only = broker::DYNAMIC_ONLY.iter().any(|known| known.name == name);
            def.update == UpdateMode::PerBroker && !is_dynamic_only
        }),
    };
    match named(&is_per_broker) {
        Some(names) if scope == BrokerScope::Cluster => Err(InvalidBrokerChange::PerBroker(names)),
        _ => Ok(()),
    }
}
