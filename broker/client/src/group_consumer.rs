//! A consumer in a classic group: its member joins, shares partitions with others, and commits what was read.
//!
//! Everything happens within [`GroupConsumer::poll`]: heartbeats are sent there too, so who does not poll for longer than
//! the session lasts is taken out of the group, and comes back with the next poll.

mod coordination;
mod metadata;
mod positions;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broker_protocol::{ErrorCode, Str};
use broker_types::{BrokerId, Mono, Offset, TopicPartition};
use tokio::time::{Instant, sleep_until};

pub use self::metadata::Subscription;
use self::{metadata::Topics, positions::Positions};
use crate::{
    Client, ClientError,
    admin::{
        group_offsets::{CommittedOffset, Committer},
        offsets::OffsetSpec,
    },
    fetch::{IncomingRecord, Isolation},
    member::{Action, Event, Member},
};

/// How a member behaves. The defaults are the Java client's.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    /// The group.
    pub group: String,
    /// The id of a static member, which keeps its place over restarts (KIP-345).
    pub instance_id: Option<String>,
    /// How long the group waits for a member that is silent.
    pub session_timeout: Duration,
    /// How long the group waits for a member that gives its partitions up.
    pub rebalance_timeout: Duration,
    /// How often the member says that it is there.
    pub heartbeat_interval: Duration,
    /// How often what was read is committed by itself; `None`: never.
    pub auto_commit: Option<Duration>,
    /// Where to begin where nothing is committed, or what is committed is gone; `None`: fail.
    pub reset: Option<OffsetSpec>,
    /// What of transactions is read.
    pub isolation: Isolation,
    /// The most records that one poll gives.
    pub poll_records_max: usize,
    /// The most bytes that one answer brings of a partition.
    pub partition_bytes_max: i32,
    /// How long a broker may wait for something to come.
    pub fetch_wait_max: Duration,
    /// How long what is known of topics holds.
    pub metadata_age_max: Duration,
}

impl Default for GroupOptions {
    fn default() -> Self {
        Self {
            group: String::new(),
            instance_id: None,
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(300),
            heartbeat_interval: Duration::from_secs(3),
            auto_commit: Some(Duration::from_secs(5)),
            reset: Some(OffsetSpec::Latest),
            isolation: Isolation::ReadUncommitted,
            poll_records_max: 500,
            partition_bytes_max: 1024 * 1024,
            fetch_wait_max: Duration::from_millis(500),
            metadata_age_max: Duration::from_secs(300),
        }
    }
}

/// What a poll brings, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// These were given up; what was read of them is committed where commits are automatic.
    Revoked(BTreeSet<TopicPartition>),
    /// These were taken away: others have them already.
    Lost(BTreeSet<TopicPartition>),
    /// These are the member's now, and nothing else.
    Assigned(BTreeSet<TopicPartition>),
    /// Records of a partition, in its order.
    Records(TopicPartition, Vec<IncomingRecord>),
}

/// A member of a group, and where it reads.
#[derive(Debug)]
pub struct GroupConsumer {
    client: Client,
    options: GroupOptions,
    topics: Topics,
    member: Member,
    /// When its time began.
    start: Instant,
    coordinator: Option<BrokerId>,
    positions: Positions,
    /// What is to be done; the machine has decided it.
    actions: Vec<Action>,
    happened: Vec<Happening>,
    commit_at: Option<Instant>,
    refresh_at: Instant,
}

impl GroupConsumer {
    /// A consumer of these topics; it joins with the first poll.
    #[must_use]
    pub fn new(client: Client, subscription: Subscription, options: GroupOptions) -> Self {
        let now = now();
        Self {
            client,
            topics: Topics::of(subscription),
            member: Member::new(options.heartbeat_interval, options.instance_id.is_some()),
            start: now,
            coordinator: None,
            positions: Positions::new(&options),
            actions: Vec::new(),
            happened: Vec::new(),
            commit_at: options.auto_commit.map(|interval| now + interval),
            refresh_at: now,
            options,
        }
    }

    /// What has happened since the last poll, or happens within `wait`. May be nothing.
    ///
    /// # Errors
    /// When the group does not take the member, a partition has nowhere to begin, or a leader refuses to be read.
    pub async fn poll(&mut self, wait: Duration) -> Result<Vec<Happening>, ClientError> {
        let deadline = now() + wait;
        loop {
            self.turn(deadline).await?;
            if !self.happened.is_empty() || now() >= deadline {
                return Ok(std::mem::take(&mut self.happened));
            }
        }
    }

