//! Dynamic configs: IncrementalAlterConfigs (KIP-339) and the older AlterConfigs.

mod error;

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    vec::Vec,
};

use broker_metadata::{ConfigResource, ConfigResourceType, Image, Map};
use broker_protocol::{
    Str,
    records::metadata::{ClearElrRecord, ConfigRecord, MetadataRecord},
};
use broker_types::{BrokerId, TopicName};

pub use self::error::ConfigError;
use crate::{ConfigRules, MAX_RECORDS, leadership::keeps_elr};

/// The longest value, in bytes: what Kafka's own readers take.
const MAX_VALUE_LENGTH: usize = 32_767;

/// The config that eligible leader replicas rest on.
pub(crate) const MIN_ISR: &str = "min.insync.replicas";

/// Changes of single configs. Each resource changes as a whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct IncrementalAlterConfigs {
    /// The changes by resource.
    pub resources: Vec<(ConfigResource, Vec<ConfigChange>)>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// One change of one config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    /// The key.
    pub name: Str,
    /// What to do.
    pub operation: ConfigOperation,
    /// With which value; none to delete.
    pub value: Option<Str>,
}

/// What to do with a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOperation {
    /// Give it the value.
    Set,
    /// Go back to the default.
    Delete,
    /// Add the value's items to the list.
    Append,
    /// Take the value's items out of the list.
    Subtract,
}

impl ConfigOperation {
    /// The operation of a code on the wire.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

/// All configs of resources at once: what is not named goes back to its default.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigs {
    /// The configs by resource.
    pub resources: Vec<(ConfigResource, ConfigValues)>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// Keys with their values; none where the caller gave none.
pub type ConfigValues = Vec<(Str, Option<Str>)>;

/// One result per resource, in the order of the request.
pub(crate) type Altered = Vec<(ConfigResource, Result<(), ConfigError>)>;

/// Changes single configs.
pub(crate) fn incremental(
    image: &Image,
    rules: &dyn ConfigRules,
    request: &IncrementalAlterConfigs,
) -> (Vec<MetadataRecord>, Altered) {
    alter(&request.resources, request.validate_only, |resource, changes| {
        check_resource(resource)?;
        let current = image.configs().of(resource);
        let changed = apply(rules, resource, current, changes)?;
        finish(image, rules, resource, current, changed)
    })
}

/// Sets all configs of resources.
pub(crate) fn replace(
    image: &Image,
    rules: &dyn ConfigRules,
    request: &AlterConfigs,
) -> (Vec<MetadataRecord>, Altered) {
    alter(&request.resources, request.validate_only, |resource, values| {
        check_resource(resource)?;
        let nulls: Vec<&str> =
            values.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| &**name).collect();
        if !nulls.is_empty() {
            return Err(ConfigError::NullValue(kind_name(resource.kind), nulls.join(",")));
        }
        let current = image.configs().of(resource);
        let mut changed: Changes = values.iter().cloned().collect();
        if changed.len() < values.len() {
            return Err(ConfigError::DuplicateKey);
        }
        for (name, _) in current.into_iter().flat_map(Map::iter) {
            changed.entry(name.clone()).or_insert(None);
        }
        finish(image, rules, resource, current, changed)
    })
}

/// The new value of each key that a request touches; none is the default.
type Changes = BTreeMap<Str, Option<Str>>;

fn alter<T>(
    resources: &[(ConfigResource, T)],
    validate_only: bool,
    mut alter_one: impl FnMut(&ConfigResource, &T) -> Result<Vec<MetadataRecord>, ConfigError>,
) -> (Vec<MetadataRecord>, Altered) {
    let mut counts: BTreeMap<&ConfigResource, usize> = BTreeMap::new();
    for (resource, _) in resources {
        *counts.entry(resource).or_default() += 1;
    }
    let mut records = Vec::new();
    let mut results: Altered = Vec::new();
    for (resource, changes) in resources {
        let result = match counts.insert(resource, 0) {
            Some(1) => alter_one(resource, changes).map(|new| records.extend(new)),
            Some(0) | None => continue,
            Some(_) => Err(ConfigError::DuplicateResource),
        };
        results.push((resource.clone(), result));
    }
    if records.len() > MAX_RECORDS {
        results.iter_mut().for_each(|(_, result)| *result = Err(ConfigError::TooManyRecords));
        records.clear();
    }
    if validate_only {
        records.clear();
    }
    (records, results)
}

