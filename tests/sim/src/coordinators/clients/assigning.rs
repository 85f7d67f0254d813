//! How the leader of a classic group assigns: evenly, and what members have stays theirs where it can. What another still
//! has is given to nobody yet (KIP-429).

use std::collections::{BTreeMap, BTreeSet};

use broker_group::{JoinedMember, MemberAssignment, MemberId};

use super::embedded;
use crate::coordinators::setup::SOURCE;

pub(super) fn assign(members: &[JoinedMember]) -> Vec<MemberAssignment> {
    let owners = owners(members);
    let mut parts: BTreeMap<&MemberId, BTreeSet<usize>> =
        members.iter().map(|member| (&member.member, BTreeSet::new())).collect();
    let most = SOURCE.len().div_ceil(members.len().max(1));
    let mut free = Vec::new();
    for part in SOURCE {
        let owner = owners.get(&part).and_then(|owner| parts.get_mut(owner));
        match owner.filter(|has| has.len() < most) {
            Some(has) => drop(has.insert(part)),
            None => free.push(part),
        }
    }
    for part in free {
        if let Some(least) = parts.values_mut().min_by_key(|has| has.len()) {
            least.insert(part);
        }
    }
    for (member, has) in &mut parts {
        has.retain(|part| owners.get(part).is_none_or(|owner| owner == member));
    }
    let all = parts.into_iter().map(|(member, has)| MemberAssignment {
        member: member.clone(),
        assignment: embedded::assignment(has),
    });
    all.collect()
}

/// Who has what: of several, whoever has it since a later generation; of two of the same, nobody.
fn owners(members: &[JoinedMember]) -> BTreeMap<usize, &MemberId> {
    let mut owners = BTreeMap::<usize, (i32, &MemberId)>::new();
    for member in members {
        let (parts, generation) = embedded::claims(&member.metadata);
        for part in parts {
            let known = owners.get(&part).map_or(-2, |(generation, _)| *generation);
            if generation > known {
                owners.insert(part, (generation, &member.member));
            }
        }
    }
    owners.into_iter().map(|(part, (_, member))| (part, member)).collect()
}
