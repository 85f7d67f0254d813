//! Why configs do not change.

use alloc::string::String;

use broker_protocol::Str;
use broker_types::InvalidTopicName;

/// Why a resource's configs did not change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The request names the resource twice.
    #[error("Each resource must appear at most once.")]
    DuplicateResource,
    /// The request names a key twice.
    #[error("Error due to duplicate config keys")]
    DuplicateKey,
    /// A key without a value where one is needed.
    #[error("Null value not supported for {0} configs: {1}")]
    NullValue(&'static str, String),
    /// A list operation on what is no list.
    #[error("Can't {operation} to key {name} because its type is not LIST.")]
    NotAList {
        /// `APPEND` or `SUBTRACT`.
        operation: &'static str,
        /// The key.
        name: Str,
    },
    /// A value that is too long to be stored.
    #[error(
        "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes."
    )]
    TooLong,
    /// Unknown key, wrong value, or keys that contradict each other.
    #[error("{0}")]
    Invalid(String),
    /// No topic is named.
    #[error("Default topic resources are not allowed.")]
    DefaultTopic,
    /// No group is named.
    #[error("Default group resources are not allowed.")]
    DefaultGroup,
    /// The topic's name breaks a rule.
    #[error("Topic name is invalid: {0}")]
    TopicName(#[from] InvalidTopicName),
    /// No topic has the name.
    #[error("The topic '{0}' does not exist.")]
    UnknownTopic(Str),
    /// The broker's name is no number.
    #[error("Unable to parse broker name as a base 10 number.")]
    BrokerName,
    /// The broker's id is negative.
    #[error("Invalid negative broker ID.")]
    NegativeBroker,
    /// No node has the id.
    #[error("No node with id {0} found.")]
    UnknownNode(i32),
    /// Configs of this kind of resource are not kept yet.
    #[error("Configs of {0} are not supported.")]
    Unsupported(&'static str),
    /// One broker's minimum of in-sync replicas, which would make eligibility differ by broker (KIP-966).
    #[error("Broker-level min.insync.replicas cannot be altered while ELR is enabled.")]
    BrokerMinIsr,
    /// The cluster's minimum of in-sync replicas, which eligibility rests on.
    #[error("Cluster-level min.insync.replicas cannot be removed while ELR is enabled.")]
    ClusterMinIsr,
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}
