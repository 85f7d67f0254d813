// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FindCoordinatorResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `FindCoordinatorResponse`, key 10, versions 0-6, flexible 3+.
#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0-3.
    pub error_code: i16,
    /// `ErrorMessage`: versions 1-3, null 1-3, ignorable.
    pub error_message: Option<Str>,
    /// `NodeId`: versions 0-3, brokerId.
    pub node_id: i32,
    /// `Host`: versions 0-3.
    pub host: Str,
    /// `Port`: versions 0-3.
    pub port: i32,
    /// `Coordinators`: versions 4+.
    pub coordinators: Vec<Coordinator>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(Str::EMPTY),
            node_id: 0,
            host: Str::EMPTY,
            port: 0,
            coordinators: Vec::new(),
        }
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let error_code = if v <= 3 { r.i16("ErrorCode")? } else { 0 };
        let error_message =
            if (1..=3).contains(&v) { r.nullable_str(flexible, "ErrorMessage")? } else { Some(Str::EMPTY) };
        let node_id = if v <= 3 { r.i32("NodeId")? } else { 0 };
        let host = if v <= 3 { r.str(flexible, "Host")? } else { Str::EMPTY };
        let port = if v <= 3 { r.i32("Port")? } else { 0 };
        let coordinators = if v >= 4 {
            r.array(true, 14, "Coordinators", |r| Coordinator::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, error_message, node_id, host, port, coordinators })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        if v <= 3 {
            w.i16(self.error_code);
        } else if self.error_code != 0 {
            return Err(EncodeError::not_in_version("ErrorCode", v));
        }
        if (1..=3).contains(&v) {
            w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        }
        if v <= 3 {
            w.i32(self.node_id);
        } else if self.node_id != 0 {
            return Err(EncodeError::not_in_version("NodeId", v));
        }
        if v <= 3 {
            w.str(flexible, &self.host, "Host")?;
        } else if !self.host.is_empty() {
            return Err(EncodeError::not_in_version("Host", v));
        }
        if v <= 3 {
            w.i32(self.port);
        } else if self.port != 0 {
            return Err(EncodeError::not_in_version("Port", v));
        }
        if v >= 4 {
            w.array(true, &self.coordinators, "Coordinators", |w, it| it.encode(w, v))?;
        } else if !self.coordinators.is_empty() {
            return Err(EncodeError::not_in_version("Coordinators", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`FindCoordinatorResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    /// `Key`: versions 4+.
    pub key: Str,
    /// `NodeId`: versions 4+, brokerId.
    pub node_id: i32,
    /// `Host`: versions 4+.
    pub host: Str,
    /// `Port`: versions 4+.
    pub port: i32,
    /// `ErrorCode`: versions 4+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 4+, null 4+, ignorable.
    pub error_message: Option<Str>,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: Str::EMPTY,
            node_id: 0,
            host: Str::EMPTY,
            port: 0,
            error_code: 0,
            error_message: Some(Str::EMPTY),
        }
    }
}

impl Coordinator {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let key = r.str(true, "Key")?;
        let node_id = r.i32("NodeId")?;
        let host = r.str(true, "Host")?;
        let port = r.i32("Port")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        r.no_tags()?;
        Ok(Self { key, node_id, host, port, error_code, error_message })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.key, "Key")?;
        w.i32(self.node_id);
        w.str(true, &self.host, "Host")?;
        w.run::<6>().with(self.port).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.uvarint(0);
        Ok(())
    }
}
