//! Makes the local partitions follow the metadata image: creates, leads, follows, deletes.

use std::collections::BTreeSet;

use broker_metadata::{ConfigResource, ConfigResourceType, Delta, Image, Partition, TopicDelta};
use broker_node::fetcher::{Event as FetcherEvent, Key};
use broker_replication::{Event, Following as Follow, Leadership, Peer};
use broker_types::{BrokerId, Offset, PartitionId, TopicId};

use super::{
    node::{broker, index},
    setup::Durability,
    world::{Done, Item, World},
};

const MIN_ISR: &str = "min.insync.replicas";

/// The minimum ISR of a topic as the image has it.
pub(super) fn min_isr(image: &Image, topic: &str) -> u32 {
    let configs = image.configs();
    let of_topic = configs.get(&ConfigResource::topic(topic), MIN_ISR);
    let value = of_topic.or_else(|| configs.get(&ConfigResource::cluster(), MIN_ISR));
    value.and_then(|value| value.parse().ok()).unwrap_or(2)
}

/// Another broker, as the image has it.
fn peer(image: &Image, id: BrokerId) -> Peer {
    let known = image.cluster().broker(id).filter(|known| known.is_active());
    Peer { broker: id, eligible: known.map(|known| known.epoch) }
}

impl World {
    /// Takes the logs that were found into service, as far as the image knows them, and makes those that lack.
    pub(super) fn take_up(&mut self, node: usize) {
        let Some(live) = self.live(node) else { return };
        let image = live.published.clone();
        live.has_taken_up = true;
        let is_mine = |key: &Key| {
            let known = image.topics().partition(key.topic, key.partition);
            known.is_some_and(|known| known.replicas.contains(&broker(node)))
        };
        self.nodes[node].disk.logs.retain(|key, _| is_mine(key));
        let topics: Vec<TopicId> = image.topics().by_id().keys().copied().collect();
        self.host(node, &image, &topics, None);
    }

    /// A new image is committed.
    pub(super) fn follow_image(&mut self, node: usize, image: &Image, delta: &Delta) {
        for (id, change) in delta.topics() {
            match change {
                TopicDelta::Deleted(_) => self.drop_topic(node, *id),
                TopicDelta::Created => self.host(node, image, &[*id], None),
                TopicDelta::Changed(partitions) => self.host(node, image, &[*id], Some(partitions)),
            }
        }
        let others = delta.brokers().iter().filter(|id| **id != broker(node));
        let peers: Vec<Peer> = others.map(|id| peer(image, *id)).collect();
        for peer in peers {
            for key in self.keys(node) {
                self.replica_step(node, key, Event::PeerChanged(peer));
            }
        }
        self.follow_configs(node, image, delta);
    }

    fn keys(&self, node: usize) -> Vec<Key> {
        let live = self.nodes[node].live.as_ref();
        live.map(|live| live.replicas.keys().copied().collect()).unwrap_or_default()
    }

    fn follow_configs(&mut self, node: usize, image: &Image, delta: &Delta) {
        let is_wide = delta.configs().iter().any(|resource| resource.kind == ConfigResourceType::Broker);
        for key in self.keys(node) {
            let Some(topic) = image.topics().get(key.topic) else { continue };
            let name = topic.name().as_str();
            if !is_wide && !delta.configs().contains(&ConfigResource::topic(name)) {
                continue;
            }
            let min_isr = min_isr(image, name);
            if let Some(held) = self.live(node).and_then(|live| live.replicas.get_mut(&key)) {
                held.min_isr = min_isr;
            }
            self.replica_step(node, key, Event::MinIsrChanged { min_isr });
        }
    }

    fn drop_topic(&mut self, node: usize, topic: TopicId) {
        for key in self.keys(node).into_iter().filter(|key| key.topic == topic) {
            self.discard(node, key);
        }
        self.nodes[node].disk.logs.retain(|key, _| key.topic != topic);
    }

    fn discard(&mut self, node: usize, key: Key) {
        self.leave(node, key);
        self.replica_step(node, key, Event::Offline);
        if let Some(live) = self.live(node) {
            live.replicas.remove(&key);
            live.is_stirred = true;
        }
        self.nodes[node].disk.logs.remove(&key);
    }

