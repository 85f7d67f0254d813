// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ElectLeadersResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ElectLeadersResponse`, key 43, versions 0-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ElectLeadersResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 1+.
    pub error_code: i16,
    /// `ReplicaElectionResults`: versions 0+.
    pub replica_election_results: Vec<ReplicaElectionResult>,
}

impl Message for ElectLeadersResponse {
    const NAME: &'static str = "ElectLeadersResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = if v >= 1 { r.i16("ErrorCode")? } else { 0 };
        let replica_election_results =
            r.array(flexible, 2, "ReplicaElectionResults", |r| ReplicaElectionResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, replica_election_results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.i32(self.throttle_time_ms);
        if v >= 1 {
            w.i16(self.error_code);
        } else if self.error_code != 0 {
            return Err(EncodeError::not_in_version("ErrorCode", v));
        }
        w.array(flexible, &self.replica_election_results, "ReplicaElectionResults", |w, it| it.encode(w, v))?;
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

/// Part of [`ElectLeadersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicaElectionResult {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `PartitionResult`: versions 0+.
    pub partition_result: Vec<PartitionResult>,
}

impl ReplicaElectionResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let topic = r.str(flexible, "Topic")?;
        let partition_result = r.array(flexible, 7, "PartitionResult", |r| PartitionResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, partition_result })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.topic, "Topic")?;
        w.array(flexible, &self.partition_result, "PartitionResult", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ElectLeadersResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionResult {
    /// `PartitionId`: versions 0+.
    pub partition_id: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self { partition_id: 0, error_code: 0, error_message: Some(Str::EMPTY) }
    }
}

impl PartitionResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let partition_id = r.i32("PartitionId")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_id, error_code, error_message })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.run::<6>().with(self.partition_id).with(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
