//! A classic group with members becomes a KIP-848 group: a member that speaks that protocol joined it.

use alloc::{format, string::String, vec::Vec};

use broker_protocol::{
    Str,
    records::group::{
        ConsumerGroupMemberMetadataValue,
        consumer_group_member_metadata_value::{ClassicMemberMetadata, ClassicProtocol},
    },
};
use broker_types::{GroupId, ReplyId};

use super::{
    assignor::Assignment,
    embedded,
    member::{Current, MemberState},
    metadata_hash,
    records::Writer,
    subscription,
};
use crate::{
    GroupError, GroupRecord, InstanceId, JoinRefused, MemberId, Metadata, Protocol, Response,
    classic::{LiveGroup, Member, millis},
    coordinator::Live,
    work::Work,
};

/// A member of both kinds.
struct Converted {
    id: MemberId,
    metadata: ConsumerGroupMemberMetadataValue,
    target: Assignment,
}

impl Live {
    /// The members keep what they have; they go on with the classic protocol inside of the new group.
    pub(super) fn upgrade(&mut self, work: &mut Work<'_>, id: &GroupId) -> Result<(), GroupError> {
        let Some(classic) = self.classic.get(id) else { return Ok(()) };
        may_upgrade(work, classic)?;
        let members = classic.members.values().map(|member| convert(work.metadata, classic, member));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        let epoch = classic.generation.get();
        write(work, id, &members, epoch);
        let waiting: Vec<_> =
            classic.members.values().map(|it| (it.id.clone(), it.joins(), it.sync)).collect();
        for (member, join, sync) in waiting {
            send_back(work, member, join, sync);
        }
        if let Some(classic) = self.classic.remove(id) {
            classic.drop_from(work);
        }
        for member in &members {
            self.hear_consumer(work, id, &member.id);
        }
        Ok(())
    }
}

fn may_upgrade(work: &Work<'_>, classic: &LiveGroup) -> Result<(), GroupError> {
    let why = if !work.settings.migration.upgrades() {
        "online upgrade is disabled"
    } else if !classic.uses_consumer_protocol() {
        "the group does not use the consumer embedded protocol"
    } else if classic.members.len() > work.settings.consumer_group_size_max {
        "the group size exceeds the consumer group maximum size"
    } else {
        return Ok(());
    };
    Err(cannot(&classic.id, why))
}

fn cannot(id: &GroupId, why: &str) -> GroupError {
    let text: String = format!("Cannot upgrade classic group {id} to consumer group because {why}.");
    GroupError::GroupIdNotFound(Str::from(text))
}

fn convert(metadata: &dyn Metadata, group: &LiveGroup, member: &Member) -> Result<Converted, GroupError> {
    let malformed = |_| cannot(&group.id, "the embedded consumer protocol is malformed");
    let target = if member.assignment.is_empty() {
        Assignment::new()
    } else {
        let assignment = embedded::assignment(member.assignment.clone()).map_err(malformed)?;
        if assignment.user_data.as_ref().is_some_and(|data| !data.is_empty()) {
            return Err(cannot(
                &group.id,
                "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default \
                 assignor before re-attempting the upgrade",
            ));
        }
        embedded::by_id(metadata, &assignment)
    };
    let own = member.metadata(group.protocol.as_ref());
    let wants = embedded::subscription(own).map_err(malformed)?;
    let mut names: Vec<_> = wants.topics.iter().map(Str::detached).collect();
    names.sort_unstable();
    names.dedup();
    let value = ConsumerGroupMemberMetadataValue {
        instance_id: member.instance.as_ref().map(InstanceId::to_str),
        rack_id: wants.rack_id.filter(|rack| !rack.is_empty()).map(|rack| rack.detached()),
        client_id: member.client.id.clone(),
        client_host: member.client.host.clone(),
        subscribed_topic_names: names,
        subscribed_topic_regex: None,
        rebalance_timeout_ms: millis(member.rebalance_timeout),
        server_assignor: None,
        classic_member_metadata: Some(classic_metadata(millis(member.session_timeout), &member.protocols)),
    };
    Ok(Converted { id: member.id.clone(), metadata: value, target })
}

pub(super) fn classic_metadata(session_timeout_ms: i32, protocols: &[Protocol]) -> ClassicMemberMetadata {
    let supported = protocols
        .iter()
        .map(|known| ClassicProtocol { name: known.name.detached(), metadata: known.metadata.clone() });
    ClassicMemberMetadata { session_timeout_ms, supported_protocols: supported.collect() }
}

/// In Kafka's order: the tombstone of one group, then the other.
fn write(work: &mut Work<'_>, id: &GroupId, members: &[Converted], epoch: i32) {
    work.records.push(GroupRecord::remove_classic(id));
    let mut writer = Writer::new(work, id);
    for member in members {
        writer.member(&member.id, Some(member.metadata.clone()));
    }
    let group = work.consumer_group(id).unwrap_or_default();
    let hash = metadata_hash::of_group(work.metadata, &subscription::all_names(&group));
    let mut writer = Writer::new(work, id);
    writer.epoch(Some((epoch, hash)));
    for member in members {
        writer.target(&member.id, Some(&member.target));
    }
    writer.target_epoch(Some((epoch, 0)));
    for member in members {
        let assigned = member.target.iter().map(|(topic, partitions)| {
            (*topic, partitions.iter().map(|partition| (*partition, epoch)).collect())
        });
        let current = Current {
            epoch,
            previous_epoch: epoch,
            state: MemberState::Stable,
            assigned: assigned.collect(),
            ..Current::default()
        };
        writer.current(&member.id, Some(&current));
    }
}

/// Who waits for a rebalance that will not be is to join again.
fn send_back(work: &mut Work<'_>, member: MemberId, join: Option<ReplyId>, sync: Option<ReplyId>) {
    if let Some(reply) = join {
        let refused = JoinRefused { error: GroupError::RebalanceInProgress, member: Some(member) };
        work.reply(reply, Response::JoinGroup(Err(refused)));
    }
    if let Some(reply) = sync {
        work.reply(reply, Response::SyncGroup(Err(GroupError::RebalanceInProgress)));
    }
}
