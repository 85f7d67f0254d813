//! The broker's newest metadata, as groups look at it.

use std::{fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use broker_config::group;
use broker_group::{GroupConfig, InvalidRegex, Metadata, Reader, TopicMetadata};
use broker_metadata::{ConfigResource, Image};
use broker_protocol::Str;
use broker_types::{BrokerId, GroupId, PartitionId, TopicId, TopicName};
use regex::{Regex, RegexBuilder};

use crate::{authorizer::Authorizer, broker::Broker};

const SESSION: &str = "consumer.session.timeout.ms";
const HEARTBEAT: &str = "consumer.heartbeat.interval.ms";
const ASSIGNMENT: &str = "consumer.assignment.interval.ms";
const BROKERS_ASSIGNMENT: &str = "group.consumer.assignment.interval.ms";
/// How large a compiled pattern may be: clients send them.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// Looks things up in whatever image is the newest.
pub(crate) struct Lookup {
    image: Arc<ArcSwap<Image>>,
    authorizer: Arc<Authorizer>,
    broker: BrokerId,
    /// What groups may set, in milliseconds, by key.
    allowed: [(&'static str, RangeInclusive<i64>); 3],
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

impl Lookup {
    pub(crate) fn new(broker: &Broker) -> Self {
        let values = &broker.settings().config.values;
        let allowed = [SESSION, HEARTBEAT, ASSIGNMENT].map(|key| (key, group::allowed(values, key)));
        Self {
            image: Arc::clone(&broker.image),
            authorizer: Arc::clone(&broker.authorizer),
            broker: broker.id(),
            allowed,
        }
    }

    /// What brokers allow a group to set.
    fn bring_within(&self, key: &str, millis: i64) -> i64 {
        let allowed = self.allowed.iter().find(|(name, _)| *name == key).map(|(_, allowed)| allowed);
        allowed.map_or(millis, |allowed| millis.min(*allowed.end()).max(*allowed.start()))
    }
}

impl Metadata for Lookup {
    fn topic(&self, name: &str) -> Option<TopicMetadata> {
        let image = self.image.load();
        let topic = image.topics().find(name)?;
        let partitions = i32::try_from(topic.partitions().size()).unwrap_or(i32::MAX);
        Some(TopicMetadata { id: topic.id(), partitions })
    }

    fn name(&self, id: TopicId) -> Option<TopicName> {
        Some(self.image.load().topics().get(id)?.name().clone())
    }

    fn racks(&self, topic: TopicId, partition: PartitionId) -> Vec<Str> {
        let image = self.image.load();
        let Some(partition) = image.topics().partition(topic, partition) else { return Vec::new() };
        let racks = partition.replicas.iter().filter_map(|id| image.cluster().broker(*id)?.rack.clone());
        let mut racks: Vec<_> = racks.collect();
        racks.sort_unstable();
        racks
    }

    fn matching(&self, pattern: &str, reader: &Reader) -> Result<Vec<TopicName>, InvalidRegex> {
        let pattern = whole(pattern)?;
        let image = self.image.load();
        let names = image.topics().by_name().keys();
        let is_match = |name: &&TopicName| {
            pattern.is_match(name.as_str()) && self.authorizer.shows(name.as_str(), reader)
        };
        Ok(names.filter(is_match).cloned().collect())
    }

    fn group_config(&self, group: &GroupId) -> GroupConfig {
        let image = self.image.load();
        let resource = ConfigResource::group(group.as_str());
        let number =
            |resource: &ConfigResource, name| image.configs().get(resource, name)?.trim().parse().ok();
        let millis = |millis: i64| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        let own = |name| number(&resource, name).map(|value| millis(self.bring_within(name, value)));
        // The brokers' value of this one may change while they run.
        let brokers = || {
            let resources = [ConfigResource::broker(self.broker), ConfigResource::cluster()];
            resources.iter().find_map(|resource| number(resource, BROKERS_ASSIGNMENT)).map(millis)
        };
        GroupConfig {
            session_timeout: own(SESSION),
            heartbeat_interval: own(HEARTBEAT),
            assignment_interval: own(ASSIGNMENT).or_else(brokers),
        }
    }
}

/// The pattern, for whole names. RE2's syntax is that of Rust's expressions, but for a few escapes.
pub(crate) fn whole(pattern: &str) -> Result<Regex, InvalidRegex> {
    let compiled = |pattern: &str| {
        let built = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
        built.map_err(|error| InvalidRegex(error.to_string()))
    };
    // It must be one by itself: a parenthesis too many would close ours.
    compiled(pattern)?;
    compiled(&format!("^(?:{pattern})$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names() {
        let pattern = whole("orders|ship.*").expect("a pattern");
        assert!(pattern.is_match("orders") && pattern.is_match("shipments"));
        assert!(!pattern.is_match("old-orders") && !pattern.is_match("orders2"));
        assert!(whole("(").is_err() && whole("a)|(?:b").is_err());
    }
}
