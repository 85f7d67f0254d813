//! What a server reads at its start: typed, checked key by key and as a whole.
//!
//! ```text
//! properties file -> texts -> Values (each key parsed) -> families (typed) -> rules (keys against each other)
//! ```
//! Every fault is reported, not only the first, each in one line that names its key.

mod access;
mod identity;
mod log;
mod network;
mod rest;
mod rules;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use broker_types::BrokerId;

use crate::layers::Texts;
use crate::{InvalidValue, Layers, Support, Value, Values, broker};

pub use access::Access;
pub use identity::{MetadataLog, Quorum, Roles, Voter};
pub use log::{Cleaner, LogDirs};
pub use network::{Connections, Network};
pub use rest::{
    ConsumerGroups, Groups, InternalTopic, QuotaWindows, Quotas, ReplicaSelector, Replication, Transactions,
};

/// The configuration of one server at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerConfig {
    /// What this process is.
    pub roles: Roles,
    /// Its number.
    pub node_id: BrokerId,
    /// Its rack or zone.
    pub rack: Option<String>,
    /// How it finds and forms the metadata quorum.
    pub quorum: Quorum,
    /// Where and how the metadata log is kept.
    pub metadata_log: MetadataLog,
    /// Listeners, connections and requests.
    pub network: Network,
    /// Log directories and their upkeep.
    pub log: LogDirs,
    /// Compaction.
    pub cleaner: Cleaner,
    /// Replicas and leadership.
    pub replication: Replication,
    /// Groups and offsets.
    pub groups: Groups,
    /// Transactions and producers.
    pub transactions: Transactions,
    /// Quotas.
    pub quotas: Quotas,
    /// Who decides who may do what; `None`: nobody, everyone may do everything.
    pub access: Option<Access>,
    /// Who may keep access control entries while nobody decides by them, as `type:name`, separated by semicolons.
    pub acl_keepers: String,
    /// Every key's value, for what has no field above.
    pub values: Values,
    /// The file's entries as they came: the weakest of the [`Layers`].
    pub file: Texts,
}

