//! OffsetCommit and TxnOffsetCommit.

use alloc::{sync::Arc, vec::Vec};

use broker_protocol::{
    Str,
    records::group::{OffsetCommitKey, OffsetCommitValue},
};
use broker_types::{GroupId, LeaderEpoch, Timestamp, TopicId, Uuid};

use crate::{
    ByTopic, CommitDialect, CommitPartition, Group, GroupError, GroupRecord, OffsetCommit, OffsetResult,
    Producer, State, TxnOffsetCommit,
    classic::{LiveGroup, Phase},
    consumer::{CommitCheck, Committer, may_commit},
    coordinator::Live,
    groups::not_found,
    work::Work,
};

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
            epoch: request.generation,
            is_transactional: false,
            dialect: request.dialect,
        };
        let mut check = CommitCheck::All;
        match state.group(request.group.as_str()) {
            // A consumer that manages its partitions itself makes the group.
            None if who.epoch.is_none() => {}
            None if request.dialect < CommitDialect::Epochs => return Err(GroupError::IllegalGeneration),
            None => return Err(not_found(&request.group)),
            Some(Group::Consumer(group)) => check = may_commit(&request.group, group, who)?,
            Some(Group::Classic(_)) => match self.classic.get_mut(&request.group) {
                Some(group) => group.may_commit(work, who)?,
                None => without_members(who)?,
            },
        }
        let expires = request.retention.map(|retention| work.now.wall.plus(retention));
        let terms = Terms { expires, producer: None };
        check_all(work, &check, &request.topics)?;
        Ok(write(work, &request.group, &request.topics, terms))
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
            epoch: request.generation,
            is_transactional: true,
            dialect: CommitDialect::Epochs,
        };
        let mut check = CommitCheck::All;
        if request.group.as_str().is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        match state.group(request.group.as_str()) {
            None if who.epoch.is_none() => {}
            None => return Err(GroupError::IllegalGeneration),
            Some(Group::Consumer(group)) => {
                check = may_commit(&request.group, group, who).map_err(as_generation)?;
            }
            Some(Group::Classic(_)) => match self.classic.get(&request.group) {
                Some(group) => group.is_in_generation(who)?,
                None => without_members(who)?,
            },
        }
        let terms = Terms { expires: None, producer: Some(request.producer) };
        check_all(work, &check, &request.topics).map_err(as_generation)?;
        Ok(write(work, &request.group, &request.topics, terms))
    }
}

/// A transaction's producer knows generations only.
fn as_generation(error: GroupError) -> GroupError {
    if matches!(error, GroupError::StaleMemberEpoch(_)) { GroupError::IllegalGeneration } else { error }
}

/// One partition that the member does not own any more refuses them all.
fn check_all(
    work: &Work<'_>,
    check: &CommitCheck,
    topics: &[ByTopic<CommitPartition>],
) -> Result<(), GroupError> {
    if matches!(check, CommitCheck::All) {
        return Ok(());
    }
    for by_topic in topics {
        let name = by_topic.topic.as_str();
        let id = by_topic.id.or_else(|| work.metadata.topic(name).map(|topic| topic.id));
        for commit in &by_topic.partitions {
            if !is_too_large(&commit.metadata, work.settings.offset_metadata_bytes_max) {
                check.partition(name, id, commit.partition)?;
            }
        }
    }
    Ok(())
}

/// An empty group takes offsets from whoever claims no generation.
fn without_members(who: Committer<'_>) -> Result<(), GroupError> {
    if who.epoch.is_none() { Ok(()) } else { Err(GroupError::UnknownMember) }
}

impl LiveGroup {
    /// A commit is a sign of life; it is refused while the leader assigns, for the member has not synced.
    fn may_commit(&mut self, work: &mut Work<'_>, who: Committer<'_>) -> Result<(), GroupError> {
        if who.epoch.is_none() && self.phase == Phase::Empty {
            return Ok(());
        }
        if who.epoch.is_none() && who.member.is_none() && who.instance.is_none() {
            // A consumer that manages its partitions itself shares the id of a group that lives.
            return Err(GroupError::UnknownMember);
        }
        let id = self.validate_generation(who.member, who.instance, who.epoch)?.clone();
        if self.phase == Phase::Completing {
            return Err(GroupError::RebalanceInProgress);
        }
        self.hear(work, &id);
        Ok(())
    }

    /// A transaction commits in any phase; one of an old producer that knows no member in any group.
    fn is_in_generation(&self, who: Committer<'_>) -> Result<(), GroupError> {
        let is_old = who.member.is_none() && who.instance.is_none();
        if who.epoch.is_none() && (self.phase == Phase::Empty || is_old) {
            return Ok(());
        }
        self.validate_generation(who.member, who.instance, who.epoch).map(|_| ())
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