    /// One thing after the other: what is to be done for the group, what is known of topics, commits, records.
    async fn turn(&mut self, deadline: Instant) -> Result<(), ClientError> {
        if now() >= self.refresh_at {
            self.refresh().await?;
        }
        let time = self.now();
        self.member.step(time, Event::Time, &mut self.actions);
        self.act().await?;
        if self.commit_at.is_some_and(|at| now() >= at) {
            self.commit().await?;
        }
        if !self.happened.is_empty() {
            return Ok(());
        }
        if self.member.is_stable() && self.positions.has_any() {
            let until = self.wakes_at(deadline);
            let wait = until.duration_since(now()).min(self.options.fetch_wait_max);
            let records = self.positions.poll(&mut self.client, &self.topics, wait).await?;
            self.happened.extend(records.into_iter().map(|(at, records)| Happening::Records(at, records)));
            return Ok(());
        }
        sleep_until(self.wakes_at(deadline)).await;
        Ok(())
    }

    /// When there is something to do again.
    fn wakes_at(&self, deadline: Instant) -> Instant {
        let member = self.member.next_deadline().map(|at| self.start + at.since(Mono::ZERO));
        let others = [Some(self.refresh_at), self.commit_at, member];
        others.into_iter().flatten().fold(deadline, Instant::min)
    }

    /// Learns what is subscribed to; the first time the member begins to join.
    async fn refresh(&mut self) -> Result<(), ClientError> {
        let is_whole = self.topics.refresh(&mut self.client).await?;
        // A topic that is not there yet may come any moment.
        let age = if is_whole { self.options.metadata_age_max } else { MISSING_TOPIC_PAUSE };
        self.refresh_at = now() + age;
        let time = self.now();
        let names = self.topics.counts().keys().cloned().collect();
        self.member.step(time, Event::Start(names), &mut self.actions);
        self.member.step(time, Event::Topics(self.topics.counts().clone()), &mut self.actions);
        Ok(())
    }

    /// Where the member has read to, of each partition.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<TopicPartition, Offset> {
        self.positions.read_to()
    }

    /// Goes back to an offset of a partition that it has: from there it reads again, and that is what is committed.
    pub fn seek(&mut self, at: &TopicPartition, offset: Offset) {
        self.positions.seek(at, offset);
    }

    /// Commits what was given out. Nothing for who has no place in the group.
    ///
    /// # Errors
    /// When the coordinator refuses it; that the group forms anew is no error, but nothing is committed then.
    pub async fn commit(&mut self) -> Result<(), ClientError> {
        self.commit_at = self.options.auto_commit.map(|interval| now() + interval);
        let positions = self.positions.read_to();
        self.commit_offsets(&positions).await.map(drop)
    }

    /// Commits offsets; whether they were.
    ///
    /// # Errors
    /// As [`GroupConsumer::commit`].
    pub async fn commit_offsets(
        &mut self,
        offsets: &BTreeMap<TopicPartition, Offset>,
    ) -> Result<bool, ClientError> {
        let Some(identity) = self.member.identity().filter(|_| !offsets.is_empty()) else { return Ok(false) };
        let committer = Committer {
            generation: identity.generation,
            member: identity.member,
            instance: self.options.instance_id.as_deref().map(Str::from),
        };
        let offsets = offsets.iter().map(|(at, offset)| (at.clone(), CommittedOffset::at(*offset))).collect();
        let outcomes = self.client.commit_group_offsets(&self.options.group, &committer, &offsets).await;
        let outcomes = match outcomes {
            Ok(outcomes) => outcomes,
            // The coordinator is gone: what is not committed now is with the next commit.
            Err(ClientError::Io { .. } | ClientError::Connect(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let first = outcomes.into_values().find_map(Result::err);
        match first {
            None => Ok(true),
            // The machine hears of it with the next heartbeat.
            Some(error) if error.code().is_some_and(is_of_generation) => Ok(false),
            Some(error) => Err(error),
        }
    }

    /// Commits what was given out where commits are automatic, and leaves the group.
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub async fn close(mut self) -> Result<(), ClientError> {
        if self.options.auto_commit.is_some() {
            self.commit().await?;
        }
        let time = self.now();
        self.member.step(time, Event::Leave, &mut self.actions);
        for action in std::mem::take(&mut self.actions) {
            if let Action::Leave(member) = action {
                self.leave(member).await?;
            }
        }
        Ok(())
    }

    fn now(&self) -> Mono {
        Mono::ZERO.plus(now().duration_since(self.start))
    }
}

/// How often a topic is looked for that is not there.
const MISSING_TOPIC_PAUSE: Duration = Duration::from_millis(500);
/// The pause before a leader is asked again that could not be.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether a commit came too late for its generation.
fn is_of_generation(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::RebalanceInProgress | ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId)
}

fn now() -> Instant {
    Instant::now()
}
