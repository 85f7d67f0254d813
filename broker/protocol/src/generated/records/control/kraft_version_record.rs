// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `KRaftVersionRecord`.

use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `KRaftVersionRecord`, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KRaftVersionRecord {
    /// `Version`: versions 0+.
    pub version: i16,
    /// `KRaftVersion`: versions 0+.
    pub kraft_version: i16,
}

impl Message for KRaftVersionRecord {
    const NAME: &'static str = "KRaftVersionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let version = r.i16("Version")?;
        let kraft_version = r.i16("KRaftVersion")?;
        r.no_tags()?;
        Ok(Self { version, kraft_version })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<4>().with(self.version).with(self.kraft_version);
        w.uvarint(0);
        Ok(())
    }
}
