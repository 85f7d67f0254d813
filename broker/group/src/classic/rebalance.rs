//! The join phase: how it begins, and how it ends.

use alloc::{format, string::String, vec::Vec};
use core::time::Duration;

use broker_protocol::Str;

use super::{
    group::{LiveGroup, Phase, Wait},
    member::Member,
};
use crate::{GroupError, MemberId, Response, timers::Timer, work::Work};

impl LiveGroup {
    pub(super) fn select_protocol(&self) -> Option<Str> {
        self.supported.select(self.members.values())
    }

    /// A rebalance begins; in one that goes on already, perhaps the last that was awaited came.
    pub(super) fn rebalance_or_complete(&mut self, work: &mut Work<'_>, reason: String) {
        match self.phase {
            Phase::Preparing(_) => self.maybe_complete(work),
            Phase::Empty | Phase::Completing | Phase::Stable => self.prepare(work, reason),
        }
    }

    /// A rebalance begins.
    pub(crate) fn prepare(&mut self, work: &mut Work<'_>, reason: String) {
        if self.phase == Phase::Completing {
            self.refuse_syncs(work);
        }
        self.unsynced.clear();
        self.sync_timer.disarm(work.timers, || Timer::Sync(self.id.clone()));
        self.history.add(work.now.wall, self.generation, reason);
        if self.phase == Phase::Empty {
            let delay = work.settings.initial_rebalance_delay;
            let remaining = self.rebalance_timeout().saturating_sub(delay);
            self.wait_initially(work, delay, remaining);
        } else {
            self.phase = Phase::Preparing(Wait::Members);
            self.complete_or_wait(work);
        }
    }

    /// Those who wait for an assignment that will not come are to join again.
    fn refuse_syncs(&mut self, work: &mut Work<'_>) {
        for member in self.members.values_mut() {
            member.assignment = bytes::Bytes::new();
        }
        self.answer_syncs(work, |_| Err(GroupError::RebalanceInProgress));
    }

    fn wait_initially(&mut self, work: &mut Work<'_>, delay: Duration, remaining: Duration) {
        self.phase = Phase::Preparing(Wait::Initial { delay, remaining, has_grown: false });
        self.join_timer.arm(work.timers, work.now.mono.plus(delay), || Timer::Join(self.id.clone()));
    }

    fn complete_or_wait(&mut self, work: &mut Work<'_>) {
        if self.all_joined() {
            return self.complete(work);
        }
        let at = work.now.mono.plus(self.rebalance_timeout());
        self.join_timer.arm(work.timers, at, || Timer::Join(self.id.clone()));
    }

    /// Ends the join phase when nobody is awaited. The first rebalance of a group waits for its delay alone.
    pub(super) fn maybe_complete(&mut self, work: &mut Work<'_>) {
        if self.phase == Phase::Preparing(Wait::Members) && self.all_joined() {
            self.complete(work);
        }
    }

    /// The same after somebody was lost, when the first rebalance of a group does not wait either.
    pub(super) fn maybe_complete_even_initially(&mut self, work: &mut Work<'_>) {
        if matches!(self.phase, Phase::Preparing(_)) && self.all_joined() {
            self.complete(work);
        }
    }

    /// The time of the join phase has run out.
    pub(crate) fn join_timed_out(&mut self, work: &mut Work<'_>) {
        match self.phase {
            // Members came meanwhile: others may.
            Phase::Preparing(Wait::Initial { delay, remaining, has_grown: true }) if !remaining.is_zero() => {
                let next = work.settings.initial_rebalance_delay.min(remaining);
                self.wait_initially(work, next, remaining.saturating_sub(delay));
            }
            Phase::Preparing(_) => self.complete(work),
            Phase::Empty | Phase::Completing | Phase::Stable => {}
        }
    }

    /// Ends the join phase with those who came. Static members stay without coming.
    fn complete(&mut self, work: &mut Work<'_>) {
        self.join_timer.disarm(work.timers, || Timer::Join(self.id.clone()));
        let is_gone = |member: &&Member| !member.is_joining() && member.instance.is_none();
        let gone: Vec<_> = self.members.values().filter(is_gone).map(|member| member.id.clone()).collect();
        for id in &gone {
            self.remove(work, id);
        }
        if !self.elect() && !self.members.is_empty() {
            // Static members only, and none came: their sessions will end, or they will come.
            let at = work.now.mono.plus(self.rebalance_timeout());
            self.join_timer.arm(work.timers, at, || Timer::Join(self.id.clone()));
            return;
        }
        self.generation = self.generation.next();
        if self.members.is_empty() {
            self.become_empty(work);
        } else {
            self.begin_generation(work);
        }
    }

    /// Whether the leader came; another that came leads when it did not.
    fn elect(&mut self) -> bool {
        let came = |id: &MemberId| self.members.get(id).is_some_and(Member::is_joining);
        if self.leader.as_ref().is_some_and(came) {
            return true;
        }
        let Some(other) = self.members.values().find(|member| member.is_joining()) else { return false };
        self.leader = Some(other.id.clone());
        true
    }

    fn become_empty(&mut self, work: &mut Work<'_>) {
        self.phase = Phase::Empty;
        self.protocol = None;
        self.subscribed = self.subscription();
        self.write(work);
    }

    fn begin_generation(&mut self, work: &mut Work<'_>) {
        self.phase = Phase::Completing;
        self.protocol = self.select_protocol();
        self.subscribed = self.subscription();
        let ids: Vec<_> = self.members.keys().cloned().collect();
        for id in &ids {
            if let Some(reply) = self.take_joining(id) {
                let joined = self.joined(id, self.is_leader(id));
                work.reply(reply, Response::JoinGroup(Ok(joined)));
            }
            if let Some(member) = self.members.get_mut(id) {
                member.is_new = false;
            }
            self.hear(work, id);
        }
        self.unsynced = ids.into_iter().collect();
        let at = work.now.mono.plus(self.rebalance_timeout());
        self.sync_timer.arm(work.timers, at, || Timer::Sync(self.id.clone()));
    }

    /// Who has not come for its assignment is taken for gone.
    pub(crate) fn sync_timed_out(&mut self, work: &mut Work<'_>) {
        let gone = core::mem::take(&mut self.unsynced);
        if gone.is_empty() || !matches!(self.phase, Phase::Completing | Phase::Stable) {
            return;
        }
        for id in &gone {
            if let Some(member) = self.remove(work, id) {
                self.release(work, &member, &GroupError::UnknownMember);
            }
        }
        self.prepare(work, format!("{} members did not come for their assignment", gone.len()));
    }
}
