//! Makes the local partitions follow the metadata image: creates, opens, leads, deletes.

mod adopt;

use std::{
    collections::{BTreeSet, HashMap},
    io::ErrorKind,
    sync::{Arc, atomic::Ordering},
};

use broker_metadata::{ConfigResourceType, Delta, Image, Partition as Registered, Topic, TopicDelta};
use broker_replication::{Peer, Settings};
use broker_types::{BrokerId, DirectoryId, PartitionId, TopicPartition};
use tokio::sync::watch;

use crate::{
    broker::Broker,
    connections,
    forward::ActiveController,
    groups::OFFSETS_TOPIC,
    partition::{Lead, Partition},
    quorum::{Events, NodeNews, QuorumDiskError},
    transactions::TRANSACTION_TOPIC,
    view,
};

pub(crate) use self::adopt::FoundLog;

/// Producers, and deletions, that may wait for the replicas of one partition.
const WAITING_MAX: usize = 10_000;

/// Follows the quorum for a broker. Called on the quorum's thread.
///
/// Invariant: no log is looked up in metadata that may be old: the logs that were found wait until the broker has seen its
/// own registration.
pub(crate) struct Follower {
    broker: Arc<Broker>,
    news: watch::Sender<Option<NodeNews>>,
    /// There until they are taken into service.
    found: Option<Vec<FoundLog>>,
}

impl Follower {
    pub(crate) fn new(
        broker: Arc<Broker>,
        news: watch::Sender<Option<NodeNews>>,
        found: Vec<FoundLog>,
    ) -> Self {
        Self { broker, news, found: Some(found) }
    }

    /// Takes the logs that were found into service, and makes the partitions that lack one.
    fn take_up(&mut self) {
        let Some(found) = self.found.take() else { return };
        let image = self.broker.image();
        adopt::adopt(&self.broker, &image, found);
        follow_all(&self.broker, &image);
        self.broker.has_taken_up.store(true, Ordering::Release);
    }
}

impl Events for Follower {
    fn published(&mut self, image: Arc<Image>, delta: &Delta) {
        if self.found.is_none() {
            follow(&self.broker, &image, delta);
        }
        if !delta.client_quotas().is_empty() {
            follow_quotas(&self.broker, &image);
        }
        if let Some(offset) = image.last_offset() {
            self.broker.metrics.metadata_offset.set(offset.get());
        }
        let before = self.broker.image.swap(Arc::clone(&image));
        if self.broker.settings.roles().is_broker() {
            // Whoever is told looks at the new image.
            self.broker.topic_news.note(&before, &image, delta);
        }
        self.broker.moves.image_changed();
        self.broker.suspects.image_changed();
    }

    fn caught_up(&mut self) {
        self.broker.authorizer().loaded();
    }

    fn lead_moved(&mut self, active: Option<ActiveController>) {
        self.broker.controllers.lead_moved(active);
    }

    fn node(&mut self, news: NodeNews) {
        match news {
            NodeNews::CaughtUp(epoch) => {
                self.broker.epoch.store(epoch.get(), Ordering::Release);
                self.take_up();
            }
            NodeNews::Ready | NodeNews::MayStop => {}
            NodeNews::GaveUp => self.broker.tasks.drain(),
        }
        self.news.send_replace(Some(news));
    }

    fn failed(&mut self, _error: &QuorumDiskError) {
        self.broker.tasks.drain();
    }
}

/// Everything that an image says of this broker's partitions; at the start.
fn follow_all(broker: &Broker, image: &Image) {
    follow_limits(broker, image);
    follow_quotas(broker, image);
    let topics: Vec<&Topic> = image.topics().by_id().values().collect();
    host(broker, image, &topics, |_| None);
}

fn follow(broker: &Broker, image: &Image, delta: &Delta) {
    let mut changed = Vec::new();
    let mut only: HashMap<_, &BTreeSet<PartitionId>> = HashMap::new();
    for (id, change) in delta.topics() {
        match change {
            TopicDelta::Deleted(_) => delete(broker, *id),
            TopicDelta::Created => changed.extend(image.topics().get(*id)),
            TopicDelta::Changed(partitions) => {
                only.insert(*id, partitions);
                changed.extend(image.topics().get(*id));
            }
        }
    }
    host(broker, image, &changed, |topic| only.get(&topic.id()).copied());
    tell_of_peers(broker, image, delta);
    follow_configs(broker, image, delta);
}

/// As if the quorum had published `image`.
#[cfg(test)]
pub(crate) fn published(broker: &Broker, image: Image) {
    let delta = Delta::between(&broker.image(), &image);
    follow(broker, &image, &delta);
    broker.image.store(Arc::new(image));
}

