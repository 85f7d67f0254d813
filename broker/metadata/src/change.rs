//! What one record changed.

use alloc::vec::Vec;

use broker_protocol::Str;
use broker_types::{BrokerId, PartitionId, TopicId, Uuid};

use crate::{ConfigResource, QuotaEntity, ScramMechanism, Topic};

/// What one replayed record changed in an image.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nothing that anybody looks at.
    None,
    /// A topic appeared, without partitions yet.
    TopicCreated(TopicId),
    /// A topic is gone, with its partitions and configs; as it was.
    TopicDeleted(Topic),
    /// A partition appeared or changed.
    Partition(TopicId, PartitionId),
    /// Partitions lost their eligible leader replicas.
    ElrCleared(Vec<(TopicId, PartitionId)>),
    /// A config of a resource was set or removed.
    Config(ConfigResource),
    /// A broker was registered, changed or unregistered.
    Broker(BrokerId),
    /// A controller was registered.
    Controller(BrokerId),
    /// A feature's level was finalized.
    Feature(Str),
    /// A quota was set or removed.
    ClientQuota(QuotaEntity),
    /// A block of producer ids was handed out.
    ProducerIds,
    /// An access control entry was added or removed.
    Acl(Uuid),
    /// A credential was set or removed.
    Scram(ScramMechanism, Str),
    /// A delegation token was set or removed.
    Token(Str),
    /// A metadata transaction began: what follows counts only once it ended (KIP-868).
    TransactionBegan,
    /// The transaction ended: its changes stand.
    TransactionEnded,
    /// The transaction was aborted: the image is as it was when it began.
    TransactionAborted,
}
