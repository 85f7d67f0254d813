//! A KIP-848 group of which only classic members are left becomes a classic group.

use alloc::{format, string::String, vec::Vec};

use broker_types::GroupId;
use bytes::Bytes;

use super::{embedded, fence, member::Current, records::read};
use crate::{
    Client, ConsumerGroup, ConsumerMember, Generation, InstanceId, MemberId, Metadata, Protocol,
    classic::{LiveGroup, Member, duration},
    coordinator::Live,
    work::Work,
};

impl Live {
    /// Makes the group classic when those who stay are. Says whether it did; the members then rebalance, when there is
    /// a reason. That some do not own yet what they were meant to is always one: a classic group tells nobody of what is
    /// free later, and Kafka, which does not look, leaves such partitions to nobody until the next rebalance.
    pub(super) fn downgrade(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        leaving: &[MemberId],
        reason: Option<String>,
    ) -> bool {
        let Some(group) = work.consumer_group(id) else { return false };
        let stay: Vec<_> = group.members.iter().filter(|(member, _)| !leaving.contains(member)).collect();
        let are_classic = stay.iter().all(|(_, member)| member.metadata.classic_member_metadata.is_some());
        if stay.is_empty()
            || !are_classic
            || !work.settings.migration.downgrades()
            || stay.len() > work.settings.group_size_max
        {
            return false;
        }
        let is_settled = stay.iter().all(|(id, member)| has_its_target(&group, id, member));
        let reason = reason.or_else(|| {
            (!is_settled)
                .then(|| format!("group {id} became a classic one before all had what they were assigned"))
        });
        let members: Vec<_> =
            stay.into_iter().map(|(id, member)| convert(work.metadata, &group, id, member)).collect();
        fence::tombstones(work, id, &group);
        fence::remove_all(self, work, id);
        let mut classic = LiveGroup::converted(work, id, Generation::new(group.epoch), members);
        if let Some(reason) = reason {
            classic.prepare(work, reason);
        }
        self.classic.insert(id.clone(), classic);
        true
    }
}

fn has_its_target(group: &ConsumerGroup, id: &MemberId, member: &ConsumerMember) -> bool {
    let target = group.targets.get(id).map(|target| read(target)).unwrap_or_default();
    let assigned = Current::of(member).assigned;
    let assigned = assigned.into_iter().map(|(topic, partitions)| (topic, partitions.into_keys().collect()));
    assigned.eq(target)
}

/// Its assignment is its target, written as its leader would have.
fn convert(metadata: &dyn Metadata, group: &ConsumerGroup, id: &MemberId, member: &ConsumerMember) -> Member {
    let value = &member.metadata;
    let classic = value.classic_member_metadata.clone().unwrap_or_default();
    let target = group.targets.get(id).map(|target| read(target)).unwrap_or_default();
    let own = classic.supported_protocols.first().map(|known| known.metadata.clone()).unwrap_or_default();
    let partitions = target.into_iter().map(|(topic, partitions)| (topic, partitions.into_iter().collect()));
    let assignment: Bytes = embedded::written(metadata, partitions, &own);
    let session_timeout = duration(classic.session_timeout_ms).unwrap_or_default();
    let client = Client { id: value.client_id.clone(), host: value.client_host.clone() };
    let rebalance_timeout = duration(value.rebalance_timeout_ms).unwrap_or(session_timeout);
    let protocols = classic.supported_protocols.into_iter();
    let protocols = protocols.map(|known| Protocol { name: known.name, metadata: known.metadata }).collect();
    let mut converted = Member::of(id.clone(), client, (session_timeout, rebalance_timeout), protocols);
    converted.instance = value.instance_id.clone().map(InstanceId::new);
    converted.assignment = assignment;
    converted.is_new = false;
    converted
}
