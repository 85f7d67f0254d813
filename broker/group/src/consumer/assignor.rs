//! The server's assignors: which member is to own what.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_types::{PartitionId, TopicId};

use crate::{InstanceId, MemberId};

mod range;
#[cfg(test)]
mod tests;
mod uniform;
mod uniform_mixed;

/// Partitions by topic.
pub(crate) type Assignment = BTreeMap<TopicId, BTreeSet<PartitionId>>;

/// A member as an assignor sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    /// Its lasting name.
    pub(super) instance: Option<InstanceId>,
    /// The topics that it wants and that are there.
    pub(super) topics: BTreeSet<TopicId>,
    /// Its last target.
    pub(super) target: Assignment,
}

/// What is to be assigned to whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Problem {
    pub(super) members: BTreeMap<MemberId, Member>,
    /// How many partitions each topic has that any member wants.
    pub(super) partitions: BTreeMap<TopicId, i32>,
}

/// Which assignor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assignor {
    /// As even as can be, moving as little as may be.
    Uniform,
    /// Consecutive partitions of each topic, the same members in the same order: topics of the same size are
    /// co-partitioned.
    Range,
}

impl Assignor {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "uniform" => Some(Self::Uniform),
            "range" => Some(Self::Range),
            _ => None,
        }
    }

    /// Every partition goes to one member that wants its topic.
    pub(super) fn assign(self, problem: &Problem) -> BTreeMap<MemberId, Assignment> {
        match self {
            Self::Range => range::assign(problem),
            Self::Uniform if problem.is_homogeneous() => uniform::assign(problem),
            Self::Uniform => uniform_mixed::assign(problem),
        }
    }
}

impl Problem {
    /// Whether all members want the same.
    fn is_homogeneous(&self) -> bool {
        let mut wants = self.members.values().map(|member| &member.topics);
        let first = wants.next();
        wants.all(|topics| Some(topics) == first)
    }

    fn all_partitions(&self, topic: TopicId) -> impl Iterator<Item = PartitionId> + use<> {
        let count = self.partitions.get(&topic).copied().unwrap_or_default();
        (0..count).map(PartitionId::new)
    }

    fn partitions_of(&self, topic: TopicId) -> usize {
        let count = self.partitions.get(&topic).copied().unwrap_or_default();
        usize::try_from(count).unwrap_or_default()
    }

    /// What is left of a member's last target: topics that it wants, partitions that are there.
    fn kept(&self, member: &Member) -> Assignment {
        let wanted = member.target.iter().filter(|(topic, _)| member.topics.contains(topic));
        let kept = wanted.map(|(topic, partitions)| {
            let count = self.partitions.get(topic).copied().unwrap_or_default();
            let there = partitions.iter().filter(|partition| (0..count).contains(&partition.get()));
            (*topic, there.copied().collect::<BTreeSet<_>>())
        });
        kept.filter(|(_, partitions)| !partitions.is_empty()).collect()
    }

    /// Partitions that no member keeps. Two that would keep one (which records never say) give it up to the first.
    fn unassigned(&self, kept: &mut BTreeMap<MemberId, Assignment>) -> Vec<(TopicId, PartitionId)> {
        let mut taken = BTreeSet::new();
        for assignment in kept.values_mut() {
            for (topic, partitions) in assignment.iter_mut() {
                partitions.retain(|partition| taken.insert((*topic, *partition)));
            }
        }
        let all = self
            .partitions
            .keys()
            .flat_map(|topic| self.all_partitions(*topic).map(move |partition| (*topic, partition)));
        all.filter(|partition| !taken.contains(partition)).collect()
    }
}

fn count(assignment: &Assignment) -> usize {
    assignment.values().map(BTreeSet::len).sum()
}
