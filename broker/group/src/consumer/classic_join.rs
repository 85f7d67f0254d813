//! JoinGroup of a classic member to a KIP-848 group: it is a member as any other, told of by its own protocol.

use alloc::{format, string::String, sync::Arc, vec::Vec};

use broker_protocol::{
    Str,
    messages::ConsumerProtocolSubscription,
    records::group::{
        ConsumerGroupMemberMetadataValue, consumer_group_member_metadata_value::ClassicMemberMetadata,
    },
};
use broker_types::{GroupId, ReplyId, Uuid};

use super::{
    embedded,
    heartbeat::reconcile,
    statics::{replace, static_member},
    target,
    upgrade::classic_metadata,
    wants::nobody,
};
use crate::{
    ConsumerGroup, Generation, GroupError, InstanceId, JoinDialect, JoinGroup, JoinRefused, Joined, MemberId,
    MigrationPolicy, Response,
    classic::{CONSUMER, millis},
    coordinator::Live,
    timers::Timer,
    work::Work,
};

impl Live {
    pub(crate) fn classic_join(&mut self, work: &mut Work<'_>, reply: ReplyId, request: &JoinGroup) {
        let before = work.records.len();
        let id = request.member.clone().unwrap_or_else(|| {
            MemberId::new(Str::from(format!("{}", Uuid::from_bytes(work.random.bytes()))))
        });
        let joined = self.classic_member_joins(work, &id, request).map_err(|error| {
            work.undo(before);
            let member = (error == GroupError::MemberIdRequired).then_some(id);
            JoinRefused { error, member }
        });
        work.reply(reply, Response::JoinGroup(joined));
    }

    fn classic_member_joins(
        &mut self,
        work: &mut Work<'_>,
        member: &MemberId,
        request: &JoinGroup,
    ) -> Result<Joined, GroupError> {
        let id = &request.group;
        let group = work.consumer_group(id).unwrap_or_default();
        may_join(work, &group, member, request)?;
        let first = request.protocols.first().ok_or(GroupError::InconsistentProtocol)?;
        let wants =
            embedded::subscription(first.metadata.clone()).map_err(|_| GroupError::MalformedSubscription)?;
        if let Some(instance) = &request.instance {
            match (group.statics.get(instance), &request.member) {
                (Some(holder), None) => {
                    replace(work, id, &group, holder, member);
                    self.forget_timers(work, id, holder);
                }
                (None, None) => {}
                (_, Some(_)) => {
                    static_member(&group, member, instance)?;
                }
            }
        }
        let wants_changed = self.take_classic_wants(work, member, request, &wants)?;
        let owned = embedded::owned(work.metadata, &wants);
        let group = work.consumer_group(id).unwrap_or_default();
        let is_behind = group.target_epoch < group.epoch;
        let step = |work: &mut Work<'_>| reconcile(work, id, member, wants_changed, Some(&owned));
        let others_are_classic =
            group.members.values().all(|member| member.metadata.classic_member_metadata.is_some());
        let current = if others_are_classic && !is_behind {
            let current = step(work)?;
            self.downgrade(work, id, &[], None);
            current
        } else if others_are_classic && self.downgrade(work, id, &[], Some(stale(id))) {
            current_in(&group, member)
        } else {
            target::update(work, id);
            step(work)?
        };
        if work.consumer_group(id).is_some() {
            self.hear_consumer(work, id, member);
            self.await_sync(work, id, member, request);
        }
        Ok(Joined {
            generation: Generation::new(current.epoch),
            protocol_type: Some(Str::from_static(CONSUMER)),
            protocol: Some(first.name.clone()),
            leader: None,
            member: member.clone(),
            members: Vec::new(),
            skip_assignment: false,
        })
    }

    /// Writes what the member wants now; says whether that changed.
    fn take_classic_wants(
        &mut self,
        work: &mut Work<'_>,
        member: &MemberId,
        request: &JoinGroup,
        wants: &ConsumerProtocolSubscription,
    ) -> Result<bool, GroupError> {
        let id = &request.group;
        let group = work.consumer_group(id).unwrap_or_default();
        let known = group.members.get(member).map(|member| Arc::clone(&member.metadata));
        let before = known.as_deref().cloned().unwrap_or_else(nobody);
        let session = millis(request.session_timeout);
        let after = updated(&before, request, wants, classic_metadata(session, &request.protocols));
        self.change_member(work, id, member, known.is_some().then_some(before), after)
    }

    /// It must come for its assignment.
    fn await_sync(&mut self, work: &mut Work<'_>, id: &GroupId, member: &MemberId, request: &JoinGroup) {
        let at = work.now.mono.plus(request.rebalance_timeout);
        let timers = self.consumer.entry(id.clone()).or_default().members.entry(member.clone()).or_default();
        timers.join.disarm(work.timers, || Timer::ClassicJoin(id.clone(), member.clone()));
        timers.sync.arm(work.timers, at, || Timer::ClassicSync(id.clone(), member.clone()));
    }
}

fn stale(id: &GroupId) -> String {
    format!("group {id} became a classic one while its assignment was behind")
}

fn current_in(group: &ConsumerGroup, member: &MemberId) -> super::member::Current {
    group.members.get(member).map(super::member::Current::of).unwrap_or_default()
}

fn may_join(
    work: &Work<'_>,
    group: &ConsumerGroup,
    member: &MemberId,
    request: &JoinGroup,
) -> Result<(), GroupError> {
    if work.settings.migration == MigrationPolicy::Disabled {
        return Err(GroupError::InconsistentProtocol);
    }
    if group.members.size() >= work.settings.consumer_group_size_max && !group.members.contains_key(member) {
        return Err(GroupError::GroupMaxSizeReached);
    }
    let classic =
        || group.members.values().filter_map(|member| member.metadata.classic_member_metadata.as_ref());
    let is_known_to_all = |name: &Str| {
        classic().all(|member: &ClassicMemberMetadata| {
            member.supported_protocols.iter().any(|known| known.name == *name)
        })
    };
    let is_consumer = request.protocol_type == CONSUMER;
    if !is_consumer || !request.protocols.iter().any(|known| is_known_to_all(&known.name)) {
        return Err(GroupError::InconsistentProtocol);
    }
    let needs_id = request.member.is_none() && request.instance.is_none();
    if needs_id && request.dialect >= JoinDialect::RequiresMemberId {
        return Err(GroupError::MemberIdRequired);
    }
    Ok(())
}

fn updated(
    before: &ConsumerGroupMemberMetadataValue,
    request: &JoinGroup,
    wants: &ConsumerProtocolSubscription,
    classic: ClassicMemberMetadata,
) -> ConsumerGroupMemberMetadataValue {
    let mut names: Vec<_> = wants.topics.iter().map(Str::detached).collect();
    names.sort_unstable();
    names.dedup();
    let rack = wants.rack_id.as_ref().filter(|rack| !rack.is_empty()).map(Str::detached);
    let instance = request.instance.as_ref().map(InstanceId::detached);
    ConsumerGroupMemberMetadataValue {
        instance_id: instance.map(|instance| instance.to_str()).or_else(|| before.instance_id.clone()),
        rack_id: rack.or_else(|| before.rack_id.clone()),
        client_id: request.client.id.detached(),
        client_host: request.client.host.detached(),
        subscribed_topic_names: names,
        subscribed_topic_regex: Some(Str::EMPTY),
        rebalance_timeout_ms: millis(request.rebalance_timeout),
        server_assignor: before.server_assignor.clone(),
        classic_member_metadata: Some(classic),
    }
}
