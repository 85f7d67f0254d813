// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `StreamsGroupMetadataValue`, key 17, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataValue {
    /// `Epoch`: versions 0+.
    pub epoch: i32,
    /// `MetadataHash`: versions 0+.
    pub metadata_hash: i64,
    /// `ValidatedTopologyEpoch`: versions 0+, tag 0, default -1.
    pub validated_topology_epoch: i32,
    /// `LastAssignmentConfigs`: versions 0+, tag 1, null 0+.
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
        }
    }
}

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let epoch = r.i32("Epoch")?;
        let metadata_hash = r.i64("MetadataHash")?;
        let mut validated_topology_epoch = -1;
        let mut last_assignment_configs = Some(Vec::new());
        r.tags(|r, tag| {
            match tag {
                0 => validated_topology_epoch = r.i32("ValidatedTopologyEpoch")?,
                1 => {
                    last_assignment_configs = r.nullable_array(true, 3, "LastAssignmentConfigs", |r| {
                        LastAssignmentConfig::decode(r, v)
                    })?
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { epoch, metadata_hash, validated_topology_epoch, last_assignment_configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.epoch).with(self.metadata_hash);
        let has_validated_topology_epoch = self.validated_topology_epoch != -1;
        let has_last_assignment_configs =
            self.last_assignment_configs.as_ref().is_none_or(|it| !it.is_empty());
        w.uvarint(u32::from(has_validated_topology_epoch) + u32::from(has_last_assignment_configs));
        if has_validated_topology_epoch {
            w.tag(0, "ValidatedTopologyEpoch", |w| {
                w.i32(self.validated_topology_epoch);
                Ok(())
            })?;
        }
        if has_last_assignment_configs {
            w.tag(1, "LastAssignmentConfigs", |w| {
                w.nullable_array(
                    true,
                    self.last_assignment_configs.as_deref(),
                    "LastAssignmentConfigs",
                    |w, it| it.encode(w, v),
                )?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for StreamsGroupMetadataValue {
    const TYPE: i16 = 17;
}

/// Part of [`StreamsGroupMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastAssignmentConfig {
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: Str,
}

impl LastAssignmentConfig {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let key = r.str(true, "Key")?;
        let value = r.str(true, "Value")?;
        r.no_tags()?;
        Ok(Self { key, value })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.key, "Key")?;
        w.str(true, &self.value, "Value")?;
        w.uvarint(0);
        Ok(())
    }
}
