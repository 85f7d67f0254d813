//! What groups committed: reading it, setting it, taking it away. Only groups without members can be changed from
//! outside.

use std::collections::BTreeMap;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
        OffsetFetchRequest, OffsetFetchResponse,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
        offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    },
};
use broker_types::{LeaderEpoch, Offset, PartitionId, TopicName, TopicPartition};

use super::by_topic;
use crate::{Client, ClientError, CoordinatorKind};

/// After this version OffsetFetch and OffsetCommit name topics by their ids only.
pub(crate) const NAMES_UNTIL: i16 = 9;

/// What a group committed of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next record to read.
    pub offset: Offset,
    /// The leader's epoch of the last record that was read, where the member told it.
    pub leader_epoch: Option<LeaderEpoch>,
    /// What the member wrote beside it.
    pub metadata: String,
}

impl CommittedOffset {
    /// An offset alone.
    #[must_use]
    pub fn at(offset: Offset) -> Self {
        Self { offset, leader_epoch: None, metadata: String::new() }
    }
}

/// The outcome for each partition.
pub type PartitionOutcomes = BTreeMap<TopicPartition, Result<(), ClientError>>;

/// What is done about offsets in transactions that go on (KIP-447).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecided {
    /// What was committed before counts.
    Ignored,
    /// They are waited for.
    Awaited,
}

/// As whom offsets are committed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Committer {
    pub(crate) generation: i32,
    pub(crate) member: Str,
    pub(crate) instance: Option<Str>,
}

impl Committer {
    /// Somebody outside of the group.
    fn nobody() -> Self {
        Self { generation: -1, member: Str::EMPTY, instance: None }
    }
}

impl Client {
    /// All that the group `id` committed. Nothing for a group that is not there.
    ///
    /// # Errors
    /// The coordinator's.
    pub async fn list_group_offsets(
        &mut self,
        id: &str,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
        self.fetch_group_offsets(id, None, Undecided::Ignored).await
    }

