// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AddPartitionsToTxnResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `AddPartitionsToTxnResponse`, key 24, versions 0-5, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 4+, ignorable.
    pub error_code: i16,
    /// `ResultsByTransaction`: versions 4+.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// `ResultsByTopicV3AndBelow`: versions 0-3.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

impl Message for AddPartitionsToTxnResponse {
    const NAME: &'static str = "AddPartitionsToTxnResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = if v >= 4 { r.i16("ErrorCode")? } else { 0 };
        let results_by_transaction = if v >= 4 {
            r.array(true, 3, "ResultsByTransaction", |r| AddPartitionsToTxnResult::decode(r, v))?
        } else {
            Vec::new()
        };
        let results_by_topic_v3_and_below = if v <= 3 {
            r.array(flexible, 2, "ResultsByTopicV3AndBelow", |r| AddPartitionsToTxnTopicResult::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, results_by_transaction, results_by_topic_v3_and_below })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        w.i32(self.throttle_time_ms);
        if v >= 4 {
            w.i16(self.error_code);
        }
        if v >= 4 {
            w.array(true, &self.results_by_transaction, "ResultsByTransaction", |w, it| it.encode(w, v))?;
        } else if !self.results_by_transaction.is_empty() {
            return Err(EncodeError::not_in_version("ResultsByTransaction", v));
        }
        if v <= 3 {
            w.array(flexible, &self.results_by_topic_v3_and_below, "ResultsByTopicV3AndBelow", |w, it| {
                it.encode(w, v)
            })?;
        } else if !self.results_by_topic_v3_and_below.is_empty() {
            return Err(EncodeError::not_in_version("ResultsByTopicV3AndBelow", v));
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

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnResult {
    /// `TransactionalId`: versions 4+, transactionalId.
    pub transactional_id: Str,
    /// `TopicResults`: versions 4+.
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}

impl AddPartitionsToTxnResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let transactional_id = r.str(true, "TransactionalId")?;
        let topic_results =
            r.array(true, 3, "TopicResults", |r| AddPartitionsToTxnTopicResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { transactional_id, topic_results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.transactional_id, "TransactionalId")?;
        w.array(true, &self.topic_results, "TopicResults", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopicResult {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `ResultsByPartition`: versions 0+.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

impl AddPartitionsToTxnTopicResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let name = r.str(flexible, "Name")?;
        let results_by_partition =
            r.array(flexible, 6, "ResultsByPartition", |r| AddPartitionsToTxnPartitionResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, results_by_partition })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.results_by_partition, "ResultsByPartition", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnPartitionResult {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `PartitionErrorCode`: versions 0+.
    pub partition_error_code: i16,
}

impl AddPartitionsToTxnPartitionResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let partition_index = r.i32("PartitionIndex")?;
        let partition_error_code = r.i16("PartitionErrorCode")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, partition_error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.run::<6>().with(self.partition_index).with(self.partition_error_code);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
