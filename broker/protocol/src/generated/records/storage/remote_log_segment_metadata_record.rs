// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoteLogSegmentMetadataRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;
use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RemoteLogSegmentMetadataRecord`, key 0, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataRecord {
    /// `RemoteLogSegmentId`: versions 0+.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `EndOffset`: versions 0+.
    pub end_offset: i64,
    /// `BrokerId`: versions 0+.
    pub broker_id: i32,
    /// `MaxTimestampMs`: versions 0+.
    pub max_timestamp_ms: i64,
    /// `EventTimestampMs`: versions 0+.
    pub event_timestamp_ms: i64,
    /// `SegmentLeaderEpochs`: versions 0+.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// `SegmentSizeInBytes`: versions 0+.
    pub segment_size_in_bytes: i32,
    /// `CustomMetadata`: versions 0+, null 0+, default null.
    pub custom_metadata: Option<Bytes>,
    /// `RemoteLogSegmentState`: versions 0+.
    pub remote_log_segment_state: i8,
    /// `TxnIndexEmpty`: versions 0+, tag 0.
    pub txn_index_empty: bool,
}

impl Message for RemoteLogSegmentMetadataRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let remote_log_segment_id = RemoteLogSegmentIdEntry::decode(r, v)?;
        let start_offset = r.i64("StartOffset")?;
        let end_offset = r.i64("EndOffset")?;
        let broker_id = r.i32("BrokerId")?;
        let max_timestamp_ms = r.i64("MaxTimestampMs")?;
        let event_timestamp_ms = r.i64("EventTimestampMs")?;
        let segment_leader_epochs =
            r.array(true, 13, "SegmentLeaderEpochs", |r| SegmentLeaderEpochEntry::decode(r, v))?;
        let segment_size_in_bytes = r.i32("SegmentSizeInBytes")?;
        let custom_metadata = r.nullable_bytes(true, "CustomMetadata")?;
        let remote_log_segment_state = r.i8("RemoteLogSegmentState")?;
        let mut txn_index_empty = false;
        r.tags(|r, tag| {
            match tag {
                0 => txn_index_empty = r.bool("TxnIndexEmpty")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            remote_log_segment_id,
            start_offset,
            end_offset,
            broker_id,
            max_timestamp_ms,
            event_timestamp_ms,
            segment_leader_epochs,
            segment_size_in_bytes,
            custom_metadata,
            remote_log_segment_state,
            txn_index_empty,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        self.remote_log_segment_id.encode(w, v)?;
        w.run::<36>()
            .with(self.start_offset)
            .with(self.end_offset)
            .with(self.broker_id)
            .with(self.max_timestamp_ms)
            .with(self.event_timestamp_ms);
        w.array(true, &self.segment_leader_epochs, "SegmentLeaderEpochs", |w, it| it.encode(w, v))?;
        w.i32(self.segment_size_in_bytes);
        w.nullable_bytes(true, self.custom_metadata.as_ref(), "CustomMetadata")?;
        w.i8(self.remote_log_segment_state);
        let has_txn_index_empty = self.txn_index_empty;
        w.uvarint(u32::from(has_txn_index_empty));
        if has_txn_index_empty {
            w.tag(0, "TxnIndexEmpty", |w| {
                w.bool(self.txn_index_empty);
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for RemoteLogSegmentMetadataRecord {
    const TYPE: i16 = 0;
}

/// Part of [`RemoteLogSegmentMetadataRecord`].
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

/// Part of [`RemoteLogSegmentMetadataRecord`].
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

/// Part of [`RemoteLogSegmentMetadataRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SegmentLeaderEpochEntry {
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `Offset`: versions 0+.
    pub offset: i64,
}

impl SegmentLeaderEpochEntry {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let leader_epoch = r.i32("LeaderEpoch")?;
        let offset = r.i64("Offset")?;
        r.no_tags()?;
        Ok(Self { leader_epoch, offset })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.leader_epoch).with(self.offset);
        w.uvarint(0);
        Ok(())
    }
}
