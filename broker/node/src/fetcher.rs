//! Following one leader broker: what this broker fetches from it for all of its partitions, in one request at a time.
//!
//! ```text
//! Followed, Left     ─► partitions ─► SendFetch (a session of KIP-227: only what changed is said again)
//! Followed           ─► Abandon, when a request waits at the leader meanwhile ─► SendFetch
//! Answered           ─► Write | SetHighWatermark      records, or news without records
//!                       Truncate                      the leader's log went another way (KIP-595)
//!                       AskBounds ─► Bounds ─► Restart | TruncateAt      the offset is not in the leader's log
//!                       pause of the partition        any other error of it
//! Written, NotWritten ─► the next SendFetch, when nothing is being written
//! Failed             ─► pause of all, then a full fetch
//! Throttled, Quota   ─► who is left out while it is behind
//! ```
//!
//! Invariants: one request at a time, and none is sent while something is being written, so that every request says
//! where the logs end; an answer counts only for what was asked and still holds; nothing is cut but where the leader says that
//! the logs part, or where its log ends; a partition that got records goes behind the others.

mod answer;
mod message;
mod partition;
mod session;
#[cfg(test)]
mod tests;
mod throttling;
mod truncation;

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::time::Duration;

use broker_types::{LeaderEpoch, Mono, Now};

pub use self::{
    message::{
        Action, Answer, Answered, EpochEnd, Event, FetchFailure, Key, LogBounds, LogState, PartitionFailure,
        Request, Told, Wanted, WriteFailure,
    },
    truncation::truncation_point,
};
use self::{
    partition::{Followed, Standing},
    session::Session,
};

/// Kafka's settings of a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes for each partition (`replica.fetch.max.bytes`).
    pub partition_bytes_max: u32,
    /// Bytes of one answer (`replica.fetch.response.max.bytes`).
    pub response_bytes_max: u32,
    /// Bytes that the leader gathers (`replica.fetch.min.bytes`).
    pub bytes_min: u32,
    /// How long it does so (`replica.fetch.wait.max.ms`).
    pub wait_max: Duration,
    /// The longest pause after an error (`replica.fetch.backoff.ms`). The first is short: right after an election a leader
    /// may hear of it later than its followers.
    pub backoff: Duration,
}

impl Settings {
    /// The pause after so many errors in a row, of which each doubles it.
    fn pause_after(&self, errors: u32) -> Duration {
        FIRST_PAUSE.saturating_mul(1 << errors.saturating_sub(1).min(16)).min(self.backoff)
    }
}

/// After a first error.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// A leader that has records answers sooner; one that has none lets a request wait for up to `replica.fetch.wait.max.ms`,
/// for which new followers do not wait: an election would be over, and nothing committed.
const ANSWER_EXPECTED_WITHIN: Duration = Duration::from_millis(20);

/// One leader's follower.
#[derive(Clone, Debug)]
pub struct Fetcher {
    settings: Settings,
    partitions: BTreeMap<Key, Followed>,
    session: Session,
    /// When the request under way was sent.
    under_way: Option<Mono>,
    /// The request under way is given up then: it does not ask for all that is followed.
    abandon_at: Option<Mono>,
    /// The request before was given up: this one runs to its end, or none might.
    has_abandoned: bool,
    /// Logs that are being changed.
    writing: BTreeSet<Key>,
    /// Partitions that pause, by when they go on.
    pauses: BTreeSet<(Mono, Key)>,
    /// Nothing is sent before.
    paused_until: Option<Mono>,
    /// Requests in a row that were refused or not answered.
    failures: u32,
    /// Those that are copied only as fast as the quota allows.
    throttled: BTreeSet<Key>,
    /// The quota is used up until then.
    exceeded_until: Option<Mono>,
    /// Counts who got records, for the order of full fetches.
    turns: u64,
}

