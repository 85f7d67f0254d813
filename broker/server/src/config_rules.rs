//! What the controller asks about configuration keys, answered from Kafka's table of keys.

#[cfg(test)]
mod tests;

use broker_config::{
    ConfigDef, Kind, Layers, Texts, TopicConfig,
    alter::{self, BrokerScope},
    broker, client_metrics, group, topic,
};
use broker_controller::ConfigRules;
use broker_metadata::ConfigResourceType;
use broker_protocol::Str;

/// The rules of the configuration registry.
#[derive(Debug)]
pub(crate) struct Rules {
    /// What this node's file says, which topics inherit.
    file: Texts,
}

impl Rules {
    pub(crate) fn new(file: Texts) -> Self {
        Self { file }
    }
}

impl ConfigRules for Rules {
    fn validate_topic(&self, name: &str, value: &str) -> Result<(), String> {
        broker_config::validate_topic(name, value).map_err(|error| error.to_string())
    }

    fn validate_topic_set(&self, values: &[(Str, Str)]) -> Result<(), String> {
        let none = Texts::new();
        let layers = Layers { file: &self.file, cluster: &none, broker: &none };
        TopicConfig::validate(&layers, &owned(values)).map_err(|error| error.to_string())
    }

    fn validate_group_set(&self, values: &[(Str, Str)]) -> Result<(), String> {
        let none = Texts::new();
        let layers = Layers { file: &self.file, cluster: &none, broker: &none };
        group::validate(&layers, &owned(values)).map_err(|error| error.to_string())
    }

    fn validate_broker(&self, broker: Option<i32>, name: &str, value: &str) -> Result<(), String> {
        let scope = if broker.is_some() { BrokerScope::One } else { BrokerScope::Cluster };
        let set = Texts::from([(name.to_owned(), value.to_owned())]);
        alter::validate_broker(scope, &set).map_err(|error| error.to_string())
    }

    fn is_list(&self, kind: ConfigResourceType, name: &str) -> bool {
        find(kind, name).is_some_and(|def| def.kind == Kind::List)
    }

    fn default_value(&self, kind: ConfigResourceType, name: &str) -> Option<String> {
        find(kind, name)?.default_text().map(str::to_owned)
    }
}

fn owned(values: &[(Str, Str)]) -> Texts {
    values.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn find(kind: ConfigResourceType, name: &str) -> Option<&'static ConfigDef> {
    match kind {
        ConfigResourceType::Topic => topic::find(name),
        ConfigResourceType::Broker => broker::find(name),
        ConfigResourceType::ClientMetrics => client_metrics::find(name),
        ConfigResourceType::Group => group::find(name),
    }
}
