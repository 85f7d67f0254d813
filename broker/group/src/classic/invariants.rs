//! What holds of a classic group after every step.

use alloc::{collections::BTreeSet, vec::Vec};

use super::{
    group::{LiveGroup, Phase},
    member::Member,
};
use crate::Settings;

/// Fails when the group is not as it must be.
pub(crate) fn check(group: &LiveGroup, settings: &Settings) {
    let members = &group.members;
    assert_eq!(group.leader.is_some(), !members.is_empty(), "a group with members has a leader: {group:?}");
    assert!(group.leader.iter().all(|leader| members.contains_key(leader)), "who is a member: {group:?}");
    assert_eq!(group.joining, members.values().filter(|member| member.is_joining()).count());
    assert!(members.len() <= settings.group_size_max || matches!(group.phase, Phase::Preparing(_)));
    for (id, member) in members {
        assert_eq!(*id, member.id);
        assert!(member.session.is_armed() || member.is_heard(), "nobody is silent for ever: {member:?}");
        assert!(!group.pending.contains_key(id));
    }
    let statics: Vec<_> = members.values().filter(|member| member.instance.is_some()).collect();
    assert_eq!(statics.len(), group.statics.len(), "one member has a name");
    for member in statics {
        assert_eq!(group.statics.get(member.instance.as_ref().expect("a name")), Some(&member.id));
    }
    assert!(group.unsynced.iter().all(|id| members.contains_key(id)));
    assert!(group.pending.values().all(|deadline| deadline.is_armed()));
    let kept: Vec<_> = group.kept().collect();
    assert_eq!(kept.iter().collect::<BTreeSet<_>>().len(), kept.len(), "a reply waits at one place");
    check_phase(group);
}

fn check_phase(group: &LiveGroup) {
    let has_syncs = group.members.values().any(|member| member.sync.is_some());
    match group.phase {
        Phase::Empty => {
            assert!(group.members.is_empty() && group.protocol.is_none());
            assert!(!group.join_timer.is_armed() && !group.sync_timer.is_armed());
        }
        Phase::Preparing(_) => {
            assert!(group.join_timer.is_armed(), "a join phase ends: {group:?}");
            assert!(!has_syncs && !group.sync_timer.is_armed());
        }
        Phase::Completing => {
            assert!(group.sync_timer.is_armed(), "an assignment is not awaited for ever: {group:?}");
            assert!(!group.members.values().any(Member::is_joining) && !group.join_timer.is_armed());
        }
        Phase::Stable => {
            assert!(!has_syncs && !group.members.values().any(Member::is_joining));
            assert!(group.unsynced.is_empty() || group.sync_timer.is_armed());
        }
    }
    if matches!(group.phase, Phase::Completing | Phase::Stable) {
        let knows = |member: &Member| {
            member.protocols.iter().any(|known| Some(&known.name) == group.protocol.as_ref())
        };
        assert!(group.members.values().all(knows), "all know the protocol: {group:?}");
    }
}
