//! The machine: one partition's replica on this broker.

use alloc::vec::Vec;
use core::time::Duration;

use broker_types::{BrokerId, LeaderEpoch, Mono, Now, Offset, ReplyId};

use crate::{
    deletions::{Deletion, Deletions},
    event::{
        Action, DeleteFailure, Event, FollowerPosition, Following, Leadership, NotEnoughReplicas,
        ProduceFailure,
    },
    follower::Follower,
    leader::Leader,
    waiting::Waiting,
};

/// What a replica is told at its construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// This broker.
    pub me: BrokerId,
    /// `replica.lag.time.max.ms`.
    pub lag_max: Duration,
    /// How many replies of each kind wait at most.
    pub waiting_max: usize,
}

/// One replica.
#[derive(Clone, Debug)]
pub struct Replica {
    settings: Settings,
    role: Role,
    log_start: Offset,
    produces: Waiting,
    deletions: Deletions,
}

#[derive(Clone, Debug)]
enum Role {
    /// The metadata said nothing yet.
    Idle,
    Leader(Leader),
    Follower(Follower),
    Offline,
}

impl Replica {
    /// A replica of which the metadata said nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            role: Role::Idle,
            log_start: Offset::ZERO,
            produces: Waiting::default(),
            deletions: Deletions::default(),
        }
    }

    /// The epoch of this replica's leadership; `None` while it does not lead.
    #[must_use]
    pub const fn leads(&self) -> Option<LeaderEpoch> {
        match &self.role {
            Role::Leader(leader) => Some(leader.epoch()),
            Role::Idle | Role::Follower(_) | Role::Offline => None,
        }
    }

    /// The epoch of the leadership that this replica follows; `None` while it does not follow.
    #[must_use]
    pub const fn follows(&self) -> Option<LeaderEpoch> {
        match &self.role {
            Role::Follower(follower) => Some(follower.epoch),
            Role::Idle | Role::Leader(_) | Role::Offline => None,
        }
    }

    /// The epoch of the leadership that this replica knows, its own or another's.
    #[must_use]
    pub const fn epoch(&self) -> Option<LeaderEpoch> {
        match &self.role {
            Role::Leader(leader) => Some(leader.epoch()),
            Role::Follower(follower) => Some(follower.epoch),
            Role::Idle | Role::Offline => None,
        }
    }

    /// Whether a leader's high watermark has reached where its leadership began: before that it may be less than an
    /// earlier leader told, and nobody may be told that records end there (KIP-207). Whoever does not lead has no opinion.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match &self.role {
            Role::Leader(leader) => leader.is_settled(),
            Role::Idle | Role::Follower(_) | Role::Offline => true,
        }
    }

    /// Whether a broker has another replica of what this one leads.
    #[must_use]
    pub fn has_peer(&self, broker: BrokerId) -> bool {
        matches!(&self.role, Role::Leader(leader) if leader.has_peer(broker))
    }

    /// The high watermark; `None` while the metadata said nothing, or the log is offline.
    #[must_use]
    pub const fn high_watermark(&self) -> Option<Offset> {
        match &self.role {
            Role::Leader(leader) => Some(leader.high_watermark),
            Role::Follower(follower) => Some(follower.high_watermark),
            Role::Idle | Role::Offline => None,
        }
    }

    /// The in-sync replicas as the controller last confirmed them, in order; none unless this replica leads.
    pub fn isr(&self) -> impl Iterator<Item = BrokerId> + '_ {
        let isr = match &self.role {
            Role::Leader(leader) => Some(leader.isr()),
            Role::Idle | Role::Follower(_) | Role::Offline => None,
        };
        isr.into_iter().flatten().copied()
    }

    /// The replica that a consumer at `offset` had better read from, of those that are near it; `None`: from this one.
    /// Only a leader sends consumers elsewhere (KIP-392).
    #[must_use]
    pub fn preferred_reader(&self, offset: Offset, is_near: impl Fn(BrokerId) -> bool) -> Option<BrokerId> {
        match &self.role {
            Role::Leader(leader) => leader.preferred_reader(offset, is_near),
            Role::Idle | Role::Follower(_) | Role::Offline => None,
        }
    }

    /// What a producer with acks=all needs before anything is appended. A replica that does not lead has no opinion.
    ///
    /// # Errors
    /// When the ISR is smaller than the minimum.
    pub fn check_in_sync(&self) -> Result<(), NotEnoughReplicas> {
        match &self.role {
            Role::Leader(leader) => leader.check_in_sync(),
            Role::Idle | Role::Follower(_) | Role::Offline => Ok(()),
        }
    }

    /// When [`Event::Tick`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let check = match &self.role {
            Role::Leader(leader) => leader.next_deadline(),
            Role::Idle | Role::Follower(_) | Role::Offline => None,
        };
        let waiting = [check, self.produces.next_deadline(), self.deletions.next_deadline()];
        waiting.into_iter().flatten().min()
    }

    /// Takes one event. Total: an event that does not fit the role changes nothing.
    pub fn step(&mut self, now: Now, event: Event, actions: &mut Vec<Action>) {
        let before = self.leads().zip(self.high_watermark());
        match event {
            Event::BecomeLeader(leadership) => self.become_leader(now, leadership, actions),
            Event::BecomeFollower(following) => self.become_follower(following, actions),
            Event::Offline => {
                self.role = Role::Offline;
                self.fail_all(ProduceFailure::Offline, DeleteFailure::Offline, actions);
            }
            Event::Appended { log_end } => self.appended(now, log_end, actions),
            Event::Durable(durable) => self.with_leader(now, actions, |leader| leader.durable = durable),
            Event::Await { reply, offset, deadline } => self.await_offset(reply, offset, deadline, actions),
            Event::FollowerAt(position) => self.follower_at(now, &position, actions),
            Event::PeerChanged(peer) => self.with_leader(now, actions, |leader| leader.peer_changed(peer)),
            Event::IsrAnswered(answer) => self.with_leader(now, actions, |leader| leader.answered(answer)),
            Event::MinIsrChanged { min_isr } => {
                self.with_leader(now, actions, |leader| leader.set_min_isr(min_isr));
            }
            Event::DeleteRecords { reply, offset, deadline } => {
                self.delete_records(Deletion { reply, offset, deadline }, actions);
            }
            Event::LogStartsAt { log_start } => {
                self.log_start = self.log_start.max(log_start);
                self.settle(actions);
            }
            Event::Fetched { log_end, high_watermark, log_start } => {
                self.fetched(log_end, high_watermark, log_start, actions);
            }
            Event::Truncated { log_end } => {
                if let Role::Follower(follower) = &mut self.role {
                    follower.truncated(log_end);
                }
            }
            Event::Restarted { at } => {
                if let Role::Follower(follower) = &mut self.role {
                    follower.restarted(at);
                    self.log_start = at;
                }
            }
            Event::Tick => self.tick(now, actions),
        }
        self.check(before);
    }

    fn check(&self, before: Option<(LeaderEpoch, Offset)>) {
        let Role::Leader(leader) = &self.role else { return };
        assert!(leader.high_watermark <= leader.log_end, "nothing past the log's end is committed");
        if let Some((epoch, high_watermark)) = before {
            let holds = epoch != leader.epoch() || high_watermark <= leader.high_watermark;
            assert!(holds, "a leader's high watermark does not move back");
        }
    }

    fn become_leader(&mut self, now: Now, news: Leadership, actions: &mut Vec<Action>) {
        if self.epoch().is_some_and(|known| news.epoch < known) || matches!(self.role, Role::Offline) {
            return;
        }
        match &mut self.role {
            Role::Leader(leader) if leader.epoch() == news.epoch => leader.update(news, now.mono),
            _ => {
                self.fail_all(ProduceFailure::NotLeader, DeleteFailure::NotLeader, actions);
                self.log_start = news.log_start;
                let Settings { me, lag_max, .. } = self.settings;
                self.role = Role::Leader(Leader::new(me, lag_max, news, now.mono));
            }
        }
        self.with_leader(now, actions, |_| ());
    }

    fn become_follower(&mut self, following: Following, actions: &mut Vec<Action>) {
        let is_old = self.epoch().is_some_and(|known| following.epoch < known);
        let is_known = matches!(&self.role, Role::Follower(follower) if follower.epoch == following.epoch);
        if is_old || is_known || matches!(self.role, Role::Offline) {
            return;
        }
        self.role = Role::Follower(Follower::new(following));
        self.log_start = following.log_start;
        self.fail_all(ProduceFailure::NotLeader, DeleteFailure::NotLeader, actions);
    }

    fn appended(&mut self, now: Now, log_end: Offset, actions: &mut Vec<Action>) {
        let Role::Leader(leader) = &mut self.role else { return };
        if log_end <= leader.log_end {
            return;
        }
        leader.log_end = log_end;
        leader.advance(now, actions);
        self.settle(actions);
    }

    fn await_offset(&mut self, reply: ReplyId, offset: Offset, deadline: Mono, actions: &mut Vec<Action>) {
        let failure = match &self.role {
            Role::Leader(leader) if offset <= leader.high_watermark => {
                let result = leader.check_in_sync().map_err(|_| ProduceFailure::NotEnoughReplicasAfterAppend);
                actions.push(Action::CompleteProduce { reply, result });
                return;
            }
            Role::Leader(_) if self.produces.len() >= self.settings.waiting_max => {
                ProduceFailure::TooManyWaiting
            }
            Role::Leader(_) => {
                self.produces.park(reply, offset, deadline);
                return;
            }
            Role::Offline => ProduceFailure::Offline,
            Role::Idle | Role::Follower(_) => ProduceFailure::NotLeader,
        };
        actions.push(Action::CompleteProduce { reply, result: Err(failure) });
    }

    fn follower_at(&mut self, now: Now, position: &FollowerPosition, actions: &mut Vec<Action>) {
        let Role::Leader(leader) = &mut self.role else { return };
        leader.follower_at(position, now.mono);
        leader.try_expand(position.broker, actions);
        leader.advance(now, actions);
        self.settle(actions);
    }

    /// Changes something about the leadership, then sees what follows from it.
    fn with_leader(&mut self, now: Now, actions: &mut Vec<Action>, change: impl FnOnce(&mut Leader)) {
        let Role::Leader(leader) = &mut self.role else { return };
        change(leader);
        leader.advance(now, actions);
        self.settle(actions);
    }

    fn delete_records(&mut self, deletion: Deletion, actions: &mut Vec<Action>) {
        let failure = match &self.role {
            Role::Leader(leader) => {
                let max = self.settings.waiting_max;
                self.deletions.begin(deletion, leader, &mut self.log_start, max, actions);
                return;
            }
            Role::Offline => DeleteFailure::Offline,
            Role::Idle | Role::Follower(_) => DeleteFailure::NotLeader,
        };
        actions.push(Action::CompleteDelete { reply: deletion.reply, result: Err(failure) });
    }

    fn fetched(
        &mut self,
        log_end: Offset,
        high_watermark: Offset,
        log_start: Offset,
        actions: &mut Vec<Action>,
    ) {
        let Role::Follower(follower) = &mut self.role else { return };
        follower.fetched(log_end, high_watermark, actions);
        // A follower deletes what its leader deleted, as far as it knows it to be committed.
        let log_start = log_start.min(follower.high_watermark);
        if log_start > self.log_start {
            self.log_start = log_start;
            actions.push(Action::AdvanceLogStart(log_start));
        }
    }

    fn tick(&mut self, now: Now, actions: &mut Vec<Action>) {
        if let Role::Leader(leader) = &mut self.role {
            leader.check_lag(now.mono, actions);
            // A replica that lags no longer counts as about to join.
            leader.advance(now, actions);
        }
        self.settle(actions);
        while let Some(reply) = self.produces.expired(now.mono) {
            actions.push(Action::CompleteProduce { reply, result: Err(ProduceFailure::TimedOut) });
        }
        self.deletions.expire(now.mono, actions);
    }

    /// Answers whoever has what it waits for.
    fn settle(&mut self, actions: &mut Vec<Action>) {
        let Role::Leader(leader) = &self.role else { return };
        while let Some(reply) = self.produces.reached(leader.high_watermark) {
            let result = leader.check_in_sync().map_err(|_| ProduceFailure::NotEnoughReplicasAfterAppend);
            actions.push(Action::CompleteProduce { reply, result });
        }
        self.deletions.settle(leader, self.log_start, actions);
    }

    fn fail_all(&mut self, produce: ProduceFailure, delete: DeleteFailure, actions: &mut Vec<Action>) {
        while let Some(reply) = self.produces.any() {
            actions.push(Action::CompleteProduce { reply, result: Err(produce) });
        }
        self.deletions.fail(delete, actions);
    }
}
