//! A static member that comes back in a new life (KIP-345, KIP-814).

use alloc::format;

use broker_types::ReplyId;

use super::{
    group::{LiveGroup, Phase},
    join::{reason_of, refuse},
};
use crate::{GroupError, JoinDialect, JoinGroup, MemberId, Response, work::Work};

impl LiveGroup {
    /// Gives the place of `old` to `new`: its assignment and its lead, not what it waits for. Without a rebalance when
    /// the group is stable and would choose the same protocol.
    pub(super) fn replace_static(
        &mut self,
        work: &mut Work<'_>,
        reply: ReplyId,
        old: &MemberId,
        new: MemberId,
        request: JoinGroup,
    ) {
        let (led, was_unsynced) = (self.leader.clone(), self.unsynced.contains(old));
        let Some(mut member) = self.remove(work, old) else { return };
        self.release(work, &member, &GroupError::FencedInstance);
        (member.join, member.sync) = (None, None);
        member.id = new.clone();
        self.add(member);
        if led.as_ref() == Some(old) {
            self.leader = Some(new.clone());
        }
        if was_unsynced {
            self.unsynced.insert(new.clone());
        }
        let dialect = request.dialect;
        let reason = reason_of(&request);
        self.update(work, &new, request, reply);
        self.hear(work, &new);
        match self.phase {
            Phase::Stable if self.select_protocol() == self.protocol => {
                self.keep_assignment(work, &new, led, dialect);
            }
            Phase::Stable => {
                self.prepare(
                    work,
                    format!("static member {new} changed its protocols (its reason: {reason})"),
                );
            }
            // The leader may have assigned to the old id already.
            Phase::Completing => {
                self.prepare(work, format!("static member {new} came back (its reason: {reason})"));
            }
            Phase::Preparing(_) | Phase::Empty => self.maybe_complete(work),
        }
    }

    /// Writes who has the place now, and tells it the generation that it is in already.
    fn keep_assignment(
        &mut self,
        work: &mut Work<'_>,
        id: &MemberId,
        led: Option<MemberId>,
        dialect: JoinDialect,
    ) {
        self.write(work);
        let Some(reply) = self.take_joining(id) else { return };
        let joined = if dialect >= JoinDialect::SkipsAssignment {
            let leads = self.is_leader(id);
            crate::Joined { skip_assignment: leads, ..self.joined(id, leads) }
        } else {
            // An old client that hears that it leads would assign: it is told of the leader that was.
            crate::Joined { leader: led, ..self.joined(id, false) }
        };
        work.reply(reply, Response::JoinGroup(Ok(joined)));
    }

    /// Answers what a member that is no more waited for.
    pub(super) fn release(&self, work: &mut Work<'_>, member: &super::member::Member, error: &GroupError) {
        if let Some(reply) = member.join {
            let told = (*error == GroupError::FencedInstance).then(|| member.id.clone());
            refuse(work, reply, error.clone(), told);
        }
        if let Some(reply) = member.sync {
            work.reply(reply, Response::SyncGroup(Err(error.clone())));
        }
    }
}
