// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DeleteShareGroupStateResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DeleteShareGroupStateResponse`, key 86, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteShareGroupStateResponse {
    /// `Results`: versions 0+.
    pub results: Vec<DeleteStateResult>,
}

impl Message for DeleteShareGroupStateResponse {
    const NAME: &'static str = "DeleteShareGroupStateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let results = r.array(true, 18, "Results", |r| DeleteStateResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.results, "Results", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DeleteShareGroupStateResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteStateResult {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionResult>,
}

impl DeleteStateResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 8, "Partitions", |r| PartitionResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DeleteShareGroupStateResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionResult {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
}

impl PartitionResult {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        r.no_tags()?;
        Ok(Self { partition, error_code, error_message })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.partition).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.uvarint(0);
        Ok(())
    }
}
