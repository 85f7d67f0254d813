// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `GetTelemetrySubscriptionsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `GetTelemetrySubscriptionsResponse`, key 71, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetTelemetrySubscriptionsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ClientInstanceId`: versions 0+.
    pub client_instance_id: Uuid,
    /// `SubscriptionId`: versions 0+.
    pub subscription_id: i32,
    /// `AcceptedCompressionTypes`: versions 0+.
    pub accepted_compression_types: Vec<i8>,
    /// `PushIntervalMs`: versions 0+.
    pub push_interval_ms: i32,
    /// `TelemetryMaxBytes`: versions 0+.
    pub telemetry_max_bytes: i32,
    /// `DeltaTemporality`: versions 0+.
    pub delta_temporality: bool,
    /// `RequestedMetrics`: versions 0+.
    pub requested_metrics: Vec<Str>,
}

impl Message for GetTelemetrySubscriptionsResponse {
    const NAME: &'static str = "GetTelemetrySubscriptionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let client_instance_id = r.uuid("ClientInstanceId")?;
        let subscription_id = r.i32("SubscriptionId")?;
        let accepted_compression_types = r.fixed_array(true, "AcceptedCompressionTypes")?;
        let push_interval_ms = r.i32("PushIntervalMs")?;
        let telemetry_max_bytes = r.i32("TelemetryMaxBytes")?;
        let delta_temporality = r.bool("DeltaTemporality")?;
        let requested_metrics = r.array(true, 1, "RequestedMetrics", |r| r.str(true, "RequestedMetrics"))?;
        r.no_tags()?;
        Ok(Self {
            throttle_time_ms,
            error_code,
            client_instance_id,
            subscription_id,
            accepted_compression_types,
            push_interval_ms,
            telemetry_max_bytes,
            delta_temporality,
            requested_metrics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<26>()
            .with(self.throttle_time_ms)
            .with(self.error_code)
            .with(self.client_instance_id)
            .with(self.subscription_id);
        w.fixed_array(true, &self.accepted_compression_types, "AcceptedCompressionTypes")?;
        w.run::<9>().with(self.push_interval_ms).with(self.telemetry_max_bytes).with(self.delta_temporality);
        w.array(true, &self.requested_metrics, "RequestedMetrics", |w, it| {
            w.str(true, it, "RequestedMetrics")
        })?;
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
