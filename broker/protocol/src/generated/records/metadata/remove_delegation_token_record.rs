// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoveDelegationTokenRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RemoveDelegationTokenRecord`, key 26, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveDelegationTokenRecord {
    /// `TokenId`: versions 0+.
    pub token_id: Str,
}

impl Message for RemoveDelegationTokenRecord {
    const NAME: &'static str = "RemoveDelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let token_id = r.str(true, "TokenId")?;
        r.no_tags()?;
        Ok(Self { token_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.token_id, "TokenId")?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RemoveDelegationTokenRecord {
    const TYPE: i16 = 26;
}
