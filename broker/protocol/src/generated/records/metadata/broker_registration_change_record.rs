// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `BrokerRegistrationChangeRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `BrokerRegistrationChangeRecord`, key 17, versions 0-3, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 0+.
    pub broker_epoch: i64,
    /// `Fenced`: versions 0+, tag 0.
    pub fenced: i8,
    /// `InControlledShutdown`: versions 1+, tag 1.
    pub in_controlled_shutdown: i8,
    /// `LogDirs`: versions 2+, tag 2.
    pub log_dirs: Vec<Uuid>,
    /// `CordonedLogDirs`: versions 3+, tag 3, null 3+, default null.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let mut fenced = 0;
        let mut in_controlled_shutdown = 0;
        let mut log_dirs = Vec::new();
        let mut cordoned_log_dirs = None;
        r.tags(|r, tag| {
            match tag {
                0 => fenced = r.i8("Fenced")?,
                1 if v >= 1 => in_controlled_shutdown = r.i8("InControlledShutdown")?,
                2 if v >= 2 => log_dirs = r.fixed_array(true, "LogDirs")?,
                3 if v >= 3 => cordoned_log_dirs = r.nullable_fixed_array(true, "CordonedLogDirs")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { broker_id, broker_epoch, fenced, in_controlled_shutdown, log_dirs, cordoned_log_dirs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.broker_id).with(self.broker_epoch);
        if v < 1 && (self.in_controlled_shutdown != 0) {
            return Err(EncodeError::not_in_version("InControlledShutdown", v));
        }
        if v < 2 && !self.log_dirs.is_empty() {
            return Err(EncodeError::not_in_version("LogDirs", v));
        }
        if v < 3 && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::not_in_version("CordonedLogDirs", v));
        }
        let has_fenced = self.fenced != 0;
        let has_in_controlled_shutdown = v >= 1 && (self.in_controlled_shutdown != 0);
        let has_log_dirs = v >= 2 && !self.log_dirs.is_empty();
        let has_cordoned_log_dirs = v >= 3 && self.cordoned_log_dirs.is_some();
        w.uvarint(
            u32::from(has_fenced)
                + u32::from(has_in_controlled_shutdown)
                + u32::from(has_log_dirs)
                + u32::from(has_cordoned_log_dirs),
        );
        if has_fenced {
            w.tag(0, "Fenced", |w| {
                w.i8(self.fenced);
                Ok(())
            })?;
        }
        if has_in_controlled_shutdown {
            w.tag(1, "InControlledShutdown", |w| {
                w.i8(self.in_controlled_shutdown);
                Ok(())
            })?;
        }
        if has_log_dirs {
            w.tag(2, "LogDirs", |w| {
                w.fixed_array(true, &self.log_dirs, "LogDirs")?;
                Ok(())
            })?;
        }
        if has_cordoned_log_dirs {
            w.tag(3, "CordonedLogDirs", |w| {
                w.nullable_fixed_array(true, self.cordoned_log_dirs.as_deref(), "CordonedLogDirs")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for BrokerRegistrationChangeRecord {
    const TYPE: i16 = 17;
}
