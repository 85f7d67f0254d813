//! The broker's newest metadata, as groups look at it.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use broker_group::{GroupConfig, InvalidRegex, Metadata, TopicMetadata};
use broker_metadata::{ConfigResource, ConfigResourceType, Image};
use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId, TopicName};
use regex::{Regex, RegexBuilder};

/// How large a compiled pattern may be: clients send them.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// Looks things up in whatever image is the newest.
pub(crate) struct Lookup {
    image: Arc<ArcSwap<Image>>,
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

impl Lookup {
    pub(crate) fn new(image: Arc<ArcSwap<Image>>) -> Self {
        Self { image }
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

    fn matching(&self, pattern: &str) -> Result<Vec<TopicName>, InvalidRegex> {
        let pattern = whole(pattern)?;
        let image = self.image.load();
        let names = image.topics().by_name().keys();
        Ok(names.filter(|name| pattern.is_match(name.as_str())).cloned().collect())
    }

    fn group_config(&self, group: &GroupId) -> GroupConfig {
        let image = self.image.load();
        let resource = ConfigResource { kind: ConfigResourceType::Group, name: Str::from(group.as_str()) };
        let time = |name| {
            let value = image.configs().get(&resource, name)?;
            value.parse().ok().map(Duration::from_millis)
        };
        GroupConfig {
            session_timeout: time("consumer.session.timeout.ms"),
            heartbeat_interval: time("consumer.heartbeat.interval.ms"),
            assignment_interval: time("consumer.assignment.interval.ms"),
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