/// Creates the replicas that are missing here, and tells all of them who leads.
fn host<'a>(
    broker: &Broker,
    image: &Image,
    topics: &[&'a Topic],
    only: impl Fn(&Topic) -> Option<&'a BTreeSet<PartitionId>>,
) {
    let mut created = Vec::new();
    let mut placed = Placed::count(broker);
    for topic in topics {
        let hosted = broker.partitions.topic_by_id(topic.id());
        let only = only(topic);
        let mut settings = None;
        for (index, registered) in view::partitions(topic) {
            if only.is_some_and(|only| !only.contains(&index)) {
                continue;
            }
            if !registered.replicas.contains(&broker.id()) {
                if let Some(moved) = broker.partitions.remove_replica(topic.id(), index) {
                    tracing::info!(partition = %moved.id(), "the replica belongs to other brokers now");
                    discard(broker, &moved);
                }
                continue;
            }
            let partition = hosted.as_ref().and_then(|hosted| hosted.partition(index)).or_else(|| {
                let settings = settings
                    .get_or_insert_with(|| Arc::new(broker.configs.of_topic(image, topic.name().as_str())));
                let assigned = registered.directory(broker.id());
                let partition = create(broker, topic, index, assigned, settings, &mut placed)?;
                created.push(Arc::clone(&partition));
                Some(partition)
            });
            let Some(partition) = partition else { continue };
            take_role(broker, image, &partition, registered);
        }
    }
    if !created.is_empty() {
        broker.partitions.add(created);
        broker.metrics.partitions.set(i64::try_from(broker.partitions.count()).unwrap_or(i64::MAX));
    }
}

/// Leads or follows, as the image says.
fn take_role(broker: &Broker, image: &Image, partition: &Arc<Partition>, registered: &Registered) {
    let (now, fetchers) = (broker.clock.now(), broker.partitions.fetchers());
    if registered.leader != Some(broker.id()) {
        resign(broker, partition);
    }
    match registered.leader {
        Some(leader) if leader == broker.id() => {
            fetchers.leave(partition.key());
            partition.lead(now, leadership(broker, image, registered));
            match partition.id().topic.as_str() {
                OFFSETS_TOPIC => broker.groups.lead(partition, registered.leader_epoch),
                TRANSACTION_TOPIC => broker.transactions.lead(partition, registered.leader_epoch),
                _ => {}
            }
        }
        Some(leader) => {
            partition.follow(now, registered.leader_epoch);
            fetchers.follow(partition, leader);
        }
        None => {
            fetchers.leave(partition.key());
            partition.follow(now, registered.leader_epoch);
        }
    }
}

/// Coordinates nothing of the partition, if it ever did.
fn resign(broker: &Broker, partition: &Partition) {
    match partition.id().topic.as_str() {
        OFFSETS_TOPIC => broker.groups.resign(partition.id().partition),
        TRANSACTION_TOPIC => broker.transactions.resign(partition.id().partition),
        _ => {}
    }
}

/// Tells leaders here of brokers that were fenced, unfenced, registered anew or are about to stop.
fn tell_of_peers(broker: &Broker, image: &Image, delta: &Delta) {
    let now = broker.clock.now();
    let others = delta.brokers().iter().filter(|id| **id != broker.id());
    let peers: Vec<_> = others.map(|id| peer(image, *id)).collect();
    if peers.is_empty() {
        return;
    }
    for partition in broker.partitions.all() {
        peers.iter().for_each(|peer| partition.peer_changed(now, *peer));
    }
}

/// Another broker, as the image has it.
fn peer(image: &Image, id: BrokerId) -> Peer {
    let known = image.cluster().broker(id).filter(|known| known.is_active());
    Peer { broker: id, eligible: known.map(|known| known.epoch) }
}

/// What the image says of a leadership of this broker.
fn leadership(broker: &Broker, image: &Image, registered: &Registered) -> Lead {
    Lead {
        epoch: registered.leader_epoch,
        partition_epoch: registered.partition_epoch,
        isr: registered.isr.iter().copied().collect(),
        peers: registered
            .replicas
            .iter()
            .filter(|id| **id != broker.id())
            .map(|id| peer(image, *id))
            .collect(),
    }
}

/// How a replica on this broker is set up.
fn replica_settings(broker: &Broker) -> Settings {
    Settings {
        me: broker.id(),
        lag_max: broker.settings.config.replication.lag_time_max,
        waiting_max: WAITING_MAX,
    }
}

/// How many replicas each directory holds, counted once for many placements.
struct Placed(HashMap<DirectoryId, usize>);

impl Placed {
    fn count(broker: &Broker) -> Self {
        let mut counts = HashMap::new();
        if broker.directories.online.len() > 1 {
            for partition in broker.partitions.all() {
                *counts.entry(partition.directory().id()).or_default() += 1;
            }
        }
        Self(counts)
    }
}

