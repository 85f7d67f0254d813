//! JoinGroup.

use alloc::format;

use broker_protocol::Str;
use broker_types::ReplyId;

use super::{
    group::{LiveGroup, Phase, Wait},
    member::Member,
};
use crate::{
    GroupError, JoinDialect, JoinGroup, JoinRefused, Joined, JoinedMember, MemberId, Response, Settings,
    timers::{Deadline, Timer},
    work::Work,
};

/// What can be said without the group.
pub(crate) fn precheck(settings: &Settings, request: &JoinGroup) -> Result<(), GroupError> {
    let allowed = settings.session_timeout_min..=settings.session_timeout_max;
    if request.group.as_str().is_empty() {
        Err(GroupError::InvalidGroupId)
    } else if !allowed.contains(&request.session_timeout) {
        Err(GroupError::InvalidSessionTimeout)
    } else {
        Ok(())
    }
}

/// Lets a member join, or keeps the reply until the join phase ends.
pub(crate) fn join(group: &mut LiveGroup, work: &mut Work<'_>, reply: ReplyId, request: JoinGroup) {
    if !group.has_room(work.settings, request.member.as_ref()) {
        if let Some(id) = &request.member {
            group.expel(work, id);
            group.maybe_complete(work);
        }
        return refuse(work, reply, GroupError::GroupMaxSizeReached, None);
    }
    if !group.supports(&request.protocol_type, &request.protocols) {
        return refuse(work, reply, GroupError::InconsistentProtocol, request.member);
    }
    match request.member.clone() {
        None => group.join_new(work, reply, request),
        Some(id) if group.pending.contains_key(&id) => group.join_pending(work, reply, id, request),
        Some(id) => match group.validate(Some(&id), request.instance.as_ref()).cloned() {
            Ok(id) => group.join_again(work, reply, id, request),
            Err(error) => refuse(work, reply, error, Some(id)),
        },
    }
}

pub(crate) fn refuse(work: &mut Work<'_>, reply: ReplyId, error: GroupError, member: Option<MemberId>) {
    work.reply(reply, Response::JoinGroup(Err(JoinRefused { error, member })));
}

pub(super) fn reason_of(request: &JoinGroup) -> Str {
    request.reason.clone().filter(|reason| !reason.is_empty()).unwrap_or(Str::from_static("not given"))
}

impl LiveGroup {
    /// Those who rejoin count, not those who were members: a group that is too large loses the last to come.
    fn has_room(&self, settings: &Settings, member: Option<&MemberId>) -> bool {
        let member = member.and_then(|id| self.members.get(id));
        match self.phase {
            Phase::Empty => true,
            Phase::Preparing(_) => {
                member.is_some_and(Member::is_joining) || self.joining < settings.group_size_max
            }
            Phase::Completing | Phase::Stable => {
                member.is_some() || self.members.len() < settings.group_size_max
            }
        }
    }

    /// A member, or an id given out, that found no room.
    fn expel(&mut self, work: &mut Work<'_>, id: &MemberId) {
        self.remove_pending(work, id);
        if let Some(member) = self.remove(work, id) {
            self.release(work, &member, &GroupError::UnknownMember);
        }
    }

    fn join_new(&mut self, work: &mut Work<'_>, reply: ReplyId, request: JoinGroup) {
        let id = match &request.instance {
            Some(instance) => work.member_id(instance.as_str()),
            None => work.member_id(&request.client.id),
        };
        let holder = request.instance.as_ref().and_then(|instance| self.statics.get(instance)).cloned();
        if let Some(holder) = holder {
            return self.replace_static(work, reply, &holder, id, request);
        }
        if request.instance.is_some() || request.dialect == JoinDialect::AddedAtOnce {
            return self.join_first(work, reply, id, request);
        }
        let mut deadline = Deadline::default();
        let at = work.now.mono.plus(request.session_timeout);
        deadline.arm(work.timers, at, || Timer::Session(self.id.clone(), id.clone()));
        self.pending.insert(id.clone(), deadline);
        refuse(work, reply, GroupError::MemberIdRequired, Some(id));
    }

