// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoveUserScramCredentialRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RemoveUserScramCredentialRecord`, key 22, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveUserScramCredentialRecord {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Mechanism`: versions 0+.
    pub mechanism: i8,
}

impl Message for RemoveUserScramCredentialRecord {
    const NAME: &'static str = "RemoveUserScramCredentialRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let name = r.str(true, "Name")?;
        let mechanism = r.i8("Mechanism")?;
        r.no_tags()?;
        Ok(Self { name, mechanism })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.name, "Name")?;
        w.i8(self.mechanism);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RemoveUserScramCredentialRecord {
    const TYPE: i16 = 22;
}
