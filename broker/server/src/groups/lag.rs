//! How far the groups that are coordinated here are behind the ends of their partitions, and before the starts.
//!
//! ```text
//! shards ─ Survey, in parts ─► what is committed ─┐
//! partitions led here ───────► starts and ends ───┼─► Watched ─► Told ─► /metrics, /v1/groups
//! ListOffsets to leaders ────► starts and ends ───┘
//! ```
//!
//! A task does this in rounds, and for a single group when the admin port is asked. What is committed is read before the
//! logs' ends, so that nobody seems to be beyond one. Invariants: commits know nothing of it; what is read in a round, and
//! kept between them, is bounded, and what is left out is counted; a shard that is lost is not told of any more.

mod leaders;
mod metrics;
mod survey;
mod told;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use broker_group::{LogBounds, PartitionLag, Watched};
use broker_types::{PartitionId, TopicName};
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use self::{leaders::Leaders, survey::Surveyed};
pub(crate) use self::{
    metrics::GroupMetrics,
    told::{GroupTold, Told},
};
use crate::broker::Broker;

/// How many partitions are watched at most; of one that always grows less than a kilobyte is kept.
const WATCHED_MAX: usize = 100_000;
/// How many wait for the lag of a group at most; whoever asks more waits with its connection.
const MAILBOX_MAX: usize = 64;

/// What the coordinators' task knows, and the way to it.
#[derive(Debug)]
pub(crate) struct Lag {
    latest: Arc<ArcSwap<Told>>,
    mailbox: mpsc::Sender<Ask>,
    /// There until the task begins.
    asked: Mutex<Option<mpsc::Receiver<Ask>>>,
}

/// A partition that a group has or has committed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) topic: TopicName,
    pub(crate) partition: PartitionId,
    pub(crate) committed: Option<i64>,
}

/// What is known of its log, and how far the group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowLag {
    pub(crate) bounds: LogBounds,
    /// For how long that is known; nothing when it was measured now.
    pub(crate) age: Option<Duration>,
    /// Where something is committed.
    pub(crate) lag: Option<PartitionLag>,
}

#[derive(Debug)]
struct Ask {
    rows: Vec<Row>,
    reply: oneshot::Sender<Vec<Option<RowLag>>>,
}

impl Default for Lag {
    fn default() -> Self {
        let (mailbox, asked) = mpsc::channel(MAILBOX_MAX);
        Self { latest: Arc::default(), mailbox, asked: Mutex::new(Some(asked)) }
    }
}

impl Lag {
    /// What the last round found, in the shards that are led still.
    pub(crate) fn latest(&self, broker: &Broker) -> Arc<Told> {
        let told = self.latest.load_full();
        if told.shards.keys().all(|place| broker.groups.is_led(*place)) {
            return told;
        }
        let mut left = Told::clone(&told);
        left.shards.retain(|place, _| broker.groups.is_led(*place));
        let left = Arc::new(left);
        // A round that ended meanwhile knows better.
        self.latest.compare_and_swap(&told, Arc::clone(&left));
        left
    }

    /// How far a group is, now; in the rows' order. What was committed must have been read before.
    pub(crate) async fn measure(&self, rows: Vec<Row>) -> Vec<Option<RowLag>> {
        let unknown = vec![None; rows.len()];
        let (reply, answer) = oneshot::channel();
        if self.mailbox.send(Ask { rows, reply }).await.is_err() {
            return unknown;
        }
        // The broker stops.
        answer.await.unwrap_or(unknown)
    }
}

/// Measures until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    let Some(mut asked) = broker.lag.asked.lock().take() else { return };
    let every = broker.settings().lag.interval;
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut surveyor = Surveyor {
        broker: &broker,
        watched: Watched::new(WATCHED_MAX, every / 2),
        leaders: Leaders::default(),
    };
    loop {
        let work = async {
            tokio::select! {
                biased;
                _ = ticks.tick() => surveyor.round().await,
                ask = asked.recv() => match ask {
                    Some(first) => surveyor.answer(first, &mut asked).await,
                    None => std::future::pending().await,
                },
            }
        };
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = work => {}
        }
    }
}

struct Surveyor<'a> {
    broker: &'a Arc<Broker>,
    watched: Watched,
    leaders: Leaders,
}

impl Surveyor<'_> {
    /// Reads what is committed, then where the logs begin and end, and tells it.
    async fn round(&mut self) {
        let Surveyed { shards, left_out } = survey::all(self.broker).await;
        self.watched.begin();
        for group in shards.values().flatten().flatten() {
            for topic in &group.offsets {
                for (partition, _) in &topic.partitions {
                    self.watched.want(&topic.topic, *partition);
                }
            }
        }
        // What was not heard of is not known to be unwanted.
        if shards.values().all(Option::is_some) {
            self.watched.sweep();
        }
        let wanted = self.watched.all().map(|(topic, partitions)| (topic.clone(), partitions.collect()));
        let wanted = wanted.collect();
        self.leaders.measure(self.broker, wanted, &mut self.watched).await;
        let before = self.broker.lag.latest(self.broker);
        let told = told::tell(self.broker, &self.watched, &shards, left_out, &before).await;
        self.broker.lag.latest.store(Arc::new(told));
    }

    /// Measures for all that wait.
    async fn answer(&mut self, first: Ask, asked: &mut mpsc::Receiver<Ask>) {
        let mut asks = vec![first];
        while asks.len() < MAILBOX_MAX
            && let Ok(ask) = asked.try_recv()
        {
            asks.push(ask);
        }
        let mut wanted = leaders::Wanted::new();
        for row in asks.iter().flat_map(|ask| &ask.rows) {
            if self.watched.want(&row.topic, row.partition) {
                wanted.entry(row.topic.clone()).or_default().insert(row.partition);
            }
        }
        let begun = self.broker.clock().mono();
        self.leaders.measure(self.broker, wanted, &mut self.watched).await;
        let now = self.broker.clock().mono();
        for Ask { rows, reply } in asks {
            let lag = |row: &Row| {
                let (bounds, at) = self.watched.bounds(&row.topic, row.partition)?;
                let age = (at < begun).then(|| now.since(at));
                let lag = row.committed.and_then(|at| self.watched.lag(&row.topic, row.partition, at, now));
                Some(RowLag { bounds, age, lag })
            };
            // Whoever asked may be gone: a closed connection.
            let _ = reply.send(rows.iter().map(lag).collect());
        }
    }
}
