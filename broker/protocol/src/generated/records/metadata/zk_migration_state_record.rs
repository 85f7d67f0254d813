// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ZkMigrationStateRecord`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ZkMigrationStateRecord`, key 21, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZkMigrationStateRecord {
    /// `ZkMigrationState`: versions 0+.
    pub zk_migration_state: i8,
}

impl Message for ZkMigrationStateRecord {
    const NAME: &'static str = "ZkMigrationStateRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let zk_migration_state = r.i8("ZkMigrationState")?;
        r.no_tags()?;
        Ok(Self { zk_migration_state })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i8(self.zk_migration_state);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ZkMigrationStateRecord {
    const TYPE: i16 = 21;
}
