// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreatePartitionsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `CreatePartitionsRequest`, key 37, versions 0-3, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsRequest {
    /// `Topics`: versions 0+.
    pub topics: Vec<CreatePartitionsTopic>,
    /// `TimeoutMs`: versions 0+.
    pub timeout_ms: i32,
    /// `ValidateOnly`: versions 0+.
    pub validate_only: bool,
}

impl Message for CreatePartitionsRequest {
    const NAME: &'static str = "CreatePartitionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let topics = r.array(flexible, 6, "Topics", |r| CreatePartitionsTopic::decode(r, v))?;
        let timeout_ms = r.i32("TimeoutMs")?;
        let validate_only = r.bool("ValidateOnly")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topics, timeout_ms, validate_only })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.run::<5>().with(self.timeout_ms).with(self.validate_only);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for CreatePartitionsRequest {
    const KEY: ApiKey = ApiKey::CreatePartitions;
    type Response = super::CreatePartitionsResponse;
}

/// Part of [`CreatePartitionsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePartitionsTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Count`: versions 0+.
    pub count: i32,
    /// `Assignments`: versions 0+, null 0+.
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

impl Default for CreatePartitionsTopic {
    fn default() -> Self {
        Self { name: Str::EMPTY, count: 0, assignments: Some(Vec::new()) }
    }
}

impl CreatePartitionsTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let name = r.str(flexible, "Name")?;
        let count = r.i32("Count")?;
        let assignments =
            r.nullable_array(flexible, 1, "Assignments", |r| CreatePartitionsAssignment::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, count, assignments })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.name, "Name")?;
        w.i32(self.count);
        w.nullable_array(flexible, self.assignments.as_deref(), "Assignments", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`CreatePartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsAssignment {
    /// `BrokerIds`: versions 0+, brokerId.
    pub broker_ids: Vec<i32>,
}

impl CreatePartitionsAssignment {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let broker_ids = r.fixed_array(flexible, "BrokerIds")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { broker_ids })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.fixed_array(flexible, &self.broker_ids, "BrokerIds")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
