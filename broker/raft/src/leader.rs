//! What a leader knows: how far each replica is, what is committed, whether a majority still follows.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::time::Duration;

use broker_types::{BrokerId, Mono, Now, Offset, ReplyId, Timestamp};

use crate::{
    status::ReplicaStatus,
    voter_change::VoterChange,
    voters::{VoterKey, Voters},
};

/// How many observers are remembered.
const OBSERVERS_MAX: usize = 10_000;
/// An observer that did not fetch for so long is forgotten.
const OBSERVER_KEPT: Duration = Duration::from_secs(300);

/// What exists only while leading.
#[derive(Clone, Debug)]
pub(crate) struct Leadership {
    /// Where the batch that opens the leadership ends; `None` until it is appended.
    pub(crate) opened: Option<Offset>,
    /// Its end is committed: records may be appended.
    pub(crate) is_elected: bool,
    pub(crate) granting: BTreeSet<BrokerId>,
    pub(crate) replicas: BTreeMap<VoterKey, Replica>,
    /// Voters that know of the leadership: they said so, or fetched.
    pub(crate) informed: BTreeSet<BrokerId>,
    /// When the leader resigns unless a majority fetches.
    pub(crate) check_at: Option<Mono>,
    /// Who fetched since the last check.
    heard: BTreeSet<BrokerId>,
    pub(crate) fetches: Vec<ParkedFetch>,
    pub(crate) change: Option<VoterChange>,
}

/// Another replica of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replica {
    pub(crate) end: Offset,
    last_fetch: Now,
    leader_end_then: Offset,
    last_caught_up: Option<Timestamp>,
}

/// A fetch that there is nothing new for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParkedFetch {
    pub(crate) reply: ReplyId,
    pub(crate) replica: VoterKey,
    pub(crate) offset: Offset,
    pub(crate) high_watermark: Option<Offset>,
    pub(crate) until: Mono,
}

impl Leadership {
    pub(crate) const fn new(granting: BTreeSet<BrokerId>, check_at: Option<Mono>) -> Self {
        Self {
            opened: None,
            is_elected: false,
            granting,
            replicas: BTreeMap::new(),
            informed: BTreeSet::new(),
            check_at,
            heard: BTreeSet::new(),
            fetches: Vec::new(),
            change: None,
        }
    }

    /// Takes a fetch: everything before `end` is durable there.
    pub(crate) fn fetched(&mut self, key: VoterKey, end: Offset, leader_end: Offset, now: Now) {
        let known = self.replicas.get(&key).copied();
        if known.is_none() && self.replicas.len() >= OBSERVERS_MAX {
            self.replicas.retain(|_, replica| now.mono.since(replica.last_fetch.mono) < OBSERVER_KEPT);
            if self.replicas.len() >= OBSERVERS_MAX {
                return;
            }
        }
        let before = known.and_then(|replica| replica.last_caught_up);
        let last_caught_up = if end >= leader_end {
            Some(now.wall)
        } else if let Some(replica) = known.filter(|replica| end >= replica.leader_end_then) {
            before.max(Some(replica.last_fetch.wall))
        } else {
            before
        };
        let replica = Replica { end, last_fetch: now, leader_end_then: leader_end, last_caught_up };
        self.replicas.insert(key, replica);
    }

    /// Whether a majority of the voters, this leader counted, fetched since the last check. Begins the next one.
    pub(crate) fn hears_a_majority(
        &mut self,
        voters: &Voters,
        me: VoterKey,
        now: Mono,
        every: Duration,
    ) -> bool {
        let heard = core::mem::take(&mut self.heard);
        self.check_at = Some(now.plus(every));
        let with_me = heard.len() + usize::from(voters.contains(me));
        with_me > voters.len() / 2
    }

    /// A voter fetched: it is alive, and follows. Once a majority was heard the check begins anew.
    pub(crate) fn heard(&mut self, key: VoterKey, voters: &Voters, me: VoterKey, now: Mono, every: Duration) {
        if key == me || !voters.contains(key) {
            return;
        }
        self.informed.insert(key.id);
        self.heard.insert(key.id);
        if self.check_at.is_some() && self.heard.len() + usize::from(voters.contains(me)) > voters.len() / 2 {
            self.hears_a_majority(voters, me, now, every);
        }
    }

    /// Another set holds: who left is not counted any more, and who was alone has others to hear from.
    pub(crate) fn voters_changed(&mut self, voters: &Voters, check_at: Mono) {
        self.heard.retain(|id| voters.get(*id).is_some());
        self.informed.retain(|id| voters.get(*id).is_some());
        self.check_at = self.check_at.or(Some(check_at));
    }

    /// Whether this replica had everything at its last fetch, which is not longer ago than `within`.
    pub(crate) fn is_caught_up(&self, key: VoterKey, now: Mono, within: Duration) -> bool {
        self.replicas.get(&key).is_some_and(|replica| {
            replica.end >= replica.leader_end_then && now.since(replica.last_fetch.mono) <= within
        })
    }

    /// Up to where a majority of the voters has the log durably.
    pub(crate) fn majority_end(&self, voters: &Voters, me: VoterKey, flushed: Offset) -> Option<Offset> {
        let end = |key: VoterKey| {
            if key == me {
                flushed
            } else {
                self.replicas.get(&key).map_or(Offset::ZERO, |replica| replica.end)
            }
        };
        let mut ends: Vec<Offset> = voters.iter().map(|voter| end(voter.key)).collect();
        ends.sort_unstable();
        // Ascending: at least half of them, and one more, are at or behind the one that is found.
        ends.len().checked_sub(ends.len() / 2 + 1).and_then(|index| ends.get(index)).copied()
    }

    /// The other voters, the furthest first.
    pub(crate) fn successors(&self, voters: &Voters, me: VoterKey) -> Vec<VoterKey> {
        let end = |key: &VoterKey| self.replicas.get(key).map_or(Offset::ZERO, |replica| replica.end);
        let mut keys: Vec<VoterKey> = voters.iter().map(|voter| voter.key).filter(|key| *key != me).collect();
        keys.sort_by_key(|key| core::cmp::Reverse(end(key)));
        keys
    }

    pub(crate) fn status(&self, key: VoterKey) -> ReplicaStatus {
        let replica = self.replicas.get(&key);
        ReplicaStatus {
            key,
            log_end: replica.map(|replica| replica.end),
            last_fetch: replica.map(|replica| replica.last_fetch.wall),
            last_caught_up: replica.and_then(|replica| replica.last_caught_up),
        }
    }

    /// Who fetches without a vote, lately.
    pub(crate) fn observers(&self, voters: &Voters, now: Mono) -> Vec<ReplicaStatus> {
        let lately = |replica: &Replica| now.since(replica.last_fetch.mono) < OBSERVER_KEPT;
        let observers =
            self.replicas.iter().filter(|(key, replica)| !voters.contains(**key) && lately(replica));
        observers.map(|(key, _)| self.status(*key)).collect()
    }
}
