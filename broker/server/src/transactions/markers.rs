//! The markers that the coordinators here have to get written, wherever the partitions are led.
//!
//! A task beside each shard asks it for markers and puts them into the outboxes of the leaders; one task for each leader
//! sends what waits for it in one request, says what was written, and tries the rest again, for ever. Invariants: an outbox
//! holds no more than the shards here have pending; a marker that nobody coordinates here any more is dropped, for another
//! coordinator writes it.

mod outbox;
mod send;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use broker_txn::{AwaitMarkers, MarkersWritten, Partitions, PendingMarkers, Request, Response};
use broker_types::BrokerId;
use parking_lot::Mutex;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use self::outbox::Outbox;
use super::completions::Completions;
use crate::{
    broker::Broker,
    coordinators::{CoordinatorError, Place},
    tasks::TaskKind,
};

/// The pause before something that failed is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The outboxes, one for each broker that leads something.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    outboxes: Mutex<BTreeMap<BrokerId, Arc<Outbox>>>,
    /// News of transactions that are complete.
    pub(crate) completions: Completions,
}

/// Markers of one transaction for one leader.
#[derive(Clone, Debug)]
struct Owed {
    place: Place,
    markers: Arc<PendingMarkers>,
    partitions: Partitions,
}

/// Takes what a shard has pending to the outboxes, until the shard is led here no more.
pub(super) async fn hand_on(broker: Arc<Broker>, place: Place, gone: CancellationToken) {
    let draining = broker.tasks().draining();
    tokio::select! {
        biased;
        () = draining.cancelled() => {}
        () = gone.cancelled() => {}
        () = hand_on_for_ever(&broker, place) => {}
    }
}

async fn hand_on_for_ever(broker: &Arc<Broker>, place: Place) {
    let mut after = None;
    loop {
        let await_markers = Request::AwaitMarkers(AwaitMarkers { epoch: place.epoch, after });
        match broker.transactions.ask_at(place, await_markers).await {
            Ok(Response::AwaitMarkers(markers)) => {
                for markers in markers {
                    after = Some(markers.number);
                    let partitions = markers.partitions.clone();
                    route(broker, Owed { place, markers: Arc::new(markers), partitions });
                }
            }
            Ok(other) => tracing::error!(?other, "a coordinator answers something else than was asked"),
            // It reads its log anew, or was not able to write; what it names then begins where this is.
            Err(_) => sleep(RETRY_PAUSE).await,
        }
    }
}

/// Puts markers where the leaders of their partitions are. A partition that is gone needs none; one without a leader waits
/// in this broker's own outbox.
fn route(broker: &Arc<Broker>, owed: Owed) {
    let image = broker.image();
    let mut by_leader: BTreeMap<Option<BrokerId>, Partitions> = BTreeMap::new();
    let mut gone = Partitions::default();
    for (topic, index) in owed.partitions.iter() {
        match image.topics().find(topic.as_str()).and_then(|topic| topic.partition(index)) {
            Some(partition) => by_leader.entry(partition.leader).or_default().insert(topic, index),
            None => gone.insert(topic, index),
        }
    }
    if !gone.is_empty() {
        tracing::info!(
            id = owed.markers.id.as_str(),
            partitions = gone.len(),
            "partitions of a transaction are gone; they need no markers"
        );
        say_written(broker, owed.place, vec![owed.written(gone)]);
    }
    for (leader, partitions) in by_leader {
        let owed = Owed { partitions, ..owed.clone() };
        match leader {
            Some(leader) => outbox(broker, leader).put(owed),
            None => outbox(broker, broker.id()).put_later(owed),
        }
    }
}

fn outbox(broker: &Arc<Broker>, leader: BrokerId) -> Arc<Outbox> {
    let mut outboxes = broker.markers.outboxes.lock();
    Arc::clone(outboxes.entry(leader).or_insert_with(|| {
        let outbox = Arc::new(Outbox::default());
        let task = send::run(Arc::clone(broker), leader, Arc::clone(&outbox), broker.tasks().draining());
        broker.tasks().spawn(TaskKind::Markers, task);
        outbox
    }))
}

/// Tells the shard, as often as it takes: without it a transaction would never be complete.
fn say_written(broker: &Arc<Broker>, place: Place, written: Vec<MarkersWritten>) {
    let (own, draining) = (Arc::clone(broker), broker.tasks().draining());
    let telling = async move {
        for written in written {
            let id = written.id.clone();
            while let Err(error) =
                own.transactions.ask_at(place, Request::MarkersWritten(written.clone())).await
            {
                if error == CoordinatorError::NotHere {
                    return;
                }
                tracing::debug!(id = id.as_str(), %error, "a coordinator did not hear that markers are written");
                sleep(RETRY_PAUSE).await;
            }
            own.markers.completions.tell(&id);
        }
    };
    broker.tasks().spawn(TaskKind::Coordinator, async move {
        tokio::select! {
            biased;
            () = draining.cancelled() => {}
            () = telling => {}
        }
    });
}

impl Owed {
    fn written(&self, partitions: Partitions) -> MarkersWritten {
        let PendingMarkers { number, id, coordinator_epoch, .. } = &*self.markers;
        MarkersWritten { number: *number, epoch: *coordinator_epoch, id: id.clone(), partitions }
    }
}
