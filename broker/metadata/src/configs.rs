//! Dynamic configuration by resource.

use broker_protocol::{Str, records::metadata::ConfigRecord};
use broker_types::BrokerId;

use crate::{Change, Map, ReplayError};

/// What a dynamic config belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigResourceType {
    /// A topic, by name.
    Topic,
    /// A broker by id; the empty name is the default of all brokers.
    Broker,
    /// A client metrics subscription (KIP-714).
    ClientMetrics,
    /// A group (KIP-848).
    Group,
}

impl ConfigResourceType {
    /// The code in records and requests.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            Self::Topic => 2,
            Self::Broker => 4,
            Self::ClientMetrics => 16,
            Self::Group => 32,
        }
    }

    /// The type of a code. Loggers (8) have no stored configs.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            2 => Some(Self::Topic),
            4 => Some(Self::Broker),
            16 => Some(Self::ClientMetrics),
            32 => Some(Self::Group),
            _ => None,
        }
    }
}

/// One thing that has dynamic configs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// What kind of thing.
    pub kind: ConfigResourceType,
    /// Which one; empty for the default of all.
    pub name: Str,
}

impl ConfigResource {
    /// A topic.
    #[must_use]
    pub fn topic(name: &str) -> Self {
        Self { kind: ConfigResourceType::Topic, name: Str::from(name) }
    }

    /// A group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self { kind: ConfigResourceType::Group, name: Str::from(name) }
    }

    /// One broker.
    #[must_use]
    pub fn broker(id: BrokerId) -> Self {
        Self { kind: ConfigResourceType::Broker, name: Str::from(alloc::format!("{id}")) }
    }

    /// The default of all brokers.
    #[must_use]
    pub fn cluster() -> Self {
        Self { kind: ConfigResourceType::Broker, name: Str::EMPTY }
    }
}

/// The dynamic configs of every resource that has any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configs {
    by_resource: Map<ConfigResource, Map<Str, Str>>,
}

impl Configs {
    /// Every resource with configs.
    #[must_use]
    pub fn by_resource(&self) -> &Map<ConfigResource, Map<Str, Str>> {
        &self.by_resource
    }

    /// The configs of one resource, by name; `None` when it has none.
    #[must_use]
    pub fn of(&self, resource: &ConfigResource) -> Option<&Map<Str, Str>> {
        self.by_resource.get(resource)
    }

    /// One value.
    #[must_use]
    pub fn get(&self, resource: &ConfigResource, name: &str) -> Option<&Str> {
        self.of(resource).and_then(|values| values.get(name))
    }

    pub(crate) fn replay(&mut self, record: &ConfigRecord) -> Result<Change, ReplayError> {
        let unknown = ReplayError::UnknownValue {
            record: "ConfigRecord",
            field: "ResourceType",
            value: record.resource_type.into(),
        };
        let kind = ConfigResourceType::from_code(record.resource_type).ok_or(unknown)?;
        let resource = ConfigResource { kind, name: record.resource_name.detached() };
        let mut values = self.of(&resource).cloned().unwrap_or_default();
        match &record.value {
            Some(value) => values.insert_mut(record.name.detached(), value.detached()),
            None => {
                values.remove_mut(&*record.name);
            }
        }
        if values.is_empty() {
            self.by_resource.remove_mut(&resource);
        } else {
            self.by_resource.insert_mut(resource.clone(), values);
        }
        Ok(Change::Config(resource))
    }

    /// A removed topic takes its configs along; no record says so.
    pub(crate) fn remove_topic(&mut self, name: &str) {
        self.by_resource.remove_mut(&ConfigResource::topic(name));
    }

    pub(crate) fn to_records(&self) -> impl Iterator<Item = ConfigRecord> {
        self.by_resource.iter().flat_map(|(resource, values)| {
            values.iter().map(|(name, value)| ConfigRecord {
                resource_type: resource.kind.code(),
                resource_name: resource.name.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            })
        })
    }
}
