// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoveTopicRecord`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `RemoveTopicRecord`, key 9, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveTopicRecord {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
}

impl Message for RemoveTopicRecord {
    const NAME: &'static str = "RemoveTopicRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topic_id = r.uuid("TopicId")?;
        r.no_tags()?;
        Ok(Self { topic_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.uuid(self.topic_id);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RemoveTopicRecord {
    const TYPE: i16 = 9;
}
