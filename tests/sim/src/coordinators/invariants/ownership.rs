//! No partition has two owners at once (KIP-848): one takes a partition only when every other who has it, as far as that
//! one knows, is no member any more. Who stood still for too long is fenced, and need not know.
//!
//! Members that speak the classic protocol are promised less: a static one that misses a rebalance keeps its place, and
//! what it has is given away; what one is about to give up counts as free when its group becomes one of KIP-848.

use std::collections::BTreeMap;

use broker_group::{Group, MemberId, State};
use broker_protocol::Str;

use crate::coordinators::setup::{SOURCE, offsets_of};

/// Who has what, as clients see it.
#[derive(Debug, Default)]
pub(in crate::coordinators) struct Ownership {
    owners: BTreeMap<(&'static str, usize), BTreeMap<usize, MemberId>>,
}

impl Ownership {
    /// A client takes a partition.
    fn take(
        &mut self,
        group: &'static str,
        part: usize,
        (client, member): (usize, &MemberId),
        state: &State,
    ) -> Result<(), String> {
        let owners = self.owners.entry((group, part)).or_default();
        owners.remove(&client);
        if !is_member(state, group, member) {
            // It stood still, and takes what it was given before it was fenced.
            return Ok(());
        }
        if !speaks_consumer(state, group, member) {
            owners.insert(client, member.clone());
            return Ok(());
        }
        for (other, name) in owners.iter() {
            if speaks_consumer(state, group, name) {
                return Err(format!(
                    "partition {part} belongs to {name} (client {other}) of {group}, which is a member, and \
                     to {member} (client {client})"
                ));
            }
        }
        owners.insert(client, member.clone());
        Ok(())
    }

    /// It has given it up.
    pub(in crate::coordinators) fn give_up(&mut self, group: &'static str, part: usize, client: usize) {
        if let Some(owners) = self.owners.get_mut(&(group, part)) {
            owners.remove(&client);
        }
    }

    /// A member's record is gone. If it is fenced, what it has counts no more, even if it comes back by the same name
    /// before it knows.
    pub(super) fn removed(&mut self, state: &State, group: &str, member: Str) {
        let member = MemberId::new(member);
        if !is_member(state, group, &member) {
            for (_, owners) in self.owners.iter_mut().filter(|((id, _), _)| *id == group) {
                owners.retain(|_, name| *name != member);
            }
        }
    }

    /// The client is gone.
    pub(in crate::coordinators) fn gone(&mut self, client: usize) {
        self.owners.values_mut().for_each(|owners| drop(owners.remove(&client)));
    }

    /// Every partition has one owner.
    pub(in crate::coordinators) fn is_complete(&self, group: &'static str) -> Result<(), String> {
        for part in SOURCE {
            let owners = self.owners.get(&(group, part)).map_or(0, BTreeMap::len);
            if owners != 1 {
                return Err(format!("partition {part} has {owners} owners in {group}"));
            }
        }
        Ok(())
    }
}

impl super::Truth {
    /// A client takes a partition.
    pub(in crate::coordinators) fn takes(
        &mut self,
        group: &'static str,
        part: usize,
        client: usize,
        member: &MemberId,
    ) -> Result<(), String> {
        let state = &self.groups[offsets_of(group) - crate::coordinators::setup::OFFSETS[0]];
        self.ownership.take(group, part, (client, member), state)
    }
}

/// Whether somebody is a member of a KIP-848 group that speaks its protocol.
fn speaks_consumer(state: &State, group: &str, member: &MemberId) -> bool {
    let Some(Group::Consumer(group)) = state.group(group) else { return false };
    group.members.get(member).is_some_and(|member| member.metadata.classic_member_metadata.is_none())
}

/// Whether somebody is a member, as is committed.
pub(super) fn is_member(state: &State, group: &str, member: &MemberId) -> bool {
    match state.group(group) {
        None => false,
        Some(Group::Consumer(group)) => group.members.contains_key(member),
        Some(Group::Classic(group)) => {
            let mut members = group.value().into_iter().flat_map(|value| &value.members);
            members.any(|known| known.member_id == *member.as_str())
        }
    }
}
