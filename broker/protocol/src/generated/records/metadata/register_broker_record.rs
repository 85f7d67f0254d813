// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RegisterBrokerRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `RegisterBrokerRecord`, key 0, versions 0-4, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `IsMigratingZkBroker`: versions 2+.
    pub is_migrating_zk_broker: bool,
    /// `IncarnationId`: versions 0+.
    pub incarnation_id: Uuid,
    /// `BrokerEpoch`: versions 0+.
    pub broker_epoch: i64,
    /// `EndPoints`: versions 0+.
    pub end_points: Vec<BrokerEndpoint>,
    /// `Features`: versions 0+.
    pub features: Vec<BrokerFeature>,
    /// `Rack`: versions 0+, null 0+.
    pub rack: Option<Str>,
    /// `Fenced`: versions 0+, default true.
    pub fenced: bool,
    /// `InControlledShutdown`: versions 1+.
    pub in_controlled_shutdown: bool,
    /// `LogDirs`: versions 3+, tag 0.
    pub log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`: versions 4+, tag 1, null 4+, default null.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: Uuid::ZERO,
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(Str::EMPTY),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let is_migrating_zk_broker = if v >= 2 { r.bool("IsMigratingZkBroker")? } else { false };
        let incarnation_id = r.uuid("IncarnationId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let end_points = r.array(true, 7, "EndPoints", |r| BrokerEndpoint::decode(r, v))?;
        let features = r.array(true, 6, "Features", |r| BrokerFeature::decode(r, v))?;
        let rack = r.nullable_str(true, "Rack")?;
        let fenced = r.bool("Fenced")?;
        let in_controlled_shutdown = if v >= 1 { r.bool("InControlledShutdown")? } else { false };
        let mut log_dirs = Vec::new();
        let mut cordoned_log_dirs = None;
        r.tags(|r, tag| {
            match tag {
                0 if v >= 3 => log_dirs = r.fixed_array(true, "LogDirs")?,
                1 if v >= 4 => cordoned_log_dirs = r.nullable_fixed_array(true, "CordonedLogDirs")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            broker_id,
            is_migrating_zk_broker,
            incarnation_id,
            broker_epoch,
            end_points,
            features,
            rack,
            fenced,
            in_controlled_shutdown,
            log_dirs,
            cordoned_log_dirs,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.broker_id);
        if v >= 2 {
            w.bool(self.is_migrating_zk_broker);
        } else if self.is_migrating_zk_broker {
            return Err(EncodeError::not_in_version("IsMigratingZkBroker", v));
        }
        w.run::<24>().with(self.incarnation_id).with(self.broker_epoch);
        w.array(true, &self.end_points, "EndPoints", |w, it| it.encode(w, v))?;
        w.array(true, &self.features, "Features", |w, it| it.encode(w, v))?;
        w.nullable_str(true, self.rack.as_ref(), "Rack")?;
        w.bool(self.fenced);
        if v >= 1 {
            w.bool(self.in_controlled_shutdown);
        } else if self.in_controlled_shutdown {
            return Err(EncodeError::not_in_version("InControlledShutdown", v));
        }
        if v < 3 && !self.log_dirs.is_empty() {
            return Err(EncodeError::not_in_version("LogDirs", v));
        }
        if v < 4 && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::not_in_version("CordonedLogDirs", v));
        }
        let has_log_dirs = v >= 3 && !self.log_dirs.is_empty();
        let has_cordoned_log_dirs = v >= 4 && self.cordoned_log_dirs.is_some();
        w.uvarint(u32::from(has_log_dirs) + u32::from(has_cordoned_log_dirs));
        if has_log_dirs {
            w.tag(0, "LogDirs", |w| {
                w.fixed_array(true, &self.log_dirs, "LogDirs")?;
                Ok(())
            })?;
        }
        if has_cordoned_log_dirs {
            w.tag(1, "CordonedLogDirs", |w| {
                w.nullable_fixed_array(true, self.cordoned_log_dirs.as_deref(), "CordonedLogDirs")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for RegisterBrokerRecord {
    const TYPE: i16 = 0;
}

/// Part of [`RegisterBrokerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerEndpoint {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
    /// `SecurityProtocol`: versions 0+.
    pub security_protocol: i16,
}

impl BrokerEndpoint {
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

/// Part of [`RegisterBrokerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerFeature {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `MinSupportedVersion`: versions 0+.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`: versions 0+.
    pub max_supported_version: i16,
}

impl BrokerFeature {
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
