// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `BrokerRegistrationRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `BrokerRegistrationRequest`, key 62, versions 0-4, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationRequest {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `ClusterId`: versions 0+.
    pub cluster_id: Str,
    /// `IncarnationId`: versions 0+.
    pub incarnation_id: Uuid,
    /// `Listeners`: versions 0+.
    pub listeners: Vec<Listener>,
    /// `Features`: versions 0+.
    pub features: Vec<Feature>,
    /// `Rack`: versions 0+, null 0+.
    pub rack: Option<Str>,
    /// `IsMigratingZkBroker`: versions 1+.
    pub is_migrating_zk_broker: bool,
    /// `LogDirs`: versions 2+, ignorable.
    pub log_dirs: Vec<Uuid>,
    /// `PreviousBrokerEpoch`: versions 3+, default -1, ignorable.
    pub previous_broker_epoch: i64,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            cluster_id: Str::EMPTY,
            incarnation_id: Uuid::ZERO,
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(Str::EMPTY),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
        }
    }
}

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let cluster_id = r.str(true, "ClusterId")?;
        let incarnation_id = r.uuid("IncarnationId")?;
        let listeners = r.array(true, 7, "Listeners", |r| Listener::decode(r, v))?;
        let features = r.array(true, 6, "Features", |r| Feature::decode(r, v))?;
        let rack = r.nullable_str(true, "Rack")?;
        let is_migrating_zk_broker = if v >= 1 { r.bool("IsMigratingZkBroker")? } else { false };
        let log_dirs = if v >= 2 { r.fixed_array(true, "LogDirs")? } else { Vec::new() };
        let previous_broker_epoch = if v >= 3 { r.i64("PreviousBrokerEpoch")? } else { -1 };
        r.no_tags()?;
        Ok(Self {
            broker_id,
            cluster_id,
            incarnation_id,
            listeners,
            features,
            rack,
            is_migrating_zk_broker,
            log_dirs,
            previous_broker_epoch,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.broker_id);
        w.str(true, &self.cluster_id, "ClusterId")?;
        w.uuid(self.incarnation_id);
        w.array(true, &self.listeners, "Listeners", |w, it| it.encode(w, v))?;
        w.array(true, &self.features, "Features", |w, it| it.encode(w, v))?;
        w.nullable_str(true, self.rack.as_ref(), "Rack")?;
        if v >= 1 {
            w.bool(self.is_migrating_zk_broker);
        } else if self.is_migrating_zk_broker {
            return Err(EncodeError::not_in_version("IsMigratingZkBroker", v));
        }
        if v >= 2 {
            w.fixed_array(true, &self.log_dirs, "LogDirs")?;
        }
        if v >= 3 {
            w.i64(self.previous_broker_epoch);
        }
        w.uvarint(0);
        Ok(())
    }
}

impl Request for BrokerRegistrationRequest {
    const KEY: ApiKey = ApiKey::BrokerRegistration;
    type Response = super::BrokerRegistrationResponse;
}

/// Part of [`BrokerRegistrationRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listener {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
    /// `SecurityProtocol`: versions 0+.
    pub security_protocol: i16,
}

impl Listener {
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

/// Part of [`BrokerRegistrationRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feature {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `MinSupportedVersion`: versions 0+.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`: versions 0+.
    pub max_supported_version: i16,
}

impl Feature {
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