/// What the operations make of the current values.
fn apply(
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    current: Option<&Map<Str, Str>>,
    changes: &[ConfigChange],
) -> Result<Changes, ConfigError> {
    if changes.iter().map(|change| &change.name).collect::<BTreeSet<_>>().len() < changes.len() {
        return Err(ConfigError::DuplicateKey);
    }
    let missing =
        |change: &&ConfigChange| change.operation != ConfigOperation::Delete && change.value.is_none();
    let nulls: Vec<&str> = changes.iter().filter(missing).map(|change| &*change.name).collect();
    if !nulls.is_empty() {
        return Err(ConfigError::NullValue(kind_name(resource.kind), nulls.join(",")));
    }
    let mut result = Changes::new();
    for ConfigChange { name, operation, value } in changes {
        let now = current.and_then(|values| values.get(&**name));
        let given = value.as_deref().unwrap_or_default();
        let new = match operation {
            ConfigOperation::Set => value.clone(),
            ConfigOperation::Delete => None,
            ConfigOperation::Append => {
                let mut items = list(rules, resource, "APPEND", name, now)?;
                for item in given.split(',').map(str::trim) {
                    if !items.iter().any(|known| known == item) {
                        items.push(item.to_string());
                    }
                }
                Some(Str::from(&*items.join(",")))
            }
            ConfigOperation::Subtract => {
                let mut items = list(rules, resource, "SUBTRACT", name, now)?;
                items.retain(|item| !given.split(',').any(|gone| gone.trim() == item));
                Some(Str::from(&*items.join(",")))
            }
        };
        result.insert(name.clone(), new);
    }
    Ok(result)
}

/// The items of a list config, its default's when it is not set.
fn list(
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    operation: &'static str,
    name: &Str,
    now: Option<&Str>,
) -> Result<Vec<String>, ConfigError> {
    if !rules.is_list(resource.kind, name) {
        return Err(ConfigError::NotAList { operation, name: name.clone() });
    }
    let default = || rules.default_value(resource.kind, name).unwrap_or_default();
    let value = now.map_or_else(default, |value| value.to_string());
    Ok(value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(ToString::to_string).collect())
}

/// Checks what the resource will have, and that it exists, and writes what differs. Broker configs are written even
/// when nothing differs: brokers take it as the sign to read files such as key stores again.
fn finish(
    image: &Image,
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    current: Option<&Map<Str, Str>>,
    changes: Changes,
) -> Result<Vec<MetadataRecord>, ConfigError> {
    let mut all: BTreeMap<Str, Str> =
        current.into_iter().flat_map(Map::iter).map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in &changes {
        match value {
            Some(value) => drop(all.insert(name.clone(), value.clone())),
            None => drop(all.remove(name)),
        }
    }
    let set: Vec<_> =
        changes.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    let all: Vec<_> = all.into_iter().collect();
    validate_values(rules, resource, &set, &all)?;
    check_exists(image, resource)?;
    let min_isr = changes.get(MIN_ISR).filter(|_| keeps_elr(image)).cloned();
    match (&min_isr, resource.kind, resource.name.is_empty()) {
        (Some(_), ConfigResourceType::Broker, false) => return Err(ConfigError::BrokerMinIsr),
        (Some(None), ConfigResourceType::Broker, true) => return Err(ConfigError::ClusterMinIsr),
        _ => {}
    }
    let always = resource.kind == ConfigResourceType::Broker;
    let differs =
        |name: &Str, value: &Option<Str>| current.and_then(|values| values.get(&**name)) != value.as_ref();
    let differing = changes.into_iter().filter(|(name, value)| always || differs(name, value));
    let mut records: Vec<_> = differing.map(|(name, value)| config_record(resource, name, value)).collect();
    if min_isr.is_some() && !records.is_empty() {
        // Eligibility was decided by the old minimum. The empty name stands for all topics.
        let topic_name = match resource.kind {
            ConfigResourceType::Topic => resource.name.clone(),
            _ => Str::EMPTY,
        };
        records.push(ClearElrRecord { topic_name }.into());
    }
    Ok(records)
}

