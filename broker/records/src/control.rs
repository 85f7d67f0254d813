//! Control batches: transaction markers (KIP-98) and the quorum's own records (KIP-595, KIP-630, KIP-853).
//!
//! A control record's key is `version i16 = 0 | type i16`; its value is a versioned message of the protocol.

use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};
use bytes::Bytes;

use crate::{Attributes, BatchBuilder, BuildError, NewRecord};

/// The size of a control record's key.
pub const CONTROL_KEY_BYTES: usize = 4;

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ControlType {
    /// The producer's transaction was aborted.
    Abort,
    /// The producer's transaction was committed.
    Commit,
    /// A leader of the metadata quorum was elected; first batch of its epoch.
    LeaderChange,
    /// First record of a snapshot.
    SnapshotHeader,
    /// Last record of a snapshot.
    SnapshotFooter,
    /// The quorum's own feature level.
    KRaftVersion,
    /// The quorum's voters.
    KRaftVoters,
}

/// The key of a control record. Readers skip types that they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlKey {
    /// The key's version; 0 so far, later ones may only append.
    pub version: i16,
    /// The raw type.
    pub id: i16,
}

impl ControlType {
    /// Every type, in the order of their ids.
    pub const ALL: [Self; 7] = [
        Self::Abort,
        Self::Commit,
        Self::LeaderChange,
        Self::SnapshotHeader,
        Self::SnapshotFooter,
        Self::KRaftVersion,
        Self::KRaftVoters,
    ];

    /// The type as it stands in the key.
    #[must_use]
    pub const fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion => 5,
            Self::KRaftVoters => 6,
        }
    }

    /// The key of a record of this type.
    #[must_use]
    pub const fn key(self) -> [u8; CONTROL_KEY_BYTES] {
        let [a, b] = self.id().to_be_bytes();
        [0, 0, a, b]
    }
}

impl ControlKey {
    /// Reads a key; `None` when it is too short or its version is negative.
    #[must_use]
    pub fn parse(key: &[u8]) -> Option<Self> {
        let [a, b, c, d] = *key.first_chunk::<CONTROL_KEY_BYTES>()?;
        let version = i16::from_be_bytes([a, b]);
        (version >= 0).then_some(Self { version, id: i16::from_be_bytes([c, d]) })
    }

    /// The type; `None` when this version of the broker does not know it.
    #[must_use]
    pub fn control_type(self) -> Option<ControlType> {
        ControlType::ALL.into_iter().find(|known| known.id() == self.id)
    }
}

/// Builds one control batch.
#[derive(Clone, Debug)]
pub struct ControlBatch {
    builder: BatchBuilder,
    timestamp: Timestamp,
}

impl ControlBatch {
    /// A batch of the quorum's records: neither producer nor transaction.
    #[must_use]
    pub fn quorum(base_offset: Offset, epoch: LeaderEpoch, timestamp: Timestamp) -> Self {
        let builder =
            BatchBuilder::new(base_offset).leader_epoch(epoch).attributes(Attributes::NONE.with_control());
        Self { builder, timestamp }
    }

    /// The batch of one transaction marker.
    #[must_use]
    pub fn marker(
        base_offset: Offset,
        epoch: LeaderEpoch,
        timestamp: Timestamp,
        producer: (ProducerId, ProducerEpoch),
    ) -> Self {
        let builder = BatchBuilder::new(base_offset)
            .leader_epoch(epoch)
            .marker_producer(producer.0, producer.1)
            .attributes(Attributes::NONE.with_control().with_transactional());
        Self { builder, timestamp }
    }

    /// Appends a record; `value` is the encoded message, its version first.
    ///
    /// # Errors
    /// When the batch is full.
    pub fn append(&mut self, control: ControlType, value: &[u8]) -> Result<Offset, BuildError> {
        let record = NewRecord {
            timestamp: Some(self.timestamp),
            key: Some(&control.key()),
            value: Some(value),
            headers: &[],
        };
        self.builder.append(&record)
    }

    /// The batch.
    #[must_use]
    pub fn build(self) -> Bytes {
        self.builder.build()
    }
}