    fn join_pending(&mut self, work: &mut Work<'_>, reply: ReplyId, id: MemberId, request: JoinGroup) {
        if request.instance.is_some() {
            // Ids are given out to dynamic members only; a static one never waits for its own.
            return refuse(work, reply, GroupError::UnknownMember, Some(id));
        }
        let id = id.detached();
        self.remove_pending(work, &id);
        self.join_first(work, reply, id, request);
    }

    /// A member that was none before.
    fn join_first(&mut self, work: &mut Work<'_>, reply: ReplyId, id: MemberId, request: JoinGroup) {
        let reason = format!("member {id} joined (its reason: {})", reason_of(&request));
        if let Phase::Preparing(Wait::Initial { has_grown, .. }) = &mut self.phase {
            *has_grown = true;
        }
        if self.members.is_empty() {
            self.protocol_type = Some(request.protocol_type.detached());
        }
        self.add(Member::new(id.clone(), request));
        self.set_joining(&id, reply);
        // It cannot send heartbeats before it knows its id: what bounds it is how long its join may take.
        let timeout = work.settings.new_member_join_timeout;
        self.hear_within(work, &id, timeout);
        self.rebalance_or_complete(work, reason);
    }

    /// A member that joins once more.
    fn join_again(&mut self, work: &mut Work<'_>, reply: ReplyId, id: MemberId, request: JoinGroup) {
        let is_same = self.members.get(&id).is_some_and(|member| member.protocols == request.protocols);
        let reason = match self.phase {
            Phase::Empty => return refuse(work, reply, GroupError::UnknownMember, Some(id)),
            Phase::Preparing(_) => format!("member {id} joined again (its reason: {})", reason_of(&request)),
            // It did not hear the first answer.
            Phase::Completing if is_same => return self.tell_joined(work, reply, &id),
            Phase::Stable if is_same && !self.is_leader(&id) => {
                let joined = self.joined(&id, false);
                return work.reply(reply, Response::JoinGroup(Ok(joined)));
            }
            // The leader has its reasons: partitions of what the group consumes that came or went.
            Phase::Stable if self.is_leader(&id) => {
                format!("leader {id} joined again (its reason: {})", reason_of(&request))
            }
            _ => format!("member {id} changed its metadata (its reason: {})", reason_of(&request)),
        };
        self.update(work, &id, request, reply);
        self.rebalance_or_complete(work, reason);
    }

    /// What a member brings with a join, in the place of what it brought before. It waits now.
    pub(super) fn update(&mut self, work: &mut Work<'_>, id: &MemberId, request: JoinGroup, reply: ReplyId) {
        if let Some(member) = self.members.get_mut(id) {
            member.session_timeout = request.session_timeout;
            member.rebalance_timeout = request.rebalance_timeout;
        }
        self.set_protocols(id, request.protocols);
        if let Some(before) = self.set_joining(id, reply) {
            // Nobody reads it any more: the member asks again because it lost its connection.
            refuse(work, before, GroupError::RebalanceInProgress, Some(id.clone()));
        }
    }

    /// The current generation, with everybody for the leader.
    fn tell_joined(&self, work: &mut Work<'_>, reply: ReplyId, id: &MemberId) {
        let joined = self.joined(id, self.is_leader(id));
        work.reply(reply, Response::JoinGroup(Ok(joined)));
    }

    /// The current generation as a member is told of it.
    pub(super) fn joined(&self, id: &MemberId, with_members: bool) -> Joined {
        let tell = |member: &Member| JoinedMember {
            member: member.id.clone(),
            instance: member.instance.clone(),
            metadata: member.metadata(self.protocol.as_ref()),
        };
        Joined {
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            member: id.clone(),
            members: if with_members { self.members.values().map(tell).collect() } else { alloc::vec![] },
            skip_assignment: false,
        }
    }
}
