//! Heartbeat, and what becomes of who does not send it.

use alloc::format;

use broker_types::Mono;

use super::group::{LiveGroup, Phase};
use crate::{GroupError, Heartbeat, MemberId, timers::Timer, work::Work};

impl LiveGroup {
    /// Hears a member; tells it to join again while the group rebalances.
    pub(crate) fn heartbeat(&mut self, work: &mut Work<'_>, request: &Heartbeat) -> Result<(), GroupError> {
        let id =
            self.validate_generation(request.member.as_ref(), request.instance.as_ref(), request.generation)?;
        let id = id.clone();
        self.hear(work, &id);
        match self.phase {
            Phase::Empty => Err(GroupError::UnknownMember),
            Phase::Preparing(_) => Err(GroupError::RebalanceInProgress),
            // A member may send heartbeats as soon as it has joined.
            Phase::Completing | Phase::Stable => Ok(()),
        }
    }

    /// The place of a session in the queue came up.
    pub(crate) fn session_came_up(&mut self, work: &mut Work<'_>, id: &MemberId, at: Mono) {
        let (now, timer) = (work.now.mono, Timer::Session(self.id.clone(), id.clone()));
        if let Some(deadline) = self.pending.get_mut(id) {
            if deadline.fires(work.timers, now, at, timer) {
                self.pending.remove(id);
                self.maybe_complete_even_initially(work);
            }
            return;
        }
        let Some(member) = self.members.get_mut(id) else { return };
        if member.session.fires(work.timers, now, at, timer) && !member.is_heard() {
            self.lose(work, id);
        }
    }

    /// A silent member is removed.
    fn lose(&mut self, work: &mut Work<'_>, id: &MemberId) {
        let Some(member) = self.remove(work, id) else { return };
        self.release(work, &member, &GroupError::UnknownMember);
        match self.phase {
            Phase::Stable | Phase::Completing => {
                self.prepare(work, format!("member {id} was not heard from within its session timeout"));
            }
            Phase::Preparing(_) => self.maybe_complete_even_initially(work),
            Phase::Empty => {}
        }
    }
}
