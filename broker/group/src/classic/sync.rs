//! SyncGroup.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::Str;
use broker_types::ReplyId;

use super::{
    group::{LiveGroup, Phase},
    member::Member,
};
use crate::{GroupError, MemberId, Response, SyncGroup, Synced, timers::Timer, work::Work};

impl LiveGroup {
    /// Gives a member its assignment, or keeps the reply until the leader has come.
    pub(crate) fn sync(&mut self, work: &mut Work<'_>, reply: ReplyId, request: SyncGroup) {
        let id = match self.validate_sync(&request) {
            Ok(id) => id.clone(),
            Err(error) => return work.reply(reply, Response::SyncGroup(Err(error))),
        };
        match self.phase {
            Phase::Empty | Phase::Preparing(_) => {
                work.reply(reply, Response::SyncGroup(Err(GroupError::RebalanceInProgress)));
            }
            Phase::Completing => {
                self.wait_for_leader(work, reply, &id);
                if self.is_leader(&id) {
                    self.assign(work, request);
                }
            }
            Phase::Stable => {
                self.mark_synced(work, &id);
                let synced = self.members.get(&id).map(|member| self.synced(member));
                work.reply(reply, Response::SyncGroup(synced.ok_or(GroupError::UnknownMember)));
            }
        }
    }

    fn validate_sync(&self, request: &SyncGroup) -> Result<&MemberId, GroupError> {
        let id =
            self.validate_generation(request.member.as_ref(), request.instance.as_ref(), request.generation)?;
        let differs = |asked: &Option<Str>, ours: &Option<Str>| {
            asked.as_ref().zip(ours.as_ref()).is_some_and(|(asked, ours)| asked != ours)
        };
        if differs(&request.protocol_type, &self.protocol_type) || differs(&request.protocol, &self.protocol)
        {
            return Err(GroupError::InconsistentProtocol);
        }
        Ok(id)
    }

    fn wait_for_leader(&mut self, work: &mut Work<'_>, reply: ReplyId, id: &MemberId) {
        let before = self.members.get_mut(id).and_then(|member| member.sync.replace(reply));
        if let Some(before) = before {
            // Nobody reads it any more: the member asks again because it lost its connection.
            work.reply(before, Response::SyncGroup(Err(GroupError::RebalanceInProgress)));
        }
        self.mark_synced(work, id);
    }

    fn mark_synced(&mut self, work: &mut Work<'_>, id: &MemberId) {
        self.unsynced.remove(id);
        if self.unsynced.is_empty() {
            self.sync_timer.disarm(work.timers, || Timer::Sync(self.id.clone()));
        }
    }

    /// The leader's assignment: it is written, and everybody who waits gets its own. Who was forgotten gets none.
    fn assign(&mut self, work: &mut Work<'_>, request: SyncGroup) {
        let mut assignments: BTreeMap<_, _> =
            request.assignments.into_iter().map(|it| (it.member, it.assignment)).collect();
        for member in self.members.values_mut() {
            member.assignment = assignments.remove(&member.id).unwrap_or_default();
        }
        self.phase = Phase::Stable;
        self.write(work);
        self.answer_syncs(work, Ok);
    }

    /// Answers everybody who waits for the leader; their sessions begin anew, for waiting held them.
    pub(super) fn answer_syncs(
        &mut self,
        work: &mut Work<'_>,
        answer: fn(Synced) -> Result<Synced, GroupError>,
    ) {
        let waiting = self.members.values().filter(|member| member.sync.is_some());
        let ids: Vec<_> = waiting.map(|member| member.id.clone()).collect();
        for id in &ids {
            let Some(member) = self.members.get_mut(id) else { continue };
            if let Some(reply) = member.sync.take() {
                let synced = self.members.get(id).map(|member| self.synced(member));
                let answer = synced.ok_or(GroupError::UnknownMember).and_then(answer);
                work.reply(reply, Response::SyncGroup(answer));
            }
            self.hear(work, id);
        }
    }

    fn synced(&self, member: &Member) -> Synced {
        Synced {
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment: member.assignment.clone(),
        }
    }
}
