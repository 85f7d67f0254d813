//! What a shard must be to live in a partition of an internal topic.

use std::{fmt, sync::Arc, time::Duration};

use broker_coordinator::Shard;
use broker_records::Codec;
use broker_types::{LeaderEpoch, Offset, PartitionId, ProducerEpoch, ProducerId};
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;

/// A shard whose log is a partition of an internal topic.
pub(crate) trait Hosted:
    Shard<State: Default + Send, Record: Send, Request: Send, Response: Send> + Send + Sized + 'static
{
    /// The internal topic.
    const TOPIC: &'static str;

    /// A shard for one partition of it, which leads nothing yet.
    fn make(broker: &Broker, partition: PartitionId) -> Self;

    /// How it keeps its log.
    fn keeping(broker: &Broker) -> Keeping;

    /// A seat was taken: begins what goes on beside its shard until `gone`, if anything.
    fn accompany(_: &Arc<Broker>, _: Place, _: CancellationToken) {}

    /// The record as its log has it.
    ///
    /// # Errors
    /// It does not fit the format: a bug, or a name beyond what the format holds.
    fn encode(record: &Self::Record) -> Result<Entry, Unencodable>;

    /// The record that the log has; `None` for one that this shard has no use for.
    ///
    /// # Errors
    /// It is broken, or of a newer program: it is told and skipped.
    fn decode(entry: Entry) -> Result<Option<Self::Record>, Unreadable>;
}

/// Which shard, and while it is led in which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) partition: PartitionId,
    pub(crate) epoch: LeaderEpoch,
}

/// How a shard keeps its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keeping {
    /// How records are compressed.
    pub(crate) codec: Codec,
    /// How long a write waits for its commit.
    pub(crate) commit_timeout: Duration,
    /// How many bytes are read at a time.
    pub(crate) load_bytes: u32,
}

/// One record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A record of a batch.
    Data {
        /// Whose transaction it belongs to, if to one.
        producer: Option<(ProducerId, ProducerEpoch)>,
        key: Option<Bytes>,
        /// `None`: a tombstone.
        value: Option<Bytes>,
    },
    /// The end of a producer's transaction, a batch of its own.
    Marker(Marker),
}

/// The end of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) producer: (ProducerId, ProducerEpoch),
    pub(crate) is_commit: bool,
    /// The epoch of the transaction coordinator that decided it.
    pub(crate) coordinator_epoch: i32,
}

/// Why a record cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("a record does not fit its format: {0}")]
pub(crate) struct Unencodable(pub(crate) String);

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreadable(pub(crate) String);

/// A place in the log, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: PartitionId,
    pub(crate) offset: Offset,
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{} at offset {}", self.topic, self.partition, self.offset)
    }
}
