// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DefaultPrincipalData`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DefaultPrincipalData`, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DefaultPrincipalData {
    /// `Type`: versions 0+.
    pub r#type: Str,
    /// `Name`: versions 0+.
    pub name: Str,
    /// `TokenAuthenticated`: versions 0+.
    pub token_authenticated: bool,
}

impl Message for DefaultPrincipalData {
    const NAME: &'static str = "DefaultPrincipalData";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let r#type = r.str(true, "Type")?;
        let name = r.str(true, "Name")?;
        let token_authenticated = r.bool("TokenAuthenticated")?;
        r.no_tags()?;
        Ok(Self { r#type, name, token_authenticated })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.r#type, "Type")?;
        w.str(true, &self.name, "Name")?;
        w.bool(self.token_authenticated);
        w.uvarint(0);
        Ok(())
    }
}
