// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RegisterControllerRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RegisterControllerRecord`, key 27, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegisterControllerRecord {
    /// `ControllerId`: versions 0+.
    pub controller_id: i32,
    /// `IncarnationId`: versions 0+.
    pub incarnation_id: Uuid,
    /// `ZkMigrationReady`: versions 0+.
    pub zk_migration_ready: bool,
    /// `EndPoints`: versions 0+.
    pub end_points: Vec<ControllerEndpoint>,
    /// `Features`: versions 0+.
    pub features: Vec<ControllerFeature>,
}

impl Message for RegisterControllerRecord {
    const NAME: &'static str = "RegisterControllerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let controller_id = r.i32("ControllerId")?;
        let incarnation_id = r.uuid("IncarnationId")?;
        let zk_migration_ready = r.bool("ZkMigrationReady")?;
        let end_points = r.array(true, 7, "EndPoints", |r| ControllerEndpoint::decode(r, v))?;
        let features = r.array(true, 6, "Features", |r| ControllerFeature::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { controller_id, incarnation_id, zk_migration_ready, end_points, features })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<21>().with(self.controller_id).with(self.incarnation_id).with(self.zk_migration_ready);
        w.array(true, &self.end_points, "EndPoints", |w, it| it.encode(w, v))?;
        w.array(true, &self.features, "Features", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for RegisterControllerRecord {
    const TYPE: i16 = 27;
}

/// Part of [`RegisterControllerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControllerEndpoint {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
    /// `SecurityProtocol`: versions 0+.
    pub security_protocol: i16,
}

impl ControllerEndpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        let security_protocol = r.i16("SecurityProtocol")?;
        r.no_tags()?;
        Ok(Self { name, host, port, security_protocol })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.str(true, &self.host, "Host")?;
        w.run::<4>().with(self.port).with(self.security_protocol);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`RegisterControllerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControllerFeature {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `MinSupportedVersion`: versions 0+.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`: versions 0+.
    pub max_supported_version: i16,
}

impl ControllerFeature {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let min_supported_version = r.i16("MinSupportedVersion")?;
        let max_supported_version = r.i16("MaxSupportedVersion")?;
        r.no_tags()?;
        Ok(Self { name, min_supported_version, max_supported_version })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<4>().with(self.min_supported_version).with(self.max_supported_version);
        w.uvarint(0);
        Ok(())
    }
}