/// Checks values that are about to be set, and all that the resource will then have.
pub(crate) fn validate_values(
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    set: &[(Str, Str)],
    all: &[(Str, Str)],
) -> Result<(), ConfigError> {
    for (name, value) in set {
        if value.len() > MAX_VALUE_LENGTH {
            return Err(ConfigError::TooLong);
        }
        let checked = match resource.kind {
            ConfigResourceType::Topic => rules.validate_topic(name, value),
            ConfigResourceType::Group => Ok(()),
            ConfigResourceType::Broker | ConfigResourceType::ClientMetrics => {
                rules.validate_broker(resource.name.parse().ok(), name, value)
            }
        };
        checked.map_err(ConfigError::Invalid)?;
    }
    match resource.kind {
        ConfigResourceType::Topic => rules.validate_topic_set(all).map_err(ConfigError::Invalid),
        ConfigResourceType::Group => rules.validate_group_set(all).map_err(ConfigError::Invalid),
        ConfigResourceType::Broker | ConfigResourceType::ClientMetrics => Ok(()),
    }
}

/// The records that set values.
pub(crate) fn set_records(resource: &ConfigResource, values: &[(Str, Str)]) -> Vec<MetadataRecord> {
    values.iter().map(|(name, value)| config_record(resource, name.clone(), Some(value.clone()))).collect()
}

pub(crate) fn config_record(resource: &ConfigResource, name: Str, value: Option<Str>) -> MetadataRecord {
    MetadataRecord::Config(ConfigRecord {
        resource_type: resource.kind.code(),
        resource_name: resource.name.clone(),
        name,
        value,
    })
}

fn kind_name(kind: ConfigResourceType) -> &'static str {
    match kind {
        ConfigResourceType::Topic => "topic",
        ConfigResourceType::Broker => "broker",
        ConfigResourceType::ClientMetrics => "client metrics",
        ConfigResourceType::Group => "group",
    }
}

fn check_resource(resource: &ConfigResource) -> Result<(), ConfigError> {
    match resource.kind {
        ConfigResourceType::Topic if resource.name.is_empty() => Err(ConfigError::DefaultTopic),
        ConfigResourceType::Topic => {
            TopicName::checked(&resource.name)?;
            Ok(())
        }
        ConfigResourceType::Broker if resource.name.is_empty() => Ok(()),
        ConfigResourceType::Broker => match resource.name.parse::<i32>() {
            Err(_) => Err(ConfigError::BrokerName),
            Ok(id) if id < 0 => Err(ConfigError::NegativeBroker),
            Ok(_) => Ok(()),
        },
        ConfigResourceType::Group if resource.name.is_empty() => Err(ConfigError::DefaultGroup),
        ConfigResourceType::Group => Ok(()),
        ConfigResourceType::ClientMetrics => Err(ConfigError::Unsupported(kind_name(resource.kind))),
    }
}

fn check_exists(image: &Image, resource: &ConfigResource) -> Result<(), ConfigError> {
    match resource.kind {
        ConfigResourceType::Topic if image.topics().find(&resource.name).is_none() => {
            Err(ConfigError::UnknownTopic(resource.name.clone()))
        }
        ConfigResourceType::Broker => match resource.name.parse().ok().and_then(BrokerId::from_wire) {
            Some(id)
                if image.cluster().broker(id).is_none()
                    && !image.cluster().controllers().contains_key(&id) =>
            {
                Err(ConfigError::UnknownNode(id.get()))
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
