//! What waits for one leader.

use std::collections::{BTreeSet, VecDeque};

use broker_types::ProducerId;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Owed, RETRY_PAUSE};

/// The most transactions in one request.
const BATCH_MAX: usize = 1_000;
/// And about the most partitions.
const BATCH_PARTITIONS_MAX: usize = 10_000;

/// Markers for one leader, and those that are routed anew after a pause.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    ready: VecDeque<Owed>,
    later: Vec<Owed>,
    due: Option<Instant>,
}

/// What a task is to do.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// To be sent in one request: of each producer one transaction, for answers name no more than the producer.
    pub(super) batch: Vec<Owed>,
    /// To be routed anew.
    pub(super) rerouted: Vec<Owed>,
}

impl Outbox {
    pub(super) fn put(&self, owed: Owed) {
        self.waiting.lock().ready.push_back(owed);
        self.changed.notify_one();
    }

    pub(super) fn put_later(&self, owed: Owed) {
        let mut waiting = self.waiting.lock();
        waiting.later.push(owed);
        waiting.due.get_or_insert_with(|| Instant::now() + RETRY_PAUSE);
        self.changed.notify_one();
    }

    /// Waits until there is something to do.
    pub(super) async fn take(&self) -> Taken {
        loop {
            let due = {
                let mut waiting = self.waiting.lock();
                let taken = waiting.take();
                if !taken.batch.is_empty() || !taken.rerouted.is_empty() {
                    return taken;
                }
                waiting.due
            };
            let is_due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.changed.notified() => {}
                () = is_due => {}
            }
        }
    }
}

impl Waiting {
    fn take(&mut self) -> Taken {
        let mut taken = Taken::default();
        if self.due.is_some_and(|due| due <= Instant::now()) {
            self.due = None;
            taken.rerouted = std::mem::take(&mut self.later);
        }
        let (mut producers, mut partitions) = (BTreeSet::<ProducerId>::new(), 0);
        let mut kept = VecDeque::new();
        while taken.batch.len() < BATCH_MAX && partitions < BATCH_PARTITIONS_MAX {
            let Some(owed) = self.ready.pop_front() else { break };
            if producers.insert(owed.markers.producer.id) {
                partitions += owed.partitions.len();
                taken.batch.push(owed);
            } else {
                kept.push_back(owed);
            }
        }
        kept.append(&mut self.ready);
        self.ready = kept;
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use broker_txn::{MarkerNumber, Partitions, PendingMarkers};
    use broker_types::{
        LeaderEpoch, PartitionId, Producer, ProducerEpoch, TopicName, TransactionResult, TransactionVersion,
        TransactionalId,
    };

    use super::*;
    use crate::coordinators::Place;

    fn owed(number: u64, producer: i64) -> Owed {
        let epoch = LeaderEpoch::new(3);
        let mut partitions = Partitions::default();
        partitions.insert(&TopicName::new("a"), PartitionId::new(0));
        let markers = PendingMarkers {
            number: MarkerNumber::new(number),
            id: TransactionalId::new("t"),
            producer: Producer { id: ProducerId::new(producer), epoch: ProducerEpoch::new(0) },
            result: TransactionResult::Commit,
            coordinator_epoch: epoch,
            client_version: TransactionVersion::V2,
            partitions: partitions.clone(),
        };
        Owed {
            place: Place { partition: PartitionId::new(7), epoch },
            markers: Arc::new(markers),
            partitions,
        }
    }

    fn numbers(owed: &[Owed]) -> Vec<u64> {
        owed.iter().map(|owed| owed.markers.number.get()).collect()
    }

    #[tokio::test]
    async fn a_request_names_a_producer_once() {
        let outbox = Outbox::default();
        for (number, producer) in [(1, 10), (2, 11), (3, 10), (4, 12)] {
            outbox.put(owed(number, producer));
        }
        assert_eq!(numbers(&outbox.take().await.batch), [1, 2, 4]);
        assert_eq!(numbers(&outbox.take().await.batch), [3]);
    }

    #[tokio::test]
    async fn what_failed_is_routed_anew_and_holds_up_nobody() {
        let outbox = Outbox::default();
        outbox.put_later(owed(1, 10));
        outbox.put(owed(2, 11));
        let taken = outbox.take().await;
        assert_eq!((numbers(&taken.batch), taken.rerouted.len()), (vec![2], 0));
        let before = Instant::now();
        let taken = outbox.take().await;
        assert_eq!((taken.batch.len(), numbers(&taken.rerouted)), (0, vec![1]));
        assert!(before.elapsed() >= RETRY_PAUSE, "it waited");
    }

    #[tokio::test]
    async fn a_request_is_bounded() {
        let outbox = Outbox::default();
        for producer in 0..1_500 {
            outbox.put(owed(1, producer));
        }
        assert_eq!(outbox.take().await.batch.len(), BATCH_MAX);
        assert_eq!(outbox.take().await.batch.len(), 500);
    }
}
