//! Who may commit to a KIP-848 group, and read from it.

use alloc::{boxed::Box, format, string::String};

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId};

use super::{member::Current, validate};
use crate::{CommitDialect, ConsumerGroup, Generation, GroupError, InstanceId, MemberId};

/// What is left to ask of each partition.
#[derive(Debug)]
pub(crate) enum CommitCheck {
    /// Nothing.
    All,
    /// The member is in a newer epoch than it says: it may commit what it owned in the one that it says (KIP-1251).
    Since { current: Box<Current>, epoch: i32, is_classic: bool },
}

/// Who commits, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committer<'a> {
    pub(crate) member: Option<&'a MemberId>,
    pub(crate) instance: Option<&'a InstanceId>,
    pub(crate) epoch: Option<Generation>,
    pub(crate) is_transactional: bool,
    pub(crate) dialect: CommitDialect,
}

pub(crate) fn may_commit(
    id: &GroupId,
    group: &ConsumerGroup,
    who: Committer<'_>,
) -> Result<CommitCheck, GroupError> {
    if who.epoch.is_none() && group.members.is_empty() {
        return Ok(CommitCheck::All);
    }
    let is_nobody = who.member.is_none() && who.instance.is_none() && who.epoch.is_none();
    if who.is_transactional && is_nobody {
        return Ok(CommitCheck::All);
    }
    let unknown = || validate::unknown_member(id.as_str(), who.member);
    let member = who.member.and_then(|member| group.members.get(member)).ok_or_else(unknown)?;
    let is_classic = member.metadata.classic_member_metadata.is_some();
    if !who.is_transactional && !is_classic && who.dialect < CommitDialect::Epochs {
        return Err(GroupError::UnsupportedVersion(Str::from_static(
            "OffsetCommit version 9 or above must be used by members using the consumer group protocol",
        )));
    }
    let current = Current::of(member);
    let epoch = who.epoch.map_or(-1, Generation::get);
    if epoch == current.epoch {
        return Ok(CommitCheck::All);
    }
    if epoch > current.epoch {
        let what = if is_classic { "generation id" } else { "member epoch" };
        let text = format!("Received {what} {epoch} is newer than current member epoch {}.", current.epoch);
        return Err(stale(is_classic, text));
    }
    Ok(CommitCheck::Since { current: Box::new(current), epoch, is_classic })
}

impl CommitCheck {
    /// Whether this partition may be committed.
    pub(crate) fn partition(
        &self,
        name: &str,
        topic: Option<TopicId>,
        partition: PartitionId,
    ) -> Result<(), GroupError> {
        let Self::Since { current, epoch, is_classic } = self else { return Ok(()) };
        let since = topic.and_then(|topic| {
            let of = |owned: &super::member::Assigned| owned.get(&topic)?.get(&partition).copied();
            of(&current.assigned).or_else(|| of(&current.revoking))
        });
        let Some(since) = since else {
            let text =
                format!("Partition {name}-{partition} is not assigned or pending revocation for member.");
            return Err(stale(*is_classic, text));
        };
        if *epoch >= since {
            return Ok(());
        }
        let what = if *is_classic { "generation id" } else { "member epoch" };
        let text = format!(
            "Received {what} {epoch} is older than assignment epoch {since} for partition {name}-{partition}."
        );
        Err(stale(*is_classic, text))
    }
}

/// A reader that says who it is must be who it says.
pub(crate) fn may_fetch(
    id: &GroupId,
    group: &ConsumerGroup,
    member: Option<&MemberId>,
    epoch: Option<Generation>,
) -> Result<(), GroupError> {
    if member.is_none() && epoch.is_none() {
        return Ok(());
    }
    let known = member.and_then(|member| group.members.get(member));
    let known = known.ok_or_else(|| validate::unknown_member(id.as_str(), member))?;
    let (current, received) = (Current::of(known).epoch, epoch.map_or(-1, Generation::get));
    if received == current {
        return Ok(());
    }
    let is_classic = known.metadata.classic_member_metadata.is_some();
    let what = if is_classic { "generation id" } else { "member epoch" };
    let text = format!("The received {what} {received} does not match the expected member epoch {current}.");
    Err(stale(is_classic, text))
}

fn stale(is_classic: bool, text: String) -> GroupError {
    if is_classic {
        GroupError::IllegalConsumerGeneration(Str::from(text))
    } else {
        GroupError::StaleMemberEpoch(Str::from(text))
    }
}
