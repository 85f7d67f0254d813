// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `UpdateRaftVoterResponse`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `UpdateRaftVoterResponse`, key 82, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateRaftVoterResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `CurrentLeader`: versions 0+, tag 0.
    pub current_leader: CurrentLeader,
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let mut current_leader = CurrentLeader::default();
        r.tags(|r, tag| {
            match tag {
                0 => current_leader = CurrentLeader::decode(r, v)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { throttle_time_ms, error_code, current_leader })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        let has_current_leader = self.current_leader != CurrentLeader::default();
        w.uvarint(u32::from(has_current_leader));
        if has_current_leader {
            w.tag(0, "CurrentLeader", |w| {
                self.current_leader.encode(w, v)?;
                Ok(())
            })?;
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

/// Part of [`UpdateRaftVoterResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentLeader {
    /// `LeaderId`: versions 0+, brokerId, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+, default -1.
    pub leader_epoch: i32,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: i32,
}

impl Default for CurrentLeader {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1, host: Str::EMPTY, port: 0 }
    }
}

impl CurrentLeader {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let host = r.str(true, "Host")?;
        let port = r.i32("Port")?;
        r.no_tags()?;
        Ok(Self { leader_id, leader_epoch, host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<8>().with(self.leader_id).with(self.leader_epoch);
        w.str(true, &self.host, "Host")?;
        w.i32(self.port);
        w.uvarint(0);
        Ok(())
    }
}
