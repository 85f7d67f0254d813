//! OffsetCommit and TxnOffsetCommit.

use alloc::{sync::Arc, vec::Vec};

use broker_protocol::{
    Str,
    records::group::{OffsetCommitKey, OffsetCommitValue},
};
use broker_types::{GroupId, LeaderEpoch, Timestamp, TopicId, Uuid};

use crate::{
    ByTopic, CommitDialect, CommitPartition, Generation, Group, GroupError, GroupRecord, InstanceId,
    MemberId, OffsetCommit, OffsetResult, Producer, State, TxnOffsetCommit,
    classic::{LiveGroup, Phase},
    coordinator::Live,
    groups::not_found,
    work::Work,
};

/// Who commits.
#[derive(Clone, Copy)]
struct Committer<'a> {
    member: Option<&'a MemberId>,
    instance: Option<&'a InstanceId>,
    generation: Option<Generation>,
}

/// What is the same for all records of one commit.
#[derive(Clone, Copy)]
struct Terms {
    expires: Option<Timestamp>,
    producer: Option<Producer>,
}

impl Live {
    pub(crate) fn commit(
        &mut self,
        work: &mut Work<'_>,
        state: &State,
        request: &OffsetCommit,
    ) -> Result<Vec<ByTopic<OffsetResult>>, GroupError> {
        let who = Committer {
            member: request.member.as_ref(),
            instance: request.instance.as_ref(),
            generation: request.generation,
        };
        match state.group(request.group.as_str()) {
            // A consumer that manages its partitions itself makes the group.
            None if who.generation.is_none() => {}
            None if request.dialect < CommitDialect::Epochs => return Err(GroupError::IllegalGeneration),
            None => return Err(not_found(&request.group)),
            Some(Group::Consumer(_)) => return Err(GroupError::UnknownMember),
            Some(Group::Classic(_)) => match self.classic.get_mut(&request.group) {
                Some(group) => group.may_commit(work, who)?,
                None => without_members(who)?,
            },
        }
        let expires = request.retention.map(|retention| work.now.wall.plus(retention));
        Ok(write(work, &request.group, &request.topics, Terms { expires, producer: None }))
    }

    pub(crate) fn commit_transactional(
        &mut self,
        work: &mut Work<'_>,
        state: &State,
        request: &TxnOffsetCommit,
    ) -> Result<Vec<ByTopic<OffsetResult>>, GroupError> {
        let who = Committer {
            member: request.member.as_ref(),
            instance: request.instance.as_ref(),
            generation: request.generation,
        };
        if request.group.as_str().is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        match state.group(request.group.as_str()) {
            None if who.generation.is_none() => {}
            None => return Err(GroupError::IllegalGeneration),
            Some(Group::Consumer(_)) => return Err(GroupError::UnknownMember),
            Some(Group::Classic(_)) => match self.classic.get(&request.group) {
                Some(group) => group.is_in_generation(who)?,
                None => without_members(who)?,
            },
        }
        let terms = Terms { expires: None, producer: Some(request.producer) };
        Ok(write(work, &request.group, &request.topics, terms))
    }
}

/// An empty group takes offsets from whoever claims no generation.
fn without_members(who: Committer<'_>) -> Result<(), GroupError> {
    if who.generation.is_none() { Ok(()) } else { Err(GroupError::UnknownMember) }
}

impl LiveGroup {
    /// A commit is a sign of life; it is refused while the leader assigns, for the member has not synced.
    fn may_commit(&mut self, work: &mut Work<'_>, who: Committer<'_>) -> Result<(), GroupError> {
        if who.generation.is_none() && self.phase == Phase::Empty {
            return Ok(());
        }
        if who.generation.is_none() && who.member.is_none() && who.instance.is_none() {
            // A consumer that manages its partitions itself shares the id of a group that lives.
            return Err(GroupError::UnknownMember);
        }
        let id = self.validate_generation(who.member, who.instance, who.generation)?.clone();
        if self.phase == Phase::Completing {
            return Err(GroupError::RebalanceInProgress);
        }
        self.hear(work, &id);
        Ok(())
    }

    /// A transaction commits in any phase; one of an old producer that knows no member in any group.
    fn is_in_generation(&self, who: Committer<'_>) -> Result<(), GroupError> {
        let is_old = who.member.is_none() && who.instance.is_none();
        if who.generation.is_none() && (self.phase == Phase::Empty || is_old) {
            return Ok(());
        }
        self.validate_generation(who.member, who.instance, who.generation).map(|_| ())
    }
}

/// Writes what can be written, partition by partition.
fn write(
    work: &mut Work<'_>,
    group: &GroupId,
    topics: &[ByTopic<CommitPartition>],
    terms: Terms,
) -> Vec<ByTopic<OffsetResult>> {
    let name = Str::from(group.as_str());
    let mut results = Vec::with_capacity(topics.len());
    for by_topic in topics {
        let topic = Str::from(by_topic.topic.as_str());
        let mut partitions = Vec::with_capacity(by_topic.partitions.len());
        for commit in &by_topic.partitions {
            let result = if is_too_large(&commit.metadata, work.settings.offset_metadata_bytes_max) {
                Err(GroupError::OffsetMetadataTooLarge)
            } else {
                let value = value(commit, by_topic.id, work.now.wall, terms.expires);
                let key = OffsetCommitKey {
                    group: name.clone(),
                    topic: topic.clone(),
                    partition: commit.partition.get(),
                };
                let value = Some(Arc::new(value));
                work.records.push(GroupRecord::Offset { key, value, producer: terms.producer });
                Ok(())
            };
            partitions.push(OffsetResult { partition: commit.partition, result });
        }
        results.push(by_topic.with(partitions));
    }
    results
}

fn value(
    commit: &CommitPartition,
    topic: Option<TopicId>,
    now: Timestamp,
    expires: Option<Timestamp>,
) -> OffsetCommitValue {
    let metadata = if commit.metadata.is_empty() { Str::EMPTY } else { commit.metadata.detached() };
    OffsetCommitValue {
        offset: commit.offset,
        leader_epoch: commit.leader_epoch.map_or(-1, LeaderEpoch::get),
        metadata,
        commit_timestamp: now.as_millis(),
        expire_timestamp: expires.map_or(-1, Timestamp::as_millis),
        topic_id: topic.map_or(Uuid::ZERO, TopicId::uuid),
    }
}

/// Kafka counts as Java does, in units of UTF-16, of which there are never more than bytes.
fn is_too_large(metadata: &Str, max: usize) -> bool {
    metadata.len() > max && metadata.encode_utf16().count() > max
}
