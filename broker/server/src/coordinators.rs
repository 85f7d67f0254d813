//! The coordinators of this broker: one shard for each partition of an internal topic that it leads.
//!
//! ```text
//! metadata ─► lead, resign ─► a seat for each partition that is led here
//! API ─► ask ─► mailbox ─► task: Driver<S> ─► batches ─► the partition's log
//!                            ▲                              │
//!                            └─ committed (high watermark) ─┘
//! ```
//!
//! A task begins by reading the partition's log: until it has, whoever asks is told so. It ends when this broker leads
//! no longer, and what it knew is dropped. Invariants: a seat is of one leader epoch; an earlier epoch's task can write
//! nothing more once the partition leads in a later one, for the log asks for the epoch; mailboxes are bounded.

mod hosted;
mod load;
mod place;
mod seat;
mod task;
mod write;

use std::{collections::BTreeMap, sync::Arc};

use broker_coordinator::Refused;
use broker_types::{LeaderEpoch, PartitionId};
use parking_lot::RwLock;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::seat::{Ask, Phase, Seat, Vacant};
pub(crate) use self::{
    hosted::{Entry, Hosted, Keeping, Marker, Place, Unencodable, Unreadable},
    place::partition_of,
};
use crate::{
    broker::Broker,
    partition::{Grounds, Partition},
    tasks::TaskKind,
};

/// How many questions wait for one shard at most; whoever asks more waits with its connection.
const MAILBOX_MAX: usize = 1_000;

/// Why a coordinator does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CoordinatorError {
    /// Another broker leads the partition, or nobody does.
    #[error("This is not the correct coordinator.")]
    NotHere,
    /// It reads its log.
    #[error("The coordinator is loading and hence can't process requests.")]
    Loading,
    /// The log took nothing, or did not commit in time.
    #[error("The coordinator is not available.")]
    Unavailable,
    /// The log takes no record of that size.
    #[error("The request included a record larger than the log takes.")]
    TooLarge,
}

impl From<Refused> for CoordinatorError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotLeader => Self::NotHere,
            Refused::NotWritten(broker_coordinator::Unwritten::TooLarge) => Self::TooLarge,
            Refused::Busy | Refused::NotWritten(_) | Refused::TimedOut => Self::Unavailable,
        }
    }
}

/// All shards of one internal topic on this broker.
#[derive(Debug)]
pub(crate) struct Coordinators<S: Hosted> {
    seats: RwLock<BTreeMap<PartitionId, Seat<S>>>,
    is_new: Notify,
}

impl<S: Hosted> Default for Coordinators<S> {
    fn default() -> Self {
        Self { seats: RwLock::default(), is_new: Notify::new() }
    }
}

impl<S: Hosted> Coordinators<S> {
    /// This broker leads the partition in `epoch`; that it led in it before changes nothing.
    pub(crate) fn lead(&self, partition: &Arc<Partition>, epoch: LeaderEpoch) {
        let index = partition.id().partition;
        let mut seats = self.seats.write();
        if seats.get(&index).is_some_and(|seat| seat.epoch == epoch) {
            return;
        }
        let (mailbox, asked) = mpsc::channel(MAILBOX_MAX);
        let phase = Arc::new(Phase::default());
        let stop = CancellationToken::new();
        let vacant = Vacant {
            partition: Arc::clone(partition),
            epoch,
            asked,
            phase: Arc::clone(&phase),
            stop: stop.clone(),
        };
        // The seat before it is dropped, which stops its task.
        seats.insert(
            index,
            Seat {
                epoch,
                mailbox,
                phase,
                gone: stop.clone(),
                _guard: stop.drop_guard(),
                vacant: Some(vacant),
            },
        );
        self.is_new.notify_one();
    }

    /// This broker does not lead the partition.
    pub(crate) fn resign(&self, index: PartitionId) {
        if self.seats.read().contains_key(&index) {
            self.seats.write().remove(&index);
        }
    }

    /// Asks the shard of one partition.
    pub(crate) async fn ask(
        &self,
        index: PartitionId,
        request: S::Request,
    ) -> Result<S::Response, CoordinatorError> {
        self.send(index, request, Grounds::default()).await?.get().await
    }

    /// Asks the shard of one partition, and does not wait for its answer yet. What belongs to a transaction in what it
    /// has written, belongs to it on these grounds.
    pub(crate) async fn send(
        &self,
        index: PartitionId,
        request: S::Request,
        grounds: Grounds,
    ) -> Result<Answer<S>, CoordinatorError> {
        let mailbox = self.mailbox(index, None)?;
        Answer::ask(&mailbox, request, grounds).await
    }

