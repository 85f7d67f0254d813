// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetFetchRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{ApiKey, Message, Request, Str};

/// `OffsetFetchRequest`, key 9, versions 1-10, flexible 6+.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    /// `GroupId`: versions 0-7, groupId.
    pub group_id: Str,
    /// `Topics`: versions 0-7, null 2-7.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// `Groups`: versions 8+.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// `RequireStable`: versions 7+.
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self { group_id: Str::EMPTY, topics: Some(Vec::new()), groups: Vec::new(), require_stable: false }
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        let group_id = if v <= 7 { r.str(flexible, "GroupId")? } else { Str::EMPTY };
        let topics = if v <= 7 {
            if v >= 2 {
                r.nullable_array(flexible, 2, "Topics", |r| OffsetFetchRequestTopic::decode(r, v))?
            } else {
                Some(r.array(flexible, 2, "Topics", |r| OffsetFetchRequestTopic::decode(r, v))?)
            }
        } else {
            Some(Vec::new())
        };
        let groups = if v >= 8 {
            r.array(true, 3, "Groups", |r| OffsetFetchRequestGroup::decode(r, v))?
        } else {
            Vec::new()
        };
        let require_stable = if v >= 7 { r.bool("RequireStable")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { group_id, topics, groups, require_stable })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        if v <= 7 {
            w.str(flexible, &self.group_id, "GroupId")?;
        } else if !self.group_id.is_empty() {
            return Err(EncodeError::not_in_version("GroupId", v));
        }
        if v <= 7 {
            if v >= 2 {
                w.nullable_array(flexible, self.topics.as_deref(), "Topics", |w, it| it.encode(w, v))?;
            } else {
                w.array(flexible, required(&self.topics, "Topics")?, "Topics", |w, it| it.encode(w, v))?;
            }
        } else if self.topics.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::not_in_version("Topics", v));
        }
        if v >= 8 {
            w.array(true, &self.groups, "Groups", |w, it| it.encode(w, v))?;
        } else if !self.groups.is_empty() {
            return Err(EncodeError::not_in_version("Groups", v));
        }
        if v >= 7 {
            w.bool(self.require_stable);
        } else if self.require_stable {
            return Err(EncodeError::not_in_version("RequireStable", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for OffsetFetchRequest {
    const KEY: ApiKey = ApiKey::OffsetFetch;
    type Response = super::OffsetFetchResponse;
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopic {
    /// `Name`: versions 0-7, topicName.
    pub name: Str,
    /// `PartitionIndexes`: versions 0-7.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let name = r.str(flexible, "Name")?;
        let partition_indexes = r.fixed_array(flexible, "PartitionIndexes")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partition_indexes })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.str(flexible, &self.name, "Name")?;
        w.fixed_array(flexible, &self.partition_indexes, "PartitionIndexes")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    /// `GroupId`: versions 8+, groupId.
    pub group_id: Str,
    /// `MemberId`: versions 9+, null 9+, default null, ignorable.
    pub member_id: Option<Str>,
    /// `MemberEpoch`: versions 9+, default -1, ignorable.
    pub member_epoch: i32,
    /// `Topics`: versions 8+, null 8+.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self { group_id: Str::EMPTY, member_id: None, member_epoch: -1, topics: Some(Vec::new()) }
    }
}

impl OffsetFetchRequestGroup {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let group_id = r.str(true, "GroupId")?;
        let member_id = if v >= 9 { r.nullable_str(true, "MemberId")? } else { None };
        let member_epoch = if v >= 9 { r.i32("MemberEpoch")? } else { -1 };
        let topics = r.nullable_array(true, 2, "Topics", |r| OffsetFetchRequestTopics::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { group_id, member_id, member_epoch, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.group_id, "GroupId")?;
        if v >= 9 {
            w.nullable_str(true, self.member_id.as_ref(), "MemberId")?;
        }
        if v >= 9 {
            w.i32(self.member_epoch);
        }
        w.nullable_array(true, self.topics.as_deref(), "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`OffsetFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopics {
    /// `Name`: versions 8-9, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `PartitionIndexes`: versions 8+.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopics {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = if v <= 9 { r.str(true, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partition_indexes = r.fixed_array(true, "PartitionIndexes")?;
        r.no_tags()?;
        Ok(Self { name, topic_id, partition_indexes })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if v <= 9 {
            w.str(true, &self.name, "Name")?;
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.fixed_array(true, &self.partition_indexes, "PartitionIndexes")?;
        w.uvarint(0);
        Ok(())
    }
}
