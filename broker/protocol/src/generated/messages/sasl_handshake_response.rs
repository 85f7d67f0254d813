// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `SaslHandshakeResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `SaslHandshakeResponse`, key 17, versions 0-1, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslHandshakeResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Mechanisms`: versions 0+.
    pub mechanisms: Vec<Str>,
}

impl Message for SaslHandshakeResponse {
    const NAME: &'static str = "SaslHandshakeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let error_code = r.i16("ErrorCode")?;
        let mechanisms = r.array(false, 2, "Mechanisms", |r| r.str(false, "Mechanisms"))?;
        Ok(Self { error_code, mechanisms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i16(self.error_code);
        w.array(false, &self.mechanisms, "Mechanisms", |w, it| w.str(false, it, "Mechanisms"))?;
        Ok(())
    }
}
