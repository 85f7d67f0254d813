//! Offsets that nobody will come back for, and groups that have none left (`offsets.retention.minutes`, KIP-211).

use core::time::Duration;

use broker_types::{GroupId, Mono, Timestamp};

use crate::{
    Group, GroupRecord, GroupState, State,
    classic::Phase,
    coordinator::Live,
    state::Stored,
    timers::{Deadline, Timer},
    work::Work,
};

/// How many tombstones one tick writes, and how many groups it looks at; the next one goes on at once.
const RECORDS_PER_TICK: usize = 5_000;
const GROUPS_PER_TICK: usize = 1_000;

/// Where the search for expired offsets is.
#[derive(Debug, Default)]
pub(crate) struct Expiry {
    deadline: Deadline,
    /// The group that was looked at last, in a search that goes on.
    after: Option<GroupId>,
}

/// What a look at a group found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// It has neither members nor offsets any more.
    Useless,
    Used,
    /// There are more offsets than one tick forgets.
    Unfinished,
}

/// Since when the retention of a group's offsets runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// The group has members, and what it will come back for cannot be known.
    Never,
    /// Each since it was committed.
    Commit,
    /// All since the group lost its last member.
    Empty(Timestamp),
}

impl Expiry {
    pub(crate) fn start(&mut self, work: &mut Work<'_>) {
        let at = work.now.mono.plus(work.settings.offsets_retention_check_interval);
        self.deadline.arm(work.timers, at, || Timer::Expiry);
    }

    /// With the next tick.
    fn go_on(&mut self, work: &mut Work<'_>) {
        let at = work.now.mono.plus(Duration::from_micros(1));
        self.deadline.arm(work.timers, at, || Timer::Expiry);
    }
}

impl Live {
    /// The place of the search in the queue came up.
    pub(crate) fn expire(&mut self, work: &mut Work<'_>, state: &State, at: Mono) {
        if !self.expiry.deadline.fires(work.timers, work.now.mono, at, Timer::Expiry) {
            return;
        }
        if !work.records.is_empty() {
            // What was decided in this tick is not in the state yet.
            return self.expiry.go_on(work);
        }
        let after = self.expiry.after.take();
        let mut last = None;
        for id in state.group_ids_after(after.as_ref()).take(GROUPS_PER_TICK) {
            match self.expire_group(work, state, id) {
                Look::Useless => self.delete_group(work, state, id),
                Look::Used => {}
                Look::Unfinished => break,
            }
            last = Some(id);
        }
        let last = last.or(after.as_ref());
        if state.group_ids_after(last).next().is_some() {
            self.expiry.after = last.cloned();
            self.expiry.go_on(work);
        } else {
            self.expiry.start(work);
        }
    }

    /// Writes the tombstones of a group's expired offsets.
    fn expire_group(&self, work: &mut Work<'_>, state: &State, id: &GroupId) -> Look {
        let Some(hard) = state.group(id.as_str()) else { return Look::Used };
        let since = self.since(id, hard);
        let mut is_useless = !state.has_pending(id.as_str()) && self.may_go(id, state);
        for (topic, partitions) in state.topics(id.as_str()).into_iter().flat_map(|topics| topics.iter()) {
            if self.is_subscribed(id, hard, topic.as_str()) {
                is_useless = false;
                continue;
            }
            for (partition, stored) in partitions.iter() {
                let stays = state.is_pending(id.as_str(), topic.as_str(), *partition);
                if work.records.len() >= RECORDS_PER_TICK {
                    return Look::Unfinished;
                }
                if !stays && has_expired(work, since, stored) {
                    work.records.push(GroupRecord::forget(id, topic, *partition));
                } else {
                    is_useless = false;
                }
            }
        }
        if is_useless { Look::Useless } else { Look::Used }
    }

    /// A group without members, unless somebody is about to join it.
    fn may_go(&self, id: &GroupId, state: &State) -> bool {
        let is_awaited = self.classic.get(id).is_some_and(|group| !group.pending.is_empty());
        !is_awaited && self.state_of(id, state) == GroupState::Empty
    }

    fn since(&self, id: &GroupId, hard: &Group) -> Since {
        let Group::Classic(hard) = hard else { return Since::Commit };
        match self.classic.get(id) {
            Some(live) if live.phase != Phase::Empty => {
                let knows = live.uses_consumer_protocol() && live.subscribed.is_some();
                if knows && live.phase == Phase::Stable { Since::Commit } else { Since::Never }
            }
            _ if hard.protocol_type().is_none() => Since::Commit,
            _ => hard.since().map_or(Since::Commit, Since::Empty),
        }
    }
}

fn has_expired(work: &Work<'_>, since: Since, stored: &Stored) -> bool {
    let begun = match since {
        Since::Never => return false,
        Since::Commit => Timestamp::from_millis(stored.value.commit_timestamp),
        Since::Empty(at) => at,
    };
    // What an old client asked for itself goes before the broker's rule.
    match Timestamp::from_wire(stored.value.expire_timestamp) {
        Some(expires) => work.now.wall >= expires,
        None => work.now.wall.since(begun) >= work.settings.offsets_retention,
    }
}
