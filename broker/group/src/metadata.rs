//! What the coordinator asks about topics and about a group's own configuration.

use alloc::{string::String, vec::Vec};
use core::{fmt::Debug, time::Duration};

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId, TopicName};

use crate::Reader;

/// The broker's newest metadata, implemented by the shell over its image. Only decisions read it, never replay.
pub trait Metadata: Debug + Send + Sync {
    /// A topic by its name.
    fn topic(&self, name: &str) -> Option<TopicMetadata>;

    /// A topic's name by its id.
    fn name(&self, id: TopicId) -> Option<TopicName>;

    /// The racks of the brokers that hold a replica of a partition: one for each replica that has one, sorted.
    fn racks(&self, topic: TopicId, partition: PartitionId) -> Vec<Str>;

    /// The topics that a pattern of RE2's syntax matches whole and that the reader may describe, sorted.
    ///
    /// # Errors
    /// The pattern is none.
    fn matching(&self, pattern: &str, reader: &Reader) -> Result<Vec<TopicName>, InvalidRegex>;

    /// What is configured for a group itself (resource type GROUP).
    fn group_config(&self, group: &GroupId) -> GroupConfig;
}

/// A topic as groups see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    /// Its id.
    pub id: TopicId,
    /// How many partitions it has, numbered from 0.
    pub partitions: i32,
}

/// Dynamic configuration of one group; `None` where it has none of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupConfig {
    /// `consumer.session.timeout.ms`.
    pub session_timeout: Option<Duration>,
    /// `consumer.heartbeat.interval.ms`.
    pub heartbeat_interval: Option<Duration>,
    /// `consumer.assignment.interval.ms`.
    pub assignment_interval: Option<Duration>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRegex(pub String);