impl Fetcher {
    /// Follows nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            partitions: BTreeMap::new(),
            session: Session::default(),
            under_way: None,
            abandon_at: None,
            has_abandoned: false,
            writing: BTreeSet::new(),
            pauses: BTreeSet::new(),
            paused_until: None,
            failures: 0,
            throttled: BTreeSet::new(),
            exceeded_until: None,
            turns: 0,
        }
    }

    /// Whether nothing is followed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// When [`Event::Tick`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let pause = self.pauses.first().map(|(until, _)| *until);
        [pause, self.paused_until, self.abandon_at, self.quota_deadline()].into_iter().flatten().min()
    }

    /// Takes one event. Total: what does not fit changes nothing.
    pub fn step(&mut self, now: Now, event: Event, actions: &mut Vec<Action>) {
        self.end_pauses(now.mono);
        self.end_throttling(now.mono);
        match event {
            Event::Followed { partition, epoch, log } => self.follow(partition, epoch, log),
            Event::Left { partition } => self.leave(partition),
            Event::Answered(answer) => self.answered(now.mono, &answer, actions),
            Event::Failed => self.failed(now.mono),
            Event::Written { partition, epoch, log } => self.written(now.mono, partition, epoch, log),
            Event::NotWritten { partition, epoch, failure } => {
                self.not_written(now.mono, partition, epoch, failure);
            }
            Event::Bounds { partition, epoch, bounds } => {
                self.bounds(now.mono, partition, epoch, bounds, actions);
            }
            Event::Throttled { partition, is_throttled } => return self.throttle(partition, is_throttled),
            Event::Quota { exceeded_until } => return self.set_exceeded(exceeded_until),
            Event::Tick => {}
        }
        self.abandon_if_due(now.mono, actions);
        self.send(now.mono, actions);
        let is_asked = |key: &Key| self.session.known(*key).is_some();
        let holds = self.under_way.is_none() || !self.writing.iter().any(is_asked);
        assert!(holds, "what is asked for is not being written");
    }

    fn end_pauses(&mut self, now: Mono) {
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
        }
        while let Some((until, key)) = self.pauses.first().copied()
            && until <= now
        {
            self.pauses.remove(&(until, key));
            self.stand(key, Standing::Ready);
        }
    }

    fn follow(&mut self, key: Key, epoch: LeaderEpoch, log: LogState) {
        match self.partitions.get_mut(&key) {
            Some(known) if known.epoch >= epoch => {}
            Some(known) => {
                known.epoch = epoch;
                known.log = log;
                self.stand(key, Standing::Ready);
                self.hurry();
            }
            None => {
                self.turns += 1;
                self.partitions.insert(key, Followed::new(epoch, log, self.turns));
                self.session.changed(key);
                self.hurry();
            }
        }
    }

    /// What the request under way does not ask for is asked for soon.
    fn hurry(&mut self) {
        if !self.has_abandoned {
            self.abandon_at = self.under_way.map(|sent| sent.plus(ANSWER_EXPECTED_WITHIN));
        }
    }

    fn end_request(&mut self) {
        (self.under_way, self.abandon_at, self.has_abandoned) = (None, None, false);
    }

    fn abandon_if_due(&mut self, now: Mono, actions: &mut Vec<Action>) {
        if self.abandon_at.is_some_and(|at| at <= now) {
            self.end_request();
            self.has_abandoned = true;
            self.session.start_over();
            actions.push(Action::Abandon);
        }
    }

    fn leave(&mut self, key: Key) {
        self.stand(key, Standing::Stopped);
        self.partitions.remove(&key);
        self.throttled.remove(&key);
        self.session.changed(key);
    }

    /// The connection is gone; the leader may have kept the session, and is told to drop it.
    fn failed(&mut self, now: Mono) {
        self.end_request();
        self.session.start_over();
        self.failures = self.failures.saturating_add(1);
        self.paused_until = Some(now.plus(self.settings.pause_after(self.failures)));
    }

    fn written(&mut self, now: Mono, key: Key, epoch: LeaderEpoch, log: LogState) {
        let Some(followed) = self.partitions.get_mut(&key).filter(|known| known.epoch == epoch) else {
            return;
        };
        let Standing::Writing { cuts } = followed.standing else { return };
        let before = followed.wanted();
        followed.log = log;
        // A cut that changes nothing would be asked for again at once, and for ever.
        if cuts && followed.wanted() == before {
            self.pause(now, key);
        } else {
            followed.errors = 0;
            self.stand(key, Standing::Ready);
        }
    }

    fn not_written(&mut self, now: Mono, key: Key, epoch: LeaderEpoch, failure: WriteFailure) {
        let is_writing =
            |known: &Followed| known.epoch == epoch && matches!(known.standing, Standing::Writing { .. });
        if !self.partitions.get(&key).is_some_and(is_writing) {
            return;
        }
        match failure {
            WriteFailure::TryAgain => self.pause(now, key),
            WriteFailure::Stop => self.stand(key, Standing::Stopped),
        }
    }

    /// The offset was not in the leader's log, which has these bounds.
    fn bounds(
        &mut self,
        now: Mono,
        partition: Key,
        epoch: LeaderEpoch,
        bounds: Option<LogBounds>,
        actions: &mut Vec<Action>,
    ) {
        let asks = |known: &&Followed| known.epoch == epoch && known.standing == Standing::Asking;
        let Some(followed) = self.partitions.get(&partition).filter(asks) else { return };
        let own_end = followed.log.end;
        let action = match bounds {
            Some(LogBounds { end, .. }) if end < own_end => Action::TruncateAt { partition, epoch, to: end },
            Some(LogBounds { start, .. }) if start > own_end => {
                Action::Restart { partition, epoch, at: start }
            }
            // It is there by now, or nobody knows.
            _ => return self.pause(now, partition),
        };
        actions.push(action);
        self.stand(partition, Standing::Writing { cuts: true });
    }

    fn pause(&mut self, now: Mono, key: Key) {
        let Some(followed) = self.partitions.get_mut(&key) else { return };
        followed.errors = followed.errors.saturating_add(1);
        let until = now.plus(self.settings.pause_after(followed.errors));
        self.stand(key, Standing::Pausing(until));
    }

    /// The one place where a partition's standing changes, so that the sets agree with it.
    fn stand(&mut self, key: Key, standing: Standing) {
        let Some(followed) = self.partitions.get_mut(&key) else { return };
        match followed.standing {
            Standing::Writing { .. } => {
                self.writing.remove(&key);
            }
            Standing::Pausing(until) => {
                self.pauses.remove(&(until, key));
            }
            Standing::Ready | Standing::Asking | Standing::Stopped => {}
        }
        match standing {
            Standing::Writing { .. } => {
                self.writing.insert(key);
            }
            Standing::Pausing(until) => {
                self.pauses.insert((until, key));
            }
            Standing::Ready | Standing::Asking | Standing::Stopped => {}
        }
        followed.standing = standing;
        self.session.changed(key);
    }

    fn send(&mut self, now: Mono, actions: &mut Vec<Action>) {
        if self.under_way.is_some() || !self.writing.is_empty() || self.paused_until.is_some() {
            return;
        }
        let is_exceeded = self.exceeded_until.is_some();
        if !self.partitions.values().any(|followed| followed.is_asked(is_exceeded)) {
            return;
        }
        actions.push(Action::SendFetch(self.session.request(&self.partitions, is_exceeded)));
        self.under_way = Some(now);
    }
}
