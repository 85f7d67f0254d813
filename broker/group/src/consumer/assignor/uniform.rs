//! Uniform, when all members want the same topics.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{Assignment, Problem, count};
use crate::MemberId;

/// Everybody keeps what it has up to its share; the rest goes to those who have less. Who may have the one more where
/// it does not divide is who has most already.
pub(super) fn assign(problem: &Problem) -> BTreeMap<MemberId, Assignment> {
    let total: usize = problem.partitions.keys().map(|topic| problem.partitions_of(*topic)).sum();
    let members = problem.members.len();
    let mut kept: BTreeMap<_, _> =
        problem.members.iter().map(|(id, member)| (id.clone(), problem.kept(member))).collect();
    let mut free = problem.unassigned(&mut kept);
    if members == 0 {
        return kept;
    }
    let (share, mut extra) = (total / members, total % members);
    let mut order: Vec<MemberId> = kept.keys().cloned().collect();
    order.sort_by_key(|id| core::cmp::Reverse(kept.get(id).map_or(0, count)));
    let mut quotas = Vec::with_capacity(members);
    for id in order {
        let quota = share + usize::from(extra > 0);
        extra = extra.saturating_sub(1);
        if let Some(assignment) = kept.get_mut(&id) {
            give_up(assignment, quota, &mut free);
        }
        quotas.push((id, quota));
    }
    let mut free = free.into_iter();
    for (id, quota) in quotas {
        let Some(assignment) = kept.get_mut(&id) else { continue };
        let missing = quota.saturating_sub(count(assignment));
        for (topic, partition) in free.by_ref().take(missing) {
            assignment.entry(topic).or_default().insert(partition);
        }
    }
    kept
}

/// Gives up what is beyond the quota.
fn give_up(
    assignment: &mut Assignment,
    quota: usize,
    free: &mut Vec<(broker_types::TopicId, broker_types::PartitionId)>,
) {
    let mut beyond = count(assignment).saturating_sub(quota);
    while beyond > 0 {
        let Some(mut last) = assignment.last_entry() else { return };
        let topic = *last.key();
        if let Some(partition) = last.get_mut().pop_last() {
            free.push((topic, partition));
            beyond -= 1;
        }
        if last.get().is_empty() {
            last.remove();
        }
    }
}
