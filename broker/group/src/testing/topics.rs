//! Topics that a test makes and changes.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use std::sync::Mutex;

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId, TopicName, Uuid};

use crate::{GroupConfig, InvalidRegex, Metadata, Reader, TopicMetadata};

/// Names with how many partitions; the id follows from the name. A pattern is a beginning and `.*`, or a name.
#[derive(Debug, Default)]
pub(crate) struct Topics(Mutex<BTreeMap<String, i32>>);

impl Topics {
    pub(crate) fn put(&self, name: &str, partitions: i32) {
        self.0.lock().expect("no poison").insert(name.to_string(), partitions);
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().expect("no poison").remove(name);
    }
}

/// The id of a topic of this name.
fn topic_id(name: &str) -> TopicId {
    let mut bytes = [0x70; 16];
    let length = name.len().min(16);
    bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
    TopicId::new(Uuid::from_bytes(bytes))
}

impl Metadata for Topics {
    fn topic(&self, name: &str) -> Option<TopicMetadata> {
        let topics = self.0.lock().expect("no poison");
        topics.get(name).map(|partitions| TopicMetadata { id: topic_id(name), partitions: *partitions })
    }

    fn name(&self, id: TopicId) -> Option<TopicName> {
        let topics = self.0.lock().expect("no poison");
        topics.keys().find(|name| topic_id(name) == id).map(|name| TopicName::new(name))
    }

    fn racks(&self, _: TopicId, partition: PartitionId) -> Vec<Str> {
        if partition.get() == 0 { alloc::vec![Str::from("rack-a"), Str::from("rack-b")] } else { Vec::new() }
    }

    fn matching(&self, pattern: &str, reader: &Reader) -> Result<Vec<TopicName>, InvalidRegex> {
        if pattern.starts_with('(') {
            return Err(InvalidRegex("missing closing )".to_string()));
        }
        let topics = self.0.lock().expect("no poison");
        let matches = |name: &&String| match pattern.strip_suffix(".*") {
            Some(begin) => name.starts_with(begin),
            None => *name == pattern,
        };
        let is_shown = |name: &&String| !(name.starts_with("secret") && &*reader.principal == "outsider");
        Ok(topics.keys().filter(matches).filter(is_shown).map(|name| TopicName::new(name)).collect())
    }

    fn group_config(&self, group: &GroupId) -> GroupConfig {
        match group.as_str() {
            "slow" => GroupConfig {
                session_timeout: Some(core::time::Duration::from_secs(60)),
                heartbeat_interval: Some(core::time::Duration::from_secs(12)),
                assignment_interval: None,
            },
            _ => GroupConfig::default(),
        }
    }
}
