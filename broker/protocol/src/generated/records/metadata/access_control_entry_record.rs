// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AccessControlEntryRecord`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `AccessControlEntryRecord`, key 18, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessControlEntryRecord {
    /// `Id`: versions 0+.
    pub id: Uuid,
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `PatternType`: versions 0+.
    pub pattern_type: i8,
    /// `Principal`: versions 0+.
    pub principal: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Operation`: versions 0+.
    pub operation: i8,
    /// `PermissionType`: versions 0+.
    pub permission_type: i8,
}

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let id = r.uuid("Id")?;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(true, "ResourceName")?;
        let pattern_type = r.i8("PatternType")?;
        let principal = r.str(true, "Principal")?;
        let host = r.str(true, "Host")?;
        let operation = r.i8("Operation")?;
        let permission_type = r.i8("PermissionType")?;
        r.no_tags()?;
        Ok(Self {
            id,
            resource_type,
            resource_name,
            pattern_type,
            principal,
            host,
            operation,
            permission_type,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<17>().with(self.id).with(self.resource_type);
        w.str(true, &self.resource_name, "ResourceName")?;
        w.i8(self.pattern_type);
        w.str(true, &self.principal, "Principal")?;
        w.str(true, &self.host, "Host")?;
        w.run::<2>().with(self.operation).with(self.permission_type);
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for AccessControlEntryRecord {
    const TYPE: i16 = 18;
}
