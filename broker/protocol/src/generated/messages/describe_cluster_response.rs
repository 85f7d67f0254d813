// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeClusterResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeClusterResponse`, key 60, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
    /// `EndpointType`: versions 1+, default 1.
    pub endpoint_type: i8,
    /// `ClusterId`: versions 0+.
    pub cluster_id: Str,
    /// `ControllerId`: versions 0+, brokerId, default -1.
    pub controller_id: i32,
    /// `Brokers`: versions 0+.
    pub brokers: Vec<DescribeClusterBroker>,
    /// `ClusterAuthorizedOperations`: versions 0+, default -2147483648.
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: Str::EMPTY,
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        let endpoint_type = if v >= 1 { r.i8("EndpointType")? } else { 1 };
        let cluster_id = r.str(true, "ClusterId")?;
        let controller_id = r.i32("ControllerId")?;
        let brokers = r.array(true, 11, "Brokers", |r| DescribeClusterBroker::decode(r, v))?;
        let cluster_authorized_operations = r.i32("ClusterAuthorizedOperations")?;
        r.no_tags()?;
        Ok(Self {
            throttle_time_ms,
            error_code,
            error_message,
            endpoint_type,
            cluster_id,
            controller_id,
            brokers,
            cluster_authorized_operations,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        if v >= 1 {
            w.i8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            return Err(EncodeError::not_in_version("EndpointType", v));
        }
        w.str(true, &self.cluster_id, "ClusterId")?;
        w.i32(self.controller_id);
        w.array(true, &self.brokers, "Brokers", |w, it| it.encode(w, v))?;
        w.i32(self.cluster_authorized_operations);
        w.uvarint(0);
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`DescribeClusterResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClusterBroker {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: i32,
    /// `Rack`: versions 0+, null 0+, default null.
    pub rack: Option<Str>,
    /// `IsFenced`: versions 2+.
    pub is_fenced: bool,
}

impl DescribeClusterBroker {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let broker_id = r.i32("BrokerId")?;
        let host = r.str(true, "Host")?;
        let port = r.i32("Port")?;
        let rack = r.nullable_str(true, "Rack")?;
        let is_fenced = if v >= 2 { r.bool("IsFenced")? } else { false };
        r.no_tags()?;
        Ok(Self { broker_id, host, port, rack, is_fenced })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        w.str(true, &self.host, "Host")?;
        w.i32(self.port);
        w.nullable_str(true, self.rack.as_ref(), "Rack")?;
        if v >= 2 {
            w.bool(self.is_fenced);
        } else if self.is_fenced {
            return Err(EncodeError::not_in_version("IsFenced", v));
        }
        w.uvarint(0);
        Ok(())
    }
}
