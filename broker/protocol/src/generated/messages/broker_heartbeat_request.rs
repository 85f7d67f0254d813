// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `BrokerHeartbeatRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `BrokerHeartbeatRequest`, key 63, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerHeartbeatRequest {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 0+, default -1.
    pub broker_epoch: i64,
    /// `CurrentMetadataOffset`: versions 0+.
    pub current_metadata_offset: i64,
    /// `WantFence`: versions 0+.
    pub want_fence: bool,
    /// `WantShutDown`: versions 0+.
    pub want_shut_down: bool,
    /// `OfflineLogDirs`: versions 1+, tag 0.
    pub offline_log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`: versions 2+, tag 1, null 2+, default null.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let current_metadata_offset = r.i64("CurrentMetadataOffset")?;
        let want_fence = r.bool("WantFence")?;
        let want_shut_down = r.bool("WantShutDown")?;
        let mut offline_log_dirs = Vec::new();
        let mut cordoned_log_dirs = None;
        r.tags(|r, tag| {
            match tag {
                0 if v >= 1 => offline_log_dirs = r.fixed_array(true, "OfflineLogDirs")?,
                1 if v >= 2 => cordoned_log_dirs = r.nullable_fixed_array(true, "CordonedLogDirs")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            broker_id,
            broker_epoch,
            current_metadata_offset,
            want_fence,
            want_shut_down,
            offline_log_dirs,
            cordoned_log_dirs,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<22>()
            .with(self.broker_id)
            .with(self.broker_epoch)
            .with(self.current_metadata_offset)
            .with(self.want_fence)
            .with(self.want_shut_down);
        if v < 1 && !self.offline_log_dirs.is_empty() {
            return Err(EncodeError::not_in_version("OfflineLogDirs", v));
        }
        if v < 2 && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::not_in_version("CordonedLogDirs", v));
        }
        let has_offline_log_dirs = v >= 1 && !self.offline_log_dirs.is_empty();
        let has_cordoned_log_dirs = v >= 2 && self.cordoned_log_dirs.is_some();
        w.uvarint(u32::from(has_offline_log_dirs) + u32::from(has_cordoned_log_dirs));
        if has_offline_log_dirs {
            w.tag(0, "OfflineLogDirs", |w| {
                w.fixed_array(true, &self.offline_log_dirs, "OfflineLogDirs")?;
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

impl Request for BrokerHeartbeatRequest {
    const KEY: ApiKey = ApiKey::BrokerHeartbeat;
    type Response = super::BrokerHeartbeatResponse;
}
