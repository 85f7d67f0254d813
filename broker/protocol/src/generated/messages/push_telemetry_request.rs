// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `PushTelemetryRequest`.

use core::ops::RangeInclusive;

use broker_types::Uuid;
use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `PushTelemetryRequest`, key 72, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PushTelemetryRequest {
    /// `ClientInstanceId`: versions 0+.
    pub client_instance_id: Uuid,
    /// `SubscriptionId`: versions 0+.
    pub subscription_id: i32,
    /// `Terminating`: versions 0+.
    pub terminating: bool,
    /// `CompressionType`: versions 0+.
    pub compression_type: i8,
    /// `Metrics`: versions 0+.
    pub metrics: Bytes,
}

impl Message for PushTelemetryRequest {
    const NAME: &'static str = "PushTelemetryRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let client_instance_id = r.uuid("ClientInstanceId")?;
        let subscription_id = r.i32("SubscriptionId")?;
        let terminating = r.bool("Terminating")?;
        let compression_type = r.i8("CompressionType")?;
        let metrics = r.bytes(true, "Metrics")?;
        r.no_tags()?;
        Ok(Self { client_instance_id, subscription_id, terminating, compression_type, metrics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<22>()
            .with(self.client_instance_id)
            .with(self.subscription_id)
            .with(self.terminating)
            .with(self.compression_type);
        w.bytes(true, &self.metrics, "Metrics")?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for PushTelemetryRequest {
    const KEY: ApiKey = ApiKey::PushTelemetry;
    type Response = super::PushTelemetryResponse;
}