fn create(
    broker: &Broker,
    topic: &Topic,
    index: PartitionId,
    assigned: Option<DirectoryId>,
    settings: &Arc<crate::topic_settings::TopicSettings>,
    placed: &mut Placed,
) -> Option<Arc<Partition>> {
    let id = TopicPartition::new(topic.name().clone(), index);
    let asked_for = broker.moves.take_preferred(&id);
    let mut full = Vec::new();
    loop {
        let replicas_in = |id| placed.0.get(&id).copied().unwrap_or(0);
        let directory = broker.directories.place(&[assigned, asked_for], &full, replicas_in)?;
        let now = broker.clock.wall();
        let config = settings.log.clone();
        match directory.log_directory().create_log(id.clone(), Some(topic.id()), config, now) {
            Ok(log) => {
                *placed.0.entry(directory.id()).or_default() += 1;
                let settings = Arc::clone(settings);
                let (directory, replica) = (Arc::clone(directory), replica_settings(broker));
                let proposals = Arc::clone(broker.partitions.proposals());
                let partition = Partition::new(id, topic.id(), directory, settings, replica, proposals, log);
                return Some(Arc::new(partition));
            }
            Err(error) => {
                tracing::error!(partition = %id, %error, "the partition could not be created");
                match error.source.kind() {
                    // A folder of that name is there: this partition cannot be served, the others can.
                    ErrorKind::AlreadyExists => return None,
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => full.push(directory.id()),
                    _ => {
                        directory.fail(&error);
                        return None;
                    }
                }
            }
        }
    }
}

fn delete(broker: &Broker, topic: broker_types::TopicId) {
    for partition in broker.partitions.remove(topic) {
        discard(broker, &partition);
    }
    broker.metrics.partitions.set(i64::try_from(broker.partitions.count()).unwrap_or(i64::MAX));
}

/// Takes a replica out of service; its files go later.
fn discard(broker: &Broker, partition: &Partition) {
    broker.partitions.fetchers().leave(partition.key());
    resign(broker, partition);
    broker.moves.cancel(broker, partition);
    let directory = partition.directory();
    match partition.delete(broker.clock.now(), unique(broker)) {
        Ok(None) => {}
        Ok(Some(job)) => {
            let clock = broker.clock;
            broker.graveyard.add(job, clock.mono().plus(partition.settings().log.file_delete_delay));
        }
        Err(error) => directory.fail(&error),
    }
}

/// The limits of connections, and the rates of throttles, as the file and the cluster set them.
fn follow_limits(broker: &Broker, image: &Image) {
    let properties = broker.configs.merged(image);
    broker.throttles.follow(&properties);
    let dynamic = broker.configs.dynamic(image);
    broker.sasl().follow(&broker.settings().config.reconfigured(&dynamic.cluster, &dynamic.broker).0);
    for of_controllers in [false, true] {
        if let Err(error) = broker.connections(of_controllers).follow(&properties) {
            tracing::warn!(%error, "the limits of connections stay as they were");
        }
    }
}

/// Quotas hold from the next request and the next connection on.
fn follow_quotas(broker: &Broker, image: &Image) {
    broker.quotas.follow(image.client_quotas());
    for of_controllers in [false, true] {
        connections::follow_quotas(&broker.tasks, broker.connections(of_controllers), image.client_quotas());
    }
}

/// Dynamic configs hold from the next append on.
fn follow_configs(broker: &Broker, image: &Image, delta: &Delta) {
    let mut all = false;
    let mut topics = BTreeSet::new();
    for resource in delta.configs() {
        match resource.kind {
            ConfigResourceType::Topic => {
                topics.insert(resource.name.to_string());
            }
            ConfigResourceType::Broker => all = true,
            _ => {}
        }
    }
    if all {
        follow_limits(broker, image);
        broker.partitions.fetchers().throttle_changed();
    }
    for topic in broker.partitions.topics() {
        let name = topic.name().as_str();
        if !all && !topics.contains(name) {
            continue;
        }
        let settings = Arc::new(broker.configs.of_topic(image, name));
        for partition in topic.partitions() {
            let was_throttled = partition.is_throttled_as_follower();
            partition.set_settings(broker.clock.now(), Arc::clone(&settings));
            if was_throttled != partition.is_throttled_as_follower() {
                broker.partitions.fetchers().reconfigured(&partition);
            }
        }
    }
}

/// A number that no earlier folder of this broker has in its name.
pub(crate) fn unique(broker: &Broker) -> u128 {
    let now = broker.clock.now();
    (u128::from(now.wall.as_millis().unsigned_abs()) << 64) | u128::from(now.mono.as_micros())
}