    /// What the group `id` committed of `partitions`; `None`: of all.
    pub(crate) async fn fetch_group_offsets(
        &mut self,
        id: &str,
        partitions: Option<&[TopicPartition]>,
        undecided: Undecided,
    ) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
        let topic = |(name, partition_indexes)| OffsetFetchRequestTopics {
            name,
            partition_indexes,
            ..OffsetFetchRequestTopics::default()
        };
        let group = OffsetFetchRequestGroup {
            group_id: Str::from(id),
            topics: partitions.map(|all| by_topic(all).into_iter().map(topic).collect()),
            ..OffsetFetchRequestGroup::default()
        };
        let request = OffsetFetchRequest {
            groups: vec![group],
            require_stable: undecided == Undecided::Awaited,
            ..OffsetFetchRequest::default()
        };
        let key = (CoordinatorKind::Group, id);
        let response = self.ask_coordinator(key, &request, NAMES_UNTIL, fetch_outcome).await?;
        let Some(group) = response.groups.first() else { return Ok(BTreeMap::new()) };
        ClientError::check(group.error_code, None)?;
        let mut committed = BTreeMap::new();
        for topic in &group.topics {
            let name = TopicName::new(&topic.name);
            for partition in &topic.partitions {
                ClientError::check(partition.error_code, None)?;
                let Some(offset) = Offset::from_wire(partition.committed_offset) else { continue };
                let at = TopicPartition::new(name.clone(), PartitionId::new(partition.partition_index));
                let one = CommittedOffset {
                    offset,
                    leader_epoch: LeaderEpoch::from_wire(partition.committed_leader_epoch),
                    metadata: partition.metadata.as_ref().map(ToString::to_string).unwrap_or_default(),
                };
                committed.insert(at, one);
            }
        }
        Ok(committed)
    }

    /// Sets what the group `id`, which has no members, committed. The group is made when it is not there.
    ///
    /// # Errors
    /// When the coordinator cannot be asked; what is wrong with single partitions is in the outcomes:
    /// `UNKNOWN_MEMBER_ID` when somebody is in the group.
    pub async fn alter_group_offsets(
        &mut self,
        id: &str,
        offsets: &BTreeMap<TopicPartition, CommittedOffset>,
    ) -> Result<PartitionOutcomes, ClientError> {
        self.commit_group_offsets(id, &Committer::nobody(), offsets).await
    }

    /// Commits `offsets` as `committer`.
    pub(crate) async fn commit_group_offsets(
        &mut self,
        id: &str,
        committer: &Committer,
        offsets: &BTreeMap<TopicPartition, CommittedOffset>,
    ) -> Result<PartitionOutcomes, ClientError> {
        let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for (at, committed) in offsets {
            topics.entry(at.topic.as_str()).or_default().push(OffsetCommitRequestPartition {
                partition_index: at.partition.get(),
                committed_offset: committed.offset.get(),
                committed_leader_epoch: committed.leader_epoch.map_or(-1, LeaderEpoch::get),
                committed_metadata: Some(Str::from(committed.metadata.as_str())),
            });
        }
        let topic = |(name, partitions)| OffsetCommitRequestTopic {
            name: Str::from(name),
            partitions,
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: Str::from(id),
            generation_id_or_member_epoch: committer.generation,
            member_id: committer.member.clone(),
            group_instance_id: committer.instance.clone(),
            topics: topics.into_iter().map(topic).collect(),
            ..OffsetCommitRequest::default()
        };
        let key = (CoordinatorKind::Group, id);
        let response = self.ask_coordinator(key, &request, NAMES_UNTIL, commit_outcome).await?;
        let told = response.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|one| (topic.name.as_str(), one.partition_index, one.error_code))
        });
        Ok(told.map(outcome_of).collect())
    }

    /// Takes away what the group `id` committed of `partitions`.
    ///
    /// # Errors
    /// What is wrong with the group: `GROUP_ID_NOT_FOUND`, `NON_EMPTY_GROUP`; what is wrong with single partitions is
    /// in the outcomes: `GROUP_SUBSCRIBED_TO_TOPIC`.
    pub async fn delete_group_offsets(
        &mut self,
        id: &str,
        partitions: &[TopicPartition],
    ) -> Result<PartitionOutcomes, ClientError> {
        let topic = |(name, partitions): (Str, Vec<i32>)| OffsetDeleteRequestTopic {
            name,
            partitions: partitions
                .into_iter()
                .map(|partition_index| OffsetDeleteRequestPartition { partition_index })
                .collect(),
        };
        let request = OffsetDeleteRequest {
            group_id: Str::from(id),
            topics: by_topic(partitions).into_iter().map(topic).collect(),
        };
        let key = (CoordinatorKind::Group, id);
        let outcome = |response: &OffsetDeleteResponse| ErrorCode::from_code(response.error_code);
        let response = self.ask_coordinator(key, &request, i16::MAX, outcome).await?;
        ClientError::check(response.error_code, None)?;
        let told = response.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|one| (topic.name.as_str(), one.partition_index, one.error_code))
        });
        Ok(told.map(outcome_of).collect())
    }
}

/// What an answer says of a partition: its topic, its index, the error.
fn outcome_of((topic, index, code): (&str, i32, i16)) -> (TopicPartition, Result<(), ClientError>) {
    let at = TopicPartition::new(TopicName::new(topic), PartitionId::new(index));
    (at, ClientError::check(code, None))
}

/// What is wrong with the group, or with a partition.
fn fetch_outcome(response: &OffsetFetchResponse) -> Option<ErrorCode> {
    let group = response.groups.first()?;
    let partitions = group.topics.iter().flat_map(|topic| &topic.partitions);
    let codes = std::iter::once(group.error_code).chain(partitions.map(|partition| partition.error_code));
    codes.into_iter().find(|code| *code != 0).and_then(ErrorCode::from_code)
}

/// A coordinator that moved says so of every partition.
fn commit_outcome(response: &OffsetCommitResponse) -> Option<ErrorCode> {
    ErrorCode::from_code(response.topics.first()?.partitions.first()?.error_code)
}
