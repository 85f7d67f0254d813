//! Range: consecutive partitions.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_types::TopicId;

use super::{Assignment, Problem};
use crate::MemberId;

/// The members that want a topic get its partitions in order: static ones by their names, then the others by their
/// ids. The first get one more where it does not divide.
pub(super) fn assign(problem: &Problem) -> BTreeMap<MemberId, Assignment> {
    let mut order: Vec<_> = problem.members.iter().collect();
    order.sort_by_key(|(id, member)| (member.instance.is_none(), member.instance.clone(), (*id).clone()));
    let mut takers = BTreeMap::<TopicId, Vec<&MemberId>>::new();
    for (id, member) in order {
        for topic in &member.topics {
            takers.entry(*topic).or_default().push(id);
        }
    }
    let mut assignments: BTreeMap<_, _> =
        problem.members.keys().map(|id| (id.clone(), Assignment::new())).collect();
    for (topic, takers) in takers {
        let partitions = problem.partitions_of(topic);
        let (each, mut extra) = (partitions / takers.len(), partitions % takers.len());
        let mut next = problem.all_partitions(topic);
        for id in takers {
            let quota = each + usize::from(extra > 0);
            extra = extra.saturating_sub(1);
            let range = next.by_ref().take(quota).collect::<alloc::collections::BTreeSet<_>>();
            if !range.is_empty()
                && let Some(assignment) = assignments.get_mut(id)
            {
                assignment.insert(topic, range);
            }
        }
    }
    assignments
}
