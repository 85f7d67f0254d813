//! The broker's own question for all groups of a shard and what they have committed, a part at a time.

use broker_types::{GroupId, PartitionId, TopicName};

/// A part of the groups, by id, with their offsets, by topic and partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Where the part begins, as the one before it said; `None` for the first.
    pub from: Option<SurveyPlace>,
    /// How many groups and offsets to give at most, together; at least one of each is given.
    pub entries_max: usize,
}

/// Where a part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyPlace {
    /// Its first group.
    pub group: GroupId,
    /// The first of the group's offsets that was not given before; `None` for all of them.
    pub offset: Option<(TopicName, PartitionId)>,
}