/// A fault of a configuration: one line that names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The key has no default.
    #[error("Missing required configuration \"{0}\" which has no default value.")]
    Missing(&'static str),
    /// A value is wrong.
    #[error("{0}")]
    Value(#[from] InvalidValue),
    /// A key, or a value of it, that would mean something else here.
    #[error("{key}: {reason}")]
    Refused {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// Keys that contradict each other; the text names them.
    #[error("{0}")]
    Together(String),
}

/// Something to be told about a configuration that is accepted all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Not a key of Kafka's.
    #[error("{0}: unknown, without effect")]
    Unknown(String),
    /// A key that had an effect before 4.0.
    #[error("{0}: removed in Kafka 4.0, without effect")]
    Removed(String),
    /// A key without effect here.
    #[error("{key}: without effect: {reason}")]
    Ignored {
        /// The key.
        key: String,
        /// Why.
        reason: &'static str,
    },
    /// A dynamic value that cannot be used; the next layer holds.
    #[error("dynamic value ignored: {0}")]
    Dynamic(String),
    /// Of several controller listeners only the first is used.
    #[error("controller.listener.names has multiple entries; only the first will be used: {0}")]
    ControllerListeners(String),
}

impl BrokerConfig {
    /// Reads and checks a file's entries.
    ///
    /// # Errors
    /// All faults that can be found.
    pub fn from_properties(file: &Texts) -> Result<(Self, Vec<Warning>), Vec<ConfigError>> {
        let mut errors = Vec::new();
        let file = with_both_ids(file);
        let (values, invalid) = Values::read(&file);
        errors.extend(invalid.into_iter().map(ConfigError::Value));
        errors.extend(values.missing().map(|def| ConfigError::Missing(def.name)));
        let mut warnings = Vec::new();
        for (name, text) in &file {
            judge(name, text, &mut warnings, &mut errors);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let config = Self::build(file, values, &mut warnings).map_err(|error| [error].to_vec())?;
        let errors = rules::check(&config);
        if errors.is_empty() { Ok((config, warnings)) } else { Err(errors) }
    }

    /// The same server with dynamic values. One that cannot be used is left out with a warning, as it was
    /// accepted at another time; the server goes on.
    #[must_use]
    pub fn reconfigured(&self, cluster: &Texts, broker: &Texts) -> (Self, Vec<Warning>) {
        let mut warnings = Vec::new();
        let mut usable = |texts: &Texts| -> Texts {
            let mut kept = Texts::new();
            for (name, text) in texts {
                match usable_dynamic(name, text) {
                    Ok(()) => {
                        kept.insert(name.clone(), text.clone());
                    }
                    Err(reason) => warnings.push(Warning::Dynamic(reason)),
                }
            }
            kept
        };
        let (cluster, broker) = (usable(cluster), usable(broker));
        let merged = Layers { file: &self.file, cluster: &cluster, broker: &broker }.merged();
        let (values, _) = Values::read(&merged);
        match Self::build(self.file.clone(), values, &mut Vec::new()) {
            Ok(config) => match rules::check(&config).into_iter().next() {
                None => (config, warnings),
                Some(error) => {
                    warnings.push(Warning::Dynamic(error.to_string()));
                    (self.clone(), warnings)
                }
            },
            Err(error) => {
                warnings.push(Warning::Dynamic(error.to_string()));
                (self.clone(), warnings)
            }
        }
    }

    /// Checks whether dynamic values, already checked key by key, go together with the rest.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check_dynamic(&self, cluster: &Texts, broker: &Texts) -> Result<(), ConfigError> {
        let merged = Layers { file: &self.file, cluster, broker }.merged();
        let (values, invalid) = Values::read(&merged);
        if let Some(invalid) = invalid.into_iter().next() {
            return Err(ConfigError::Value(invalid));
        }
        let config = Self::build(self.file.clone(), values, &mut Vec::new())?;
        rules::check(&config).into_iter().next().map_or(Ok(()), Err)
    }

    fn build(file: Texts, values: Values, warnings: &mut Vec<Warning>) -> Result<Self, ConfigError> {
        let roles = identity::roles(&values);
        let network = network::network(&values, roles)?;
        if roles == Roles::Broker && network.controller_listener_names.len() > 1 {
            warnings.push(Warning::ControllerListeners(network.controller_listener_names.join(",")));
        }
        Ok(Self {
            roles,
            node_id: BrokerId::new(i32::try_from(values.number("node.id")).unwrap_or(i32::MAX)),
            rack: values.text("broker.rack").map(ToOwned::to_owned),
            quorum: identity::quorum(&values),
            metadata_log: identity::metadata_log(&values),
            network,
            log: log::log(&values),
            cleaner: log::cleaner(&values),
            replication: rest::replication(&values),
            groups: rest::groups(&values),
            transactions: rest::transactions(&values),
            quotas: rest::quotas(&values),
            access: access::access(&values, &file),
            acl_keepers: access::acl_keepers(&values, &file),
            values,
            file,
        })
    }
}

/// `broker.id` is the older name of `node.id`: where one is set, it stands for both.
fn with_both_ids(file: &Texts) -> Texts {
    let mut file = file.clone();
    match (file.get("node.id").cloned(), file.get("broker.id").cloned()) {
        (Some(id), None) => {
            file.insert("broker.id".to_owned(), id);
        }
        (None, Some(id)) => {
            file.insert("node.id".to_owned(), id);
        }
        _ => {}
    }
    file
}

/// Says what is to be said of an entry of the file, its value apart.
fn judge(name: &str, text: &str, warnings: &mut Vec<Warning>, errors: &mut Vec<ConfigError>) {
    if let Some(reason) = broker::refusal(name) {
        errors.push(ConfigError::Refused { key: name.to_owned(), reason: reason.to_owned() });
        return;
    }
    let scoped = broker::scoped(name).and_then(|scoped| scoped.def);
    if access::is_of_authorizer(name) {
        return;
    }
    let Some(def) = broker::find(name).or(scoped) else {
        let warning = if broker::was_removed(name) { Warning::Removed } else { Warning::Unknown };
        warnings.push(warning(name.to_owned()));
        return;
    };
    match def.support {
        Support::Honoured => {}
        Support::Ignored(reason) => warnings.push(Warning::Ignored { key: name.to_owned(), reason }),
        Support::OnlyDefault(reason) => {
            let value = Value::parse(def.kind, def.name, text).ok();
            let is_unset = value.as_ref().is_some_and(|value| value.text().is_empty());
            if value != def.default_value() && !is_unset {
                let reason = format!("{text} is not supported: {reason}");
                errors.push(ConfigError::Refused { key: name.to_owned(), reason });
            }
        }
        Support::OnlyNamed(classes) => {
            let text = text.trim();
            let is_default = def.default_value().is_some_and(|default| default.text() == text);
            if !text.is_empty() && !is_default && !classes.contains(&text) {
                let classes = classes.join(", ");
                let reason = format!("{text} is not supported: {}; {classes} are built", broker::CLASS);
                errors.push(ConfigError::Refused { key: name.to_owned(), reason });
            }
        }
    }
}

fn usable_dynamic(name: &str, text: &str) -> Result<(), String> {
    let def = broker::scoped(name).map_or_else(|| broker::find(name), |scoped| scoped.def);
    let Some(def) = def else { return Ok(()) };
    if !broker::is_dynamic(def) {
        return Err(format!("{name} cannot be updated dynamically"));
    }
    def.parse(text).map(|_| ()).map_err(|error| error.to_string())
}
