//! What a coordinator knows of a KIP-848 group besides what is written.

use alloc::collections::BTreeMap;

use broker_types::{GroupId, Mono};

use super::member::{Current, MemberState};
use crate::{
    ConsumerGroup, MemberId,
    classic::{History, duration},
    coordinator::Live,
    timers::{Deadline, Timer},
    work::Work,
};

/// What a coordinator knows of a KIP-848 group besides what is written.
#[derive(Debug, Default)]
pub(crate) struct ConsumerLive {
    pub(super) members: BTreeMap<MemberId, MemberTimers>,
    /// When the topics that it wants were looked at last, if they did not change since.
    pub(super) fresh_at: Option<Mono>,
    pub(super) history: History,
}

/// The deadlines of one member.
#[derive(Debug, Default)]
pub(super) struct MemberTimers {
    pub(super) session: Deadline,
    pub(super) revocation: Deadline,
    /// In which epoch it was asked to give up.
    pub(super) revocation_epoch: i32,
    /// A classic member was told to join again.
    pub(super) join: Deadline,
    /// A classic member must come for its assignment.
    pub(super) sync: Deadline,
}

impl ConsumerLive {
    /// Topics changed: the group looks at them with its next heartbeat.
    pub(crate) fn look_again(&mut self) {
        self.fresh_at = None;
    }
}

impl Live {
    /// The session of a member begins anew.
    pub(super) fn hear_consumer(&mut self, work: &mut Work<'_>, id: &GroupId, member: &MemberId) {
        let group = work.consumer_group(id);
        let metadata = group.as_ref().and_then(|group| group.members.get(member)).map(|it| &it.metadata);
        let classic = metadata.and_then(|metadata| metadata.classic_member_metadata.as_ref());
        let own = classic.and_then(|classic| duration(classic.session_timeout_ms));
        let timeout = own.or_else(|| work.metadata.group_config(id).session_timeout);
        let timeout = timeout.unwrap_or(work.settings.consumer_session_timeout);
        let at = work.now.mono.plus(timeout);
        let timers = self.consumer.entry(id.clone()).or_default().members.entry(member.clone()).or_default();
        timers.session.arm(work.timers, at, || Timer::ConsumerSession(id.clone(), member.clone()));
    }

    /// Bounds how long a member may take to give up what it must.
    pub(super) fn await_revocation(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        member: &MemberId,
        current: &Current,
    ) {
        let timers = self.consumer.entry(id.clone()).or_default().members.entry(member.clone()).or_default();
        let timer = || Timer::Revocation(id.clone(), member.clone());
        if current.state != MemberState::Unrevoked {
            return timers.revocation.disarm(work.timers, timer);
        }
        let group = work.consumer_group(id);
        let metadata = group.as_ref().and_then(|group| group.members.get(member)).map(|it| &it.metadata);
        let timeout =
            metadata.and_then(|metadata| duration(metadata.rebalance_timeout_ms)).unwrap_or_default();
        let timers = self.consumer.entry(id.clone()).or_default().members.entry(member.clone()).or_default();
        timers.revocation_epoch = current.epoch;
        timers.revocation.arm(work.timers, work.now.mono.plus(timeout), timer);
    }

    /// Takes a group up as it is written: everybody has a full session.
    pub(crate) fn load_consumer(&mut self, work: &mut Work<'_>, id: &GroupId, group: &ConsumerGroup) {
        self.consumer.entry(id.clone()).or_default();
        for (member, written) in group.members.iter() {
            self.hear_consumer(work, id, member);
            self.await_revocation(work, id, member, &Current::of(written));
        }
    }
}
