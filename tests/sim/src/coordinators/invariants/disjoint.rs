//! No partition is assigned to two members: of a classic generation, or of a KIP-848 group, where what a member must still
//! give up counts as its own (KIP-848, "Assignment and Reconciliation").

use std::collections::BTreeMap;

use broker_group::{Group, MemberId};
use broker_types::GroupId;

use crate::coordinators::clients::embedded;

/// Looks at a group as it is committed.
pub(super) fn check(id: &GroupId, group: &Group) -> Result<(), String> {
    let mut owners = BTreeMap::new();
    let mut owns =
        |member: &MemberId, partition: String| match owners.insert(partition.clone(), member.clone()) {
            Some(other) if other != *member => {
                Err(format!("{partition} is assigned to {other} and {member} of {id}"))
            }
            _ => Ok(()),
        };
    match group {
        Group::Classic(group) => {
            for member in group.value().iter().flat_map(|value| &value.members) {
                let name = MemberId::new(member.member_id.clone());
                for part in embedded::assigned(&member.assignment) {
                    owns(&name, part.to_string())?;
                }
            }
        }
        Group::Consumer(group) => {
            for (name, member) in group.members.iter() {
                let Some(current) = &member.current else { continue };
                let both = current.assigned_partitions.iter().chain(&current.partitions_pending_revocation);
                for topic in both {
                    for partition in &topic.partitions {
                        owns(name, format!("{:?}-{partition}", topic.topic_id))?;
                    }
                }
            }
        }
    }
    Ok(())
}
