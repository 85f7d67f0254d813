// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupRegularExpressionValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ConsumerGroupRegularExpressionValue`, key 16, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupRegularExpressionValue {
    /// `Topics`: versions 0+.
    pub topics: Vec<Str>,
    /// `Version`: versions 0+.
    pub version: i64,
    /// `Timestamp`: versions 0+.
    pub timestamp: i64,
}

impl Message for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topics = r.array(true, 1, "Topics", |r| r.str(true, "Topics"))?;
        let version = r.i64("Version")?;
        let timestamp = r.i64("Timestamp")?;
        r.no_tags()?;
        Ok(Self { topics, version, timestamp })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.topics, "Topics", |w, it| w.str(true, it, "Topics"))?;
        w.run::<16>().with(self.version).with(self.timestamp);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupRegularExpressionValue {
    const TYPE: i16 = 16;
}