    /// Asks a shard that is still led in the same epoch, once it has read its log.
    pub(crate) async fn ask_at(
        &self,
        place: Place,
        request: S::Request,
    ) -> Result<S::Response, CoordinatorError> {
        self.loaded(place.partition).await?;
        self.ask_if_loaded(place, request).await
    }

    /// Asks a shard that is still led in the same epoch, if it has read its log.
    pub(crate) async fn ask_if_loaded(
        &self,
        place: Place,
        request: S::Request,
    ) -> Result<S::Response, CoordinatorError> {
        let mailbox = self.mailbox(place.partition, Some(place.epoch))?;
        Answer::ask(&mailbox, request, Grounds::default()).await?.get().await
    }

    /// Tells the shard of one partition something, once it has read its log; nothing when it goes before that.
    pub(crate) async fn tell(&self, index: PartitionId, request: S::Request) {
        if self.loaded(index).await.is_err() {
            return;
        }
        if let Err(error) = self.ask(index, request).await {
            tracing::debug!(topic = S::TOPIC, partition = %index, %error, "a coordinator was not told");
        }
    }

    /// Waits until a shard has read its log.
    async fn loaded(&self, index: PartitionId) -> Result<(), CoordinatorError> {
        let found = self.seats.read().get(&index).map(|seat| (Arc::clone(&seat.phase), seat.gone.clone()));
        let (phase, gone) = found.ok_or(CoordinatorError::NotHere)?;
        tokio::select! {
            biased;
            () = phase.loaded() => Ok(()),
            () = gone.cancelled() => Err(CoordinatorError::NotHere),
        }
    }

    fn mailbox(
        &self,
        index: PartitionId,
        epoch: Option<LeaderEpoch>,
    ) -> Result<mpsc::Sender<Ask<S>>, CoordinatorError> {
        let seats = self.seats.read();
        let seat = seats.get(&index).ok_or(CoordinatorError::NotHere)?;
        if epoch.is_some_and(|epoch| epoch != seat.epoch) {
            return Err(CoordinatorError::NotHere);
        }
        if seat.phase.is_loading() { Err(CoordinatorError::Loading) } else { Ok(seat.mailbox.clone()) }
    }

    /// The partitions that have a shard here, by index.
    pub(crate) fn led(&self) -> Vec<PartitionId> {
        self.seats.read().keys().copied().collect()
    }

    /// The shards that are here, by partition.
    pub(crate) fn places(&self) -> Vec<Place> {
        let seats = self.seats.read();
        seats.iter().map(|(partition, seat)| Place { partition: *partition, epoch: seat.epoch }).collect()
    }

    /// Whether the shard is led here still, in the same epoch.
    pub(crate) fn is_led(&self, place: Place) -> bool {
        self.seats.read().get(&place.partition).is_some_and(|seat| seat.epoch == place.epoch)
    }

    fn take_vacant(&self) -> Vec<Vacant<S>> {
        self.seats.write().values_mut().filter_map(|seat| seat.vacant.take()).collect()
    }

    /// Sees to it that every seat has its task, until the broker drains.
    pub(crate) async fn run(broker: Arc<Broker>, of: fn(&Broker) -> &Self, draining: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = draining.cancelled() => return,
                () = of(&broker).is_new.notified() => {}
            }
            for vacant in of(&broker).take_vacant() {
                let place = Place { partition: vacant.partition.id().partition, epoch: vacant.epoch };
                S::accompany(&broker, place, vacant.stop.clone());
                let task = task::run(Arc::clone(&broker), vacant, draining.clone());
                broker.tasks().spawn(TaskKind::Coordinator, task);
            }
        }
    }
}

/// The answer to a question that was asked.
#[derive(Debug)]
pub(crate) struct Answer<S: Hosted>(oneshot::Receiver<Result<S::Response, Refused>>);

impl<S: Hosted> Answer<S> {
    // A task that ended takes its mailbox with it: the lead was lost, or an assertion failed.
    async fn ask(
        mailbox: &mpsc::Sender<Ask<S>>,
        request: S::Request,
        grounds: Grounds,
    ) -> Result<Self, CoordinatorError> {
        let (reply, answer) = oneshot::channel();
        mailbox
            .send(Ask { request, came: Instant::now(), grounds, reply })
            .await
            .map_err(|_| CoordinatorError::NotHere)?;
        Ok(Self(answer))
    }

    /// Waits for it.
    pub(crate) async fn get(self) -> Result<S::Response, CoordinatorError> {
        Ok(self.0.await.map_err(|_| CoordinatorError::NotHere)??)
    }
}
