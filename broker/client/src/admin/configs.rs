//! Configurations of topics, brokers and groups: describe, alter step by step.

use broker_protocol::{
    Str,
    messages::{
        describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
        incremental_alter_configs_request::{
            AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
        },
        list_config_resources_request::ListConfigResourcesRequest,
    },
};
use broker_types::BrokerId;

use crate::{
    client::{Client, Contacts},
    error::ClientError,
};

/// Whose configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigResource {
    /// A topic's.
    Topic(String),
    /// One broker's; only that broker can tell it.
    Broker(BrokerId),
    /// What all brokers have unless they have their own.
    BrokerDefault,
    /// The log levels of one broker.
    BrokerLogger(BrokerId),
    /// A group's, whether there is such a group or not.
    Group(String),
}

/// The code of groups among resources.
const GROUPS: i8 = 32;

impl ConfigResource {
    fn code(&self) -> i8 {
        match self {
            Self::Topic(_) => 2,
            Self::Broker(_) | Self::BrokerDefault => 4,
            Self::BrokerLogger(_) => 8,
            Self::Group(_) => GROUPS,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Topic(name) | Self::Group(name) => name.clone(),
            Self::Broker(id) | Self::BrokerLogger(id) => id.to_string(),
            Self::BrokerDefault => String::new(),
        }
    }

    fn only_by(&self) -> Option<BrokerId> {
        match self {
            Self::Broker(id) | Self::BrokerLogger(id) => Some(*id),
            Self::Topic(_) | Self::BrokerDefault | Self::Group(_) => None,
        }
    }
}

/// Where a value comes from; the numbers are the wire's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigSource {
    /// Not told, or a source newer than this client.
    Unknown,
    /// Set on the topic.
    DynamicTopic,
    /// Set on one broker.
    DynamicBroker,
    /// Set on all brokers.
    DynamicDefaultBroker,
    /// From the properties file.
    StaticBroker,
    /// Nobody set it.
    Default,
    /// Log level set on a broker.
    DynamicBrokerLogger,
    /// Set on a group.
    DynamicGroup,
}

impl ConfigSource {
    fn from_code(code: i8) -> Self {
        match code {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            8 => Self::DynamicGroup,
            _ => Self::Unknown,
        }
    }

    /// Kafka's name of it, as its tools print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
            Self::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Self::DynamicGroup => "DYNAMIC_GROUP_CONFIG",
        }
    }
}

/// One configuration value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The key.
    pub name: String,
    /// The value; `None` when it is secret or not set.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: ConfigSource,
    /// Whether only a restart changes it.
    pub is_read_only: bool,
    /// Whether its value is kept secret.
    pub is_sensitive: bool,
    /// Where else it could come from, strongest first.
    pub synonyms: Vec<(String, Option<String>, ConfigSource)>,
}

/// One step of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// Set a value.
    Set(String, String),
    /// Go back to what it is when not set.
    Delete(String),
    /// Add to a list.
    Append(String, String),
    /// Take from a list.
    Subtract(String, String),
}

impl Client {
    /// All configuration entries of `resource`, as the brokers order them.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn describe_configs(
        &mut self,
        resource: &ConfigResource,
    ) -> Result<Vec<ConfigEntry>, ClientError> {
        let request = DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: resource.code(),
                resource_name: Str::from(resource.name()),
                configuration_keys: None,
            }],
            include_synonyms: true,
            include_documentation: false,
        };
        let response = match resource.only_by() {
            Some(id) => self.broker(id, &request).await?,
            None => self.any(&request).await?,
        };
        let Some(result) = response.results.into_iter().next() else { return Ok(Vec::new()) };
        ClientError::check(result.error_code, result.error_message.as_deref())?;
        let text = |value: &Option<Str>| value.as_ref().map(ToString::to_string);
        let entry =
            |config: broker_protocol::messages::describe_configs_response::DescribeConfigsResourceResult| {
                ConfigEntry {
                    name: config.name.to_string(),
                    value: text(&config.value),
                    source: ConfigSource::from_code(config.config_source),
                    is_read_only: config.read_only,
                    is_sensitive: config.is_sensitive,
                    synonyms: config
                        .synonyms
                        .iter()
                        .map(|synonym| {
                            let source = ConfigSource::from_code(synonym.source);
                            (synonym.name.to_string(), text(&synonym.value), source)
                        })
                        .collect(),
                }
            };
        Ok(result.configs.into_iter().map(entry).collect())
    }

    /// The groups that have a configuration of their own.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn configured_groups(&mut self) -> Result<Vec<String>, ClientError> {
        let request = ListConfigResourcesRequest { resource_types: vec![GROUPS] };
        let response = self.any(&request).await?;
        ClientError::check(response.error_code, None)?;
        Ok(response.config_resources.iter().map(|resource| resource.resource_name.to_string()).collect())
    }

    /// Changes the configuration of `resource`; all steps or none.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn alter_configs(
        &mut self,
        resource: &ConfigResource,
        changes: &[ConfigChange],
    ) -> Result<(), ClientError> {
        let alterable = |change: &ConfigChange| {
            let (name, operation, value) = match change {
                ConfigChange::Set(name, value) => (name, 0, Some(value)),
                ConfigChange::Delete(name) => (name, 1, None),
                ConfigChange::Append(name, value) => (name, 2, Some(value)),
                ConfigChange::Subtract(name, value) => (name, 3, Some(value)),
            };
            AlterableConfig {
                name: Str::from(name.as_str()),
                config_operation: operation,
                value: value.map(|value| Str::from(value.as_str())),
            }
        };
        let request = IncrementalAlterConfigsRequest {
            resources: vec![AlterConfigsResource {
                resource_type: resource.code(),
                resource_name: Str::from(resource.name()),
                configs: changes.iter().map(alterable).collect(),
            }],
            validate_only: false,
        };
        let response = match resource.only_by() {
            // A broker checks what is meant for it; controllers take it for all.
            Some(id) if self.contacts() == Contacts::Brokers => self.broker(id, &request).await?,
            _ => self.controller(&request).await?,
        };
        response
            .responses
            .first()
            .map_or(Ok(()), |result| ClientError::check(result.error_code, result.error_message.as_deref()))
    }
}
