// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ClearElrRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ClearElrRecord`, key 28, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClearElrRecord {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
}

impl Message for ClearElrRecord {
    const NAME: &'static str = "ClearElrRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topic_name = r.str(true, "TopicName")?;
        r.no_tags()?;
        Ok(Self { topic_name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.topic_name, "TopicName")?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ClearElrRecord {
    const TYPE: i16 = 28;
}
