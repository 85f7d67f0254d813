// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupRegularExpressionKey`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ConsumerGroupRegularExpressionKey`, key 16, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupRegularExpressionKey {
    /// `GroupId`: versions 0.
    pub group_id: Str,
    /// `RegularExpression`: versions 0.
    pub regular_expression: Str,
}

impl Message for ConsumerGroupRegularExpressionKey {
    const NAME: &'static str = "ConsumerGroupRegularExpressionKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(false, "GroupId")?;
        let regular_expression = r.str(false, "RegularExpression")?;
        Ok(Self { group_id, regular_expression })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(false, &self.group_id, "GroupId")?;
        w.str(false, &self.regular_expression, "RegularExpression")?;
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupRegularExpressionKey {
    const TYPE: i16 = 16;
}
