// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemotePartitionDeleteMetadataRecord`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RemotePartitionDeleteMetadataRecord`, key 2, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemotePartitionDeleteMetadataRecord {
    /// `TopicIdPartition`: versions 0+.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// `BrokerId`: versions 0+.
    pub broker_id: i32,
    /// `EventTimestampMs`: versions 0+.
    pub event_timestamp_ms: i64,
    /// `RemotePartitionDeleteState`: versions 0+.
    pub remote_partition_delete_state: i8,
}

impl Message for RemotePartitionDeleteMetadataRecord {
    const NAME: &'static str = "RemotePartitionDeleteMetadataRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topic_id_partition = TopicIdPartitionEntry::decode(r, v)?;
        let broker_id = r.i32("BrokerId")?;
        let event_timestamp_ms = r.i64("EventTimestampMs")?;
        let remote_partition_delete_state = r.i8("RemotePartitionDeleteState")?;
        r.no_tags()?;
        Ok(Self { topic_id_partition, broker_id, event_timestamp_ms, remote_partition_delete_state })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        self.topic_id_partition.encode(w, v)?;
        w.run::<13>()
            .with(self.broker_id)
            .with(self.event_timestamp_ms)
            .with(self.remote_partition_delete_state);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RemotePartitionDeleteMetadataRecord {
    const TYPE: i16 = 2;
}

/// Part of [`RemotePartitionDeleteMetadataRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicIdPartitionEntry {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Id`: versions 0+.
    pub id: Uuid,
    /// `Partition`: versions 0+.
    pub partition: i32,
}

impl TopicIdPartitionEntry {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let id = r.uuid("Id")?;
        let partition = r.i32("Partition")?;
        r.no_tags()?;
        Ok(Self { name, id, partition })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<20>().with(self.id).with(self.partition);
        w.uvarint(0);
        Ok(())
    }
}
