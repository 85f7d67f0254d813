// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `BeginTransactionRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `BeginTransactionRecord`, key 23, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeginTransactionRecord {
    /// `Name`: versions 0+, tag 0, null 0+, default null.
    pub name: Option<Str>,
}

impl Message for BeginTransactionRecord {
    const NAME: &'static str = "BeginTransactionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let mut name = None;
        r.tags(|r, tag| {
            match tag {
                0 => name = r.nullable_str(true, "Name")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let has_name = self.name.is_some();
        w.uvarint(u32::from(has_name));
        if has_name {
            w.tag(0, "Name", |w| {
                w.nullable_str(true, self.name.as_ref(), "Name")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for BeginTransactionRecord {
    const TYPE: i16 = 23;
}
