// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoteLogSegmentMetadataUpdateRecord`.

use core::ops::RangeInclusive;

use broker_types::Uuid;
use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RemoteLogSegmentMetadataUpdateRecord`, key 1, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// `RemoteLogSegmentId`: versions 0+.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// `BrokerId`: versions 0+.
    pub broker_id: i32,
    /// `EventTimestampMs`: versions 0+.
    pub event_timestamp_ms: i64,
    /// `CustomMetadata`: versions 0+, null 0+, default null.
    pub custom_metadata: Option<Bytes>,
    /// `RemoteLogSegmentState`: versions 0+.
    pub remote_log_segment_state: i8,
}

impl Message for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let remote_log_segment_id = RemoteLogSegmentIdEntry::decode(r, v)?;
        let broker_id = r.i32("BrokerId")?;
        let event_timestamp_ms = r.i64("EventTimestampMs")?;
        let custom_metadata = r.nullable_bytes(true, "CustomMetadata")?;
        let remote_log_segment_state = r.i8("RemoteLogSegmentState")?;
        r.no_tags()?;
        Ok(Self {
            remote_log_segment_id,
            broker_id,
            event_timestamp_ms,
            custom_metadata,
            remote_log_segment_state,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        self.remote_log_segment_id.encode(w, v)?;
        w.run::<12>().with(self.broker_id).with(self.event_timestamp_ms);
        w.nullable_bytes(true, self.custom_metadata.as_ref(), "CustomMetadata")?;
        w.i8(self.remote_log_segment_state);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RemoteLogSegmentMetadataUpdateRecord {
    const TYPE: i16 = 1;
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentIdEntry {
    /// `TopicIdPartition`: versions 0+.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// `Id`: versions 0+.
    pub id: Uuid,
}

impl RemoteLogSegmentIdEntry {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id_partition = TopicIdPartitionEntry::decode(r, v)?;
        let id = r.uuid("Id")?;
        r.no_tags()?;
        Ok(Self { topic_id_partition, id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        self.topic_id_partition.encode(w, v)?;
        w.uuid(self.id);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`].
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
