// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `UserScramCredentialRecord`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `UserScramCredentialRecord`, key 11, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserScramCredentialRecord {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Mechanism`: versions 0+.
    pub mechanism: i8,
    /// `Salt`: versions 0+.
    pub salt: Bytes,
    /// `StoredKey`: versions 0+.
    pub stored_key: Bytes,
    /// `ServerKey`: versions 0+.
    pub server_key: Bytes,
    /// `Iterations`: versions 0+.
    pub iterations: i32,
}

impl Message for UserScramCredentialRecord {
    const NAME: &'static str = "UserScramCredentialRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let name = r.str(true, "Name")?;
        let mechanism = r.i8("Mechanism")?;
        let salt = r.bytes(true, "Salt")?;
        let stored_key = r.bytes(true, "StoredKey")?;
        let server_key = r.bytes(true, "ServerKey")?;
        let iterations = r.i32("Iterations")?;
        r.no_tags()?;
        Ok(Self { name, mechanism, salt, stored_key, server_key, iterations })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.name, "Name")?;
        w.i8(self.mechanism);
        w.bytes(true, &self.salt, "Salt")?;
        w.bytes(true, &self.stored_key, "StoredKey")?;
        w.bytes(true, &self.server_key, "ServerKey")?;
        w.i32(self.iterations);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for UserScramCredentialRecord {
    const TYPE: i16 = 11;
}
