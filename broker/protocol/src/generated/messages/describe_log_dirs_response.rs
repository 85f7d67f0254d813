// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeLogDirsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeLogDirsResponse`, key 35, versions 1-5, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 3+, ignorable.
    pub error_code: i16,
    /// `Results`: versions 0+.
    pub results: Vec<DescribeLogDirsResult>,
}

impl Message for DescribeLogDirsResponse {
    const NAME: &'static str = "DescribeLogDirsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = if v >= 3 { r.i16("ErrorCode")? } else { 0 };
        let results = r.array(flexible, 4, "Results", |r| DescribeLogDirsResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.i32(self.throttle_time_ms);
        if v >= 3 {
            w.i16(self.error_code);
        }
        w.array(flexible, &self.results, "Results", |w, it| it.encode(w, v))?;
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

/// Part of [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeLogDirsResult {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `LogDir`: versions 0+.
    pub log_dir: Str,
    /// `Topics`: versions 0+.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// `TotalBytes`: versions 4+, default -1, ignorable.
    pub total_bytes: i64,
    /// `UsableBytes`: versions 4+, default -1, ignorable.
    pub usable_bytes: i64,
    /// `IsCordoned`: versions 5+, ignorable.
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: 0,
            log_dir: Str::EMPTY,
            topics: Vec::new(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: false,
        }
    }
}

impl DescribeLogDirsResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let log_dir = r.str(flexible, "LogDir")?;
        let topics = r.array(flexible, 2, "Topics", |r| DescribeLogDirsTopic::decode(r, v))?;
        let total_bytes = if v >= 4 { r.i64("TotalBytes")? } else { -1 };
        let usable_bytes = if v >= 4 { r.i64("UsableBytes")? } else { -1 };
        let is_cordoned = if v >= 5 { r.bool("IsCordoned")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, log_dir, topics, total_bytes, usable_bytes, is_cordoned })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.i16(self.error_code);
        w.str(flexible, &self.log_dir, "LogDir")?;
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v >= 4 {
            w.i64(self.total_bytes);
        }
        if v >= 4 {
            w.i64(self.usable_bytes);
        }
        if v >= 5 {
            w.bool(self.is_cordoned);
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<DescribeLogDirsPartition>,
}

impl DescribeLogDirsTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let name = r.str(flexible, "Name")?;
        let partitions = r.array(flexible, 21, "Partitions", |r| DescribeLogDirsPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `PartitionSize`: versions 0+.
    pub partition_size: i64,
    /// `OffsetLag`: versions 0+.
    pub offset_lag: i64,
    /// `IsFutureKey`: versions 0+.
    pub is_future_key: bool,
}

impl DescribeLogDirsPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let partition_index = r.i32("PartitionIndex")?;
        let partition_size = r.i64("PartitionSize")?;
        let offset_lag = r.i64("OffsetLag")?;
        let is_future_key = r.bool("IsFutureKey")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, partition_size, offset_lag, is_future_key })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.run::<21>()
            .with(self.partition_index)
            .with(self.partition_size)
            .with(self.offset_lag)
            .with(self.is_future_key);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
