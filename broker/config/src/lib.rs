//! Kafka's configuration: what keys there are, what they mean here, and which value holds.
//!
//! - [`properties`]: files in Java's `.properties` form.
//! - [`ConfigDef`]: one key; [`broker`], [`topic`], [`group`], [`client_metrics`] hold all keys of Kafka 4.3.
//! - [`BrokerConfig`]: what a server reads at its start, typed and checked as a whole.
//! - [`TopicConfig`]: what holds for one topic, out of its [`Layers`].
//! - [`LagConfig`]: our own keys.
//! - [`describe`], [`alter`]: what the admin protocol shows and changes, with Kafka's texts.
//!
//! Names, types, defaults, limits and the texts of errors are Kafka's, for people and tools rely on them; the
//! documentation of keys is ours. Pure: no files, no environment.
#![no_std]

extern crate alloc;

pub mod alter;
pub mod broker;
mod broker_config;
mod check;
pub mod client_metrics;
mod def;
pub mod describe;
pub mod group;
mod lag;
mod layers;
mod listener;
pub mod properties;
pub mod topic;
mod topic_config;
mod value;
mod values;

pub use broker_config::{
    Access, BrokerConfig, Cleaner, ConfigError, Connections, ConsumerGroups, Groups, InternalTopic, LogDirs,
    MetadataLog, Network, Quorum, QuotaWindows, Quotas, ReplicaSelector, Replication, Roles, Transactions,
    Voter, Warning,
};
pub use check::Check;
pub use def::{ConfigDef, Default, Importance, Kind, Support, UpdateMode, Visibility};
pub use lag::LagConfig;
pub use layers::{Layers, Source, Texts};
pub use listener::{HostPort, InvalidListener, Listener, SecurityProtocol};
pub use topic_config::{
    CleanupPolicy, Compression, InvalidTopicConfig, TimestampType, TopicConfig, validate_topic,
};
pub use value::{InvalidValue, Password, Value};
pub use values::Values;
