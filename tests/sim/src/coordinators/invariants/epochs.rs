//! Epochs of a KIP-848 group and of its members never go back (KIP-848, "Member Epoch").

use broker_group::{ConsumerRecord, Group, GroupRecord, MemberId, State};

/// What a static member has that is away for a while.
const AWAY: i32 = -2;

/// Looks at a record before it is replayed.
pub(super) fn check(state: &State, record: &GroupRecord) -> Result<(), String> {
    let (GroupRecord::Consumer(record), Some(id)) = (record, group_of(record)) else { return Ok(()) };
    let Some(Group::Consumer(group)) = state.group(id) else { return Ok(()) };
    let rises = |what: &str, before: i32, after: i32| {
        if before <= after { Ok(()) } else { Err(format!("{what} of {id} went from {before} to {after}")) }
    };
    match record {
        ConsumerRecord::Group(_, Some(value)) => rises("the epoch", group.epoch, value.epoch),
        ConsumerRecord::TargetEpoch(_, Some(value)) => {
            rises("the target's epoch", group.target_epoch, value.assignment_epoch)
        }
        ConsumerRecord::Current(key, Some(value)) => {
            let member = MemberId::new(key.member_id.clone());
            let before = group.members.get(&member).and_then(|member| member.current.as_ref());
            let before = before.map_or(0, |current| current.member_epoch);
            if value.member_epoch == AWAY || before == AWAY {
                return Ok(());
            }
            rises(&format!("the epoch of member {member}"), before, value.member_epoch)
        }
        _ => Ok(()),
    }
}

fn group_of(record: &GroupRecord) -> Option<&str> {
    let GroupRecord::Consumer(record) = record else { return None };
    match record {
        ConsumerRecord::Group(key, _) => Some(&key.group_id),
        ConsumerRecord::TargetEpoch(key, _) => Some(&key.group_id),
        ConsumerRecord::Current(key, _) => Some(&key.group_id),
        _ => None,
    }
}