    fn host(&mut self, node: usize, image: &Image, topics: &[TopicId], only: Option<&BTreeSet<PartitionId>>) {
        for id in topics {
            let Some(topic) = image.topics().get(*id) else { continue };
            for (partition, registered) in topic.partitions() {
                if only.is_some_and(|only| !only.contains(partition)) {
                    continue;
                }
                let key = Key { topic: *id, partition: *partition };
                if !registered.replicas.contains(&broker(node)) {
                    if self.nodes[node].disk.logs.contains_key(&key) {
                        self.coverage.replicas_moved += 1;
                        self.discard(node, key);
                    }
                    continue;
                }
                self.nodes[node].disk.logs.entry(key).or_default();
                let min_isr = min_isr(image, topic.name().as_str());
                if let Some(live) = self.live(node) {
                    live.replicas.entry(key).or_insert_with(|| Self::new_replica(node, min_isr));
                }
                self.take_role(node, image, key, registered);
            }
        }
    }

    /// Leads or follows, as the image says.
    fn take_role(&mut self, node: usize, image: &Image, key: Key, registered: &Partition) {
        match registered.leader {
            Some(leader) if leader == broker(node) => {
                self.leave(node, key);
                self.lead(node, image, key, registered);
            }
            other => {
                let Some(log) = self.nodes[node].disk.logs.get(&key) else { return };
                let (log_end, high_watermark) = (Offset::new(log.end()), Offset::new(log.high_watermark));
                let epoch = registered.leader_epoch;
                let follow = Follow { epoch, log_end, log_start: Offset::ZERO, high_watermark };
                self.replica_step(node, key, Event::BecomeFollower(follow));
                match other {
                    Some(leader) => self.follow(node, key, index(leader)),
                    None => self.leave(node, key),
                }
            }
        }
    }

    fn lead(&mut self, node: usize, image: &Image, key: Key, registered: &Partition) {
        let held = self.nodes[node].live.as_ref().and_then(|live| live.replicas.get(&key));
        let Some((known, min_isr)) = held.map(|held| (held.replica.leads(), held.min_isr)) else { return };
        let Some(log) = self.nodes[node].disk.logs.get_mut(&key) else { return };
        if known != Some(registered.leader_epoch) {
            log.assign(registered.leader_epoch);
        }
        let others = registered.replicas.iter().filter(|id| **id != broker(node));
        let leadership = Leadership {
            epoch: registered.leader_epoch,
            partition_epoch: registered.partition_epoch,
            isr: registered.isr.iter().copied().collect(),
            peers: others.map(|id| peer(image, *id)).collect(),
            min_isr,
            log_end: Offset::new(log.end()),
            log_start: Offset::ZERO,
            high_watermark: Offset::new(log.high_watermark),
            durable: self.durable(node, key),
        };
        self.replica_step(node, key, Event::BecomeLeader(leadership));
        self.sync(node, key);
    }

    /// The replica follows `leader` from now on.
    fn follow(&mut self, node: usize, key: Key, leader: usize) {
        let Some(live) = self.live(node) else { return };
        if live.leaders.get(&key).is_some_and(|known| *known != leader) {
            self.leave(node, key);
        }
        let Some(live) = self.live(node) else { return };
        live.leaders.insert(key, leader);
        let Some(log) = self.nodes[node].disk.logs.get(&key) else { return };
        let upto = log.end();
        if self.setup.durability == Durability::Synced && log.durable < upto {
            // The first fetch counts what it wrote when it led, too.
            let (due, life) = (self.sync_ends(node), self.nodes[node].life);
            self.at(due, Item::Done { node, life, done: Done::MayFollow { leader, key, upto } });
        } else {
            self.fetch_from(node, key, leader);
        }
    }

    /// The fetcher takes the replica up, if it still follows `leader`.
    pub(super) fn fetch_from(&mut self, node: usize, key: Key, leader: usize) {
        let Some(live) = self.live(node).filter(|live| live.leaders.get(&key) == Some(&leader)) else {
            return;
        };
        let epoch = live.replicas.get(&key).and_then(|held| held.replica.follows());
        let (Some(epoch), Some(log)) = (epoch, self.nodes[node].disk.logs.get(&key)) else { return };
        let log = log.state();
        self.drive(node, leader, vec![FetcherEvent::Followed { partition: key, epoch, log }]);
    }

    /// The replica follows nobody.
    fn leave(&mut self, node: usize, key: Key) {
        let Some(leader) = self.live(node).and_then(|live| live.leaders.remove(&key)) else { return };
        self.drive(node, leader, vec![FetcherEvent::Left { partition: key }]);
    }
}
