// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareSnapshotKey`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ShareSnapshotKey`, key 0, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareSnapshotKey {
    /// `GroupId`: versions 0.
    pub group_id: Str,
    /// `TopicId`: versions 0.
    pub topic_id: Uuid,
    /// `Partition`: versions 0.
    pub partition: i32,
}

impl Message for ShareSnapshotKey {
    const NAME: &'static str = "ShareSnapshotKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(false, "GroupId")?;
        let topic_id = r.uuid("TopicId")?;
        let partition = r.i32("Partition")?;
        Ok(Self { group_id, topic_id, partition })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(false, &self.group_id, "GroupId")?;
        w.run::<20>().with(self.topic_id).with(self.partition);
        Ok(())
    }
}

impl RecordMessage for ShareSnapshotKey {
    const TYPE: i16 = 0;
}
