//! One step of a member on its way to its target: give up, then take what is free.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_protocol::Str;
use broker_types::{PartitionId, TopicId};

use super::{
    assignor::Assignment,
    member::{Assigned, Current, MemberState},
};
use crate::{ConsumerGroup, GroupError, OwnedPartitions};

/// What a member's way depends on.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// Who owns what.
    pub(super) group: &'a ConsumerGroup,
    pub(super) target_epoch: i32,
    pub(super) target: &'a Assignment,
    /// The topics that the member wants now: what it owns of others goes without waiting for a new target.
    pub(super) wanted: &'a BTreeSet<TopicId>,
    pub(super) has_changed_wants: bool,
    /// What the member says that it owns; `None` when it says that nothing changed.
    pub(super) owned: Option<&'a [OwnedPartitions]>,
}

impl Way<'_> {
    /// The member after this step; the same when there is nothing to do.
    pub(super) fn step(&self, member: &Current) -> Result<Current, GroupError> {
        Ok(match member.state {
            MemberState::Stable if member.epoch != self.target_epoch => self.next(member, member.epoch),
            MemberState::Stable if self.has_changed_wants => self.drop_unwanted(member),
            MemberState::Stable => member.clone(),
            MemberState::Unrevoked if self.owns_any(&member.revoking) => {
                if self.has_changed_wants {
                    self.drop_unwanted(member)
                } else {
                    member.clone()
                }
            }
            MemberState::Unrevoked | MemberState::Unreleased => self.next(member, member.epoch),
            MemberState::Unknown => {
                if self.owned.is_none_or(|owned| !owned.is_empty()) {
                    return Err(GroupError::FencedMemberEpoch(Str::from_static(
                        "The consumer group member is in a unknown state. The member must abandon all its \
                         partitions and rejoin.",
                    )));
                }
                self.next(member, self.target_epoch)
            }
        })
    }

    /// Whether it still owns any of these, as far as it says.
    fn owns_any(&self, revoking: &Assigned) -> bool {
        let Some(owned) = self.owned else { return true };
        owned.iter().any(|owned| {
            let revoking = revoking.get(&owned.topic);
            revoking.is_some_and(|revoking| owned.partitions.iter().any(|it| revoking.contains_key(it)))
        })
    }

    /// What it owns of topics that it wants no more is to be given up at once.
    fn drop_unwanted(&self, member: &Current) -> Current {
        let mut assigned = member.assigned.clone();
        let mut revoking = member.revoking.clone();
        let unwanted: Vec<_> =
            assigned.keys().filter(|topic| !self.wanted.contains(topic)).copied().collect();
        if unwanted.is_empty() {
            return member.clone();
        }
        for topic in unwanted {
            if let Some(partitions) = assigned.remove(&topic) {
                revoking.entry(topic).or_default().extend(partitions);
            }
        }
        let epoch = member.epoch;
        if self.owns_any(&revoking) {
            return Current {
                state: MemberState::Unrevoked,
                assigned,
                revoking,
                ..member.clone().in_epoch(epoch)
            };
        }
        Current { assigned, ..member.clone().in_epoch(epoch) }
    }

    /// Keeps what is in the target, gives up the rest; what is free of the target comes when all is given up.
    fn next(&self, member: &Current, epoch: i32) -> Current {
        let parts = self.compare(member);
        if !parts.revoking.is_empty() && self.owns_any(&parts.revoking) {
            return Current {
                state: MemberState::Unrevoked,
                assigned: parts.kept,
                revoking: parts.revoking,
                ..member.clone().in_epoch(epoch)
            };
        }
        let mut assigned = parts.kept;
        for (topic, partition) in parts.free {
            assigned.entry(topic).or_default().insert(partition, self.target_epoch);
        }
        let state = if parts.is_waiting { MemberState::Unreleased } else { MemberState::Stable };
        let at_target = member.clone().in_epoch(self.target_epoch);
        Current { state, assigned, revoking: Assigned::new(), ..at_target }
    }

    fn compare(&self, member: &Current) -> Parts {
        let mut parts = Parts::default();
        let nothing = BTreeSet::new();
        let none = BTreeMap::new();
        let topics: BTreeSet<_> = self.target.keys().chain(member.assigned.keys()).copied().collect();
        for topic in topics {
            let target = self.target.get(&topic).filter(|_| self.wanted.contains(&topic)).unwrap_or(&nothing);
            let has = member.assigned.get(&topic).unwrap_or(&none);
            for (partition, epoch) in has {
                let part = if target.contains(partition) { &mut parts.kept } else { &mut parts.revoking };
                part.entry(topic).or_default().insert(*partition, *epoch);
            }
            for partition in target.iter().filter(|partition| !has.contains_key(partition)) {
                let is_free = !self.group.owners.contains_key(&(topic, *partition));
                let is_its_own =
                    member.revoking.get(&topic).is_some_and(|revoking| revoking.contains_key(partition));
                if is_free || is_its_own {
                    parts.free.push((topic, *partition));
                } else {
                    parts.is_waiting = true;
                }
            }
        }
        parts
    }
}

/// What becomes of a member's partitions.
#[derive(Default)]
struct Parts {
    kept: Assigned,
    revoking: Assigned,
    free: Vec<(TopicId, PartitionId)>,
    /// Whether others have partitions of the target.
    is_waiting: bool,
}
