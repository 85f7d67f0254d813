//! What the controller must know of this broker's log directories: which of them holds which replica, where it does not
//! know or knows otherwise (KIP-858), and which take no new replicas (KIP-1066).
//!
//! With one directory there is nothing to tell of replicas: the controller knows where they are when it places them.
//! A replica that moves counts as where it goes once its copy there is whole, before it is served from there.
//! Invariant: what is told is what the image does not say yet, so that a lost answer is made good by the next look.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use broker_metadata::{Image, MetadataVersion};
use broker_node::Event;
use broker_protocol::{
    ErrorCode,
    messages::{
        AssignReplicasToDirsRequest, AssignReplicasToDirsResponse,
        assign_replicas_to_dirs_request::{DirectoryData, PartitionData, TopicData},
    },
};
use broker_types::{BrokerEpoch, DirectoryId, PartitionId, TopicId};
use tokio_util::sync::CancellationToken;

use crate::{
    api::assign_replicas_to_dirs,
    broker::Broker,
    forward::{self, Route},
};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Replicas in one request, as Kafka's.
const REPLICAS_MAX: usize = 2_250;
/// The key of the directories that take no new replicas; `*` stands for all.
const CORDONED: &str = "cordoned.log.dirs";

/// Replicas whose directory the controller does not know, by directory.
type Unknown = BTreeMap<DirectoryId, BTreeMap<TopicId, Vec<PartitionId>>>;

/// Tells until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let image = broker.image();
        let Some(epoch) = broker.broker_epoch() else { continue };
        cordon(&broker, &image);
        let unknown = unknown(&broker, &image);
        if unknown.is_empty() {
            continue;
        }
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = assign(&broker, request(&broker, epoch, unknown)) => {}
        }
    }
}

/// The replicas that are elsewhere than the image says, or are about to be.
fn unknown(broker: &Broker, image: &Image) -> Unknown {
    let mut unknown = Unknown::new();
    let directories = &broker.directories;
    let is_sole = directories.online.len() + directories.failed_at_start.len() < 2;
    if is_sole || image.metadata_version() < MetadataVersion::DIRECTORIES {
        return unknown;
    }
    let mut count = 0;
    for partition in broker.partitions().all() {
        let key = partition.key();
        let registered = image.topics().partition(key.topic, key.partition);
        let known = registered.and_then(|registered| registered.directory(broker.id()));
        let Some(known) = known else { continue };
        let told = partition.told_directory(known);
        if known != told && count < REPLICAS_MAX {
            count += 1;
            unknown.entry(told).or_default().entry(key.topic).or_default().push(key.partition);
        }
    }
    unknown
}

fn request(broker: &Broker, epoch: BrokerEpoch, unknown: Unknown) -> AssignReplicasToDirsRequest {
    let partition = |index: PartitionId| PartitionData { partition_index: index.get() };
    let topic = |(id, partitions): (TopicId, Vec<PartitionId>)| TopicData {
        topic_id: id.uuid(),
        partitions: partitions.into_iter().map(partition).collect(),
    };
    let directory = |(id, topics): (DirectoryId, BTreeMap<TopicId, Vec<PartitionId>>)| DirectoryData {
        id: id.uuid(),
        topics: topics.into_iter().map(topic).collect(),
    };
    AssignReplicasToDirsRequest {
        broker_id: broker.id().get(),
        broker_epoch: epoch.get(),
        directories: unknown.into_iter().map(directory).collect(),
    }
}

async fn assign(broker: &Broker, request: AssignReplicasToDirsRequest) {
    let refused = |answer: &AssignReplicasToDirsResponse| {
        ErrorCode::from_code(answer.error_code).unwrap_or(ErrorCode::UnknownServerError)
    };
    let answer = match forward::ask(broker, &request, refused).await {
        Route::Answered(answer) => answer,
        Route::Here => assign_replicas_to_dirs::decide(broker, &request).await,
        Route::Unanswered(code) => {
            tracing::info!(?code, "no controller was told which directories hold which replicas");
            return;
        }
    };
    if refused(&answer) != ErrorCode::None {
        tracing::warn!(code = ?refused(&answer), "the controller does not take which directories hold which replicas");
    }
}

/// Takes up which directories are cordoned, and tells the node's machine when that changed.
fn cordon(broker: &Broker, image: &Image) {
    if image.metadata_version() < MetadataVersion::LATEST {
        return;
    }
    let values = broker.configs().merged(image);
    let paths: Vec<_> = values
        .get(CORDONED)
        .into_iter()
        .flat_map(|list| list.split(',').map(str::trim))
        .filter(|path| !path.is_empty())
        .collect();
    let mut has_changed = false;
    let mut cordoned = Vec::new();
    for directory in &broker.directories.online {
        let path = directory.path();
        let is_cordoned = paths.iter().any(|named| *named == "*" || path == std::path::Path::new(named));
        has_changed |= directory.set_cordoned(is_cordoned);
        if is_cordoned {
            cordoned.push(directory.id());
        }
    }
    if has_changed {
        tracing::info!(directories = ?paths, "these log directories take no new replicas now");
        broker.quorum().tell_node(Event::Cordoned(cordoned));
    }
}
