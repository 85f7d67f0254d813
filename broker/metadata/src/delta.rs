//! What changed between two images.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_protocol::Str;
use broker_types::{BrokerId, PartitionId, TopicId, Uuid};

use crate::{Change, ConfigResource, Image, Map, MetadataVersion, QuotaEntity, ScramMechanism, Topic};

/// How one topic changed.
#[derive(Clone, Debug, PartialEq)]
pub enum TopicDelta {
    /// It is new: all of its partitions are.
    Created,
    /// These of its partitions appeared or changed.
    Changed(BTreeSet<PartitionId>),
    /// It is gone; this is what it was. Its configs are gone with it.
    Deleted(Topic),
}

/// Which things differ between an image and a later one. What they are now is read from the later image.
///
/// Collected change by change during replay ([`Delta::add`]), or found by comparing ([`Delta::between`]) after a
/// snapshot replaced an image. A thing that changed and changed back may be listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    topics: BTreeMap<TopicId, TopicDelta>,
    configs: BTreeSet<ConfigResource>,
    brokers: BTreeSet<BrokerId>,
    controllers: BTreeSet<BrokerId>,
    features: BTreeSet<Str>,
    client_quotas: BTreeSet<QuotaEntity>,
    acls: BTreeSet<Uuid>,
    scram: BTreeSet<(ScramMechanism, Str)>,
    tokens: BTreeSet<Str>,
    producer_ids: bool,
    before_transaction: Option<Box<Delta>>,
}

impl Delta {
    /// Topics by id.
    #[must_use]
    pub fn topics(&self) -> &BTreeMap<TopicId, TopicDelta> {
        &self.topics
    }

    /// Resources whose configs changed. Those of deleted topics are not listed.
    #[must_use]
    pub fn configs(&self) -> &BTreeSet<ConfigResource> {
        &self.configs
    }

    /// Brokers that were registered, changed or unregistered.
    #[must_use]
    pub fn brokers(&self) -> &BTreeSet<BrokerId> {
        &self.brokers
    }

    /// Controllers that were registered or changed.
    #[must_use]
    pub fn controllers(&self) -> &BTreeSet<BrokerId> {
        &self.controllers
    }

    /// Features with another level.
    #[must_use]
    pub fn features(&self) -> &BTreeSet<Str> {
        &self.features
    }

    /// Entities whose quotas changed.
    #[must_use]
    pub fn client_quotas(&self) -> &BTreeSet<QuotaEntity> {
        &self.client_quotas
    }

    /// Access control entries that came or went.
    #[must_use]
    pub fn acls(&self) -> &BTreeSet<Uuid> {
        &self.acls
    }

    /// Credentials that changed.
    #[must_use]
    pub fn scram(&self) -> &BTreeSet<(ScramMechanism, Str)> {
        &self.scram
    }

    /// Delegation tokens that changed.
    #[must_use]
    pub fn tokens(&self) -> &BTreeSet<Str> {
        &self.tokens
    }

    /// Whether producer ids were handed out.
    #[must_use]
    pub fn producer_ids(&self) -> bool {
        self.producer_ids
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a transaction is open: the delta must not be taken before it ended.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        self.before_transaction.is_some()
    }

    /// Takes what has been collected and starts anew.
    #[must_use]
    pub fn take(&mut self) -> Self {
        core::mem::take(self)
    }

    /// Adds what a record changed.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::None => {}
            Change::TopicCreated(id) => drop(self.topics.insert(id, TopicDelta::Created)),
            Change::TopicDeleted(topic) => self.delete(topic),
            Change::Partition(topic, partition) => self.touch(topic, partition),
            Change::ElrCleared(partitions) => {
                partitions.into_iter().for_each(|(topic, partition)| self.touch(topic, partition));
            }
            Change::Config(resource) => _ = self.configs.insert(resource),
            Change::Broker(id) => _ = self.brokers.insert(id),
            Change::Controller(id) => _ = self.controllers.insert(id),
            Change::Feature(name) => _ = self.features.insert(name),
            Change::ClientQuota(entity) => _ = self.client_quotas.insert(entity),
            Change::ProducerIds => self.producer_ids = true,
            Change::Acl(id) => _ = self.acls.insert(id),
            Change::Scram(mechanism, user) => _ = self.scram.insert((mechanism, user)),
            Change::Token(id) => _ = self.tokens.insert(id),
            Change::TransactionBegan => self.before_transaction = Some(Box::new(self.clone())),
            Change::TransactionEnded => self.before_transaction = None,
            Change::TransactionAborted => {
                if let Some(before) = self.before_transaction.take() {
                    *self = *before;
                }
            }
        }
    }

    /// Compares two images; the cost grows with their size.
    #[must_use]
    pub fn between(before: &Image, after: &Image) -> Self {
        let mut delta = Self {
            configs: differing(before.configs().by_resource(), after.configs().by_resource()).collect(),
            brokers: differing(before.cluster().brokers(), after.cluster().brokers()).collect(),
            controllers: differing(before.cluster().controllers(), after.cluster().controllers()).collect(),
            features: differing(before.features().others(), after.features().others()).collect(),
            client_quotas: differing(before.client_quotas().by_entity(), after.client_quotas().by_entity())
                .collect(),
            acls: differing(before.acls().by_id(), after.acls().by_id()).collect(),
            scram: differing(before.scram().by_user(), after.scram().by_user()).collect(),
            tokens: differing(before.tokens().by_id(), after.tokens().by_id()).collect(),
            producer_ids: before.producer_ids() != after.producer_ids(),
            ..Self::default()
        };
        if before.features().metadata_version() != after.features().metadata_version() {
            delta.features.insert(Str::from_static(MetadataVersion::FEATURE));
        }
        let (old, new) = (before.topics(), after.topics());
        for id in differing(old.by_id(), new.by_id()) {
            let change = match (old.get(id), new.get(id)) {
                (Some(old), Some(new)) => {
                    TopicDelta::Changed(differing(old.partitions(), new.partitions()).collect())
                }
                (Some(old), None) => TopicDelta::Deleted(old.clone()),
                (None, _) => TopicDelta::Created,
            };
            if let TopicDelta::Deleted(topic) = &change
                && new.find(topic.name().as_str()).is_none()
            {
                delta.configs.remove(&ConfigResource::topic(topic.name().as_str()));
            }
            delta.topics.insert(id, change);
        }
        delta
    }

    fn delete(&mut self, topic: Topic) {
        self.configs.remove(&ConfigResource::topic(topic.name().as_str()));
        match self.topics.remove(&topic.id()) {
            // Came and went within the delta: nobody saw it.
            Some(TopicDelta::Created) => {}
            _ => drop(self.topics.insert(topic.id(), TopicDelta::Deleted(topic))),
        }
    }

    fn touch(&mut self, topic: TopicId, partition: PartitionId) {
        let change = self.topics.entry(topic).or_insert_with(|| TopicDelta::Changed(BTreeSet::new()));
        if let TopicDelta::Changed(partitions) = change {
            partitions.insert(partition);
        }
    }
}

/// The keys that only one of two maps has, or that have another value in the other; none where the maps are one.
fn differing<K: Clone + Ord, V: PartialEq>(before: &Map<K, V>, after: &Map<K, V>) -> impl Iterator<Item = K> {
    let same = before.ptr_eq(after);
    let new = after.iter().filter(move |(key, value)| !same && before.get(*key) != Some(*value));
    let gone = before.keys().filter(move |key| !same && !after.contains_key(*key));
    new.map(|(key, _)| key).chain(gone).cloned().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;
