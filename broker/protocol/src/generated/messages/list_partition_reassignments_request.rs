// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListPartitionReassignmentsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ListPartitionReassignmentsRequest`, key 46, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsRequest {
    /// `TimeoutMs`: versions 0+, default 60000.
    pub timeout_ms: i32,
    /// `Topics`: versions 0+, null 0+, default null.
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, topics: None }
    }
}

impl Message for ListPartitionReassignmentsRequest {
    const NAME: &'static str = "ListPartitionReassignmentsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let timeout_ms = r.i32("TimeoutMs")?;
        let topics =
            r.nullable_array(true, 3, "Topics", |r| ListPartitionReassignmentsTopics::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { timeout_ms, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.timeout_ms);
        w.nullable_array(true, self.topics.as_deref(), "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ListPartitionReassignmentsRequest {
    const KEY: ApiKey = ApiKey::ListPartitionReassignments;
    type Response = super::ListPartitionReassignmentsResponse;
}

/// Part of [`ListPartitionReassignmentsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPartitionReassignmentsTopics {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `PartitionIndexes`: versions 0+.
    pub partition_indexes: Vec<i32>,
}

impl ListPartitionReassignmentsTopics {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partition_indexes = r.fixed_array(true, "PartitionIndexes")?;
        r.no_tags()?;
        Ok(Self { name, partition_indexes })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.fixed_array(true, &self.partition_indexes, "PartitionIndexes")?;
        w.uvarint(0);
        Ok(())
    }
}
