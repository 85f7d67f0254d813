//! Why a record does not fit the image that it is replayed on.

use broker_protocol::Str;
use broker_types::{BrokerEpoch, BrokerId, PartitionId, TopicId, TopicName, Uuid};

/// A record that does not fit: the log holds what a correct controller never writes, or a record of a newer
/// metadata version. The image stays as it was before the record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A topic record for a name that lives under another id.
    #[error("topic {name} already exists with id {existing}, cannot create it with id {id}")]
    TopicNameTaken {
        /// The name of both.
        name: TopicName,
        /// The id it has.
        existing: TopicId,
        /// The id in the record.
        id: TopicId,
    },
    /// A topic record for an id that exists.
    #[error("topic id {0} already exists")]
    TopicIdTaken(TopicId),
    /// A record about a topic that does not exist.
    #[error("no topic has the id {0}")]
    UnknownTopicId(Uuid),
    /// A record that names a topic that does not exist.
    #[error("no topic has the name {0}")]
    UnknownTopicName(Str),
    /// A change of a partition that does not exist.
    #[error("topic id {topic} has no partition {partition}")]
    UnknownPartition {
        /// The topic.
        topic: TopicId,
        /// The missing partition.
        partition: PartitionId,
    },
    /// Replicas and their directories differ in number.
    #[error(
        "partition {partition} of topic id {topic} has {replicas} replicas but {directories} directories"
    )]
    DirectoryCount {
        /// The topic.
        topic: TopicId,
        /// The partition.
        partition: PartitionId,
        /// How many replicas.
        replicas: usize,
        /// How many directories.
        directories: usize,
    },
    /// A field holds a value that this version does not know.
    #[error("{record} has the unknown value {value} in {field}")]
    UnknownValue {
        /// The kind of record.
        record: &'static str,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: i64,
    },
    /// A record about a broker that is not registered.
    #[error("broker {0} is not registered")]
    UnknownBroker(BrokerId),
    /// A record about another life of a broker than the registered one.
    #[error("broker {id} is registered with epoch {registered:?}, the record has {given}")]
    BrokerEpoch {
        /// The broker.
        id: BrokerId,
        /// The epoch of its registration.
        registered: BrokerEpoch,
        /// The epoch in the record.
        given: i64,
    },
    /// A negative id, epoch or level where none may be.
    #[error("{record} has the negative value {value} in {field}")]
    Negative {
        /// The kind of record.
        record: &'static str,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: i64,
    },
    /// An access control entry to remove that is not there.
    #[error("no access control entry has the id {0}")]
    UnknownAcl(Uuid),
    /// A block of producer ids that starts below the last.
    #[error("the next producer id would go back from {next} to {given}")]
    ProducerIdBack {
        /// What the image has.
        next: i64,
        /// What the record has.
        given: i64,
    },
    /// A transaction record that does not fit the open or missing transaction (KIP-868).
    #[error("{record} while {} metadata transaction is open", if *.open { "a" } else { "no" })]
    Transaction {
        /// The kind of record.
        record: &'static str,
        /// Whether a transaction was open.
        open: bool,
    },
}
