//! The metadata of a cluster as data: what the records of `__cluster_metadata` add up to.
//!
//! [`Image`] is a value: cloning costs a few reference counts however many partitions there are, and clones share
//! what they have in common. [`Image::replay`] is the only way that it changes; it says what changed as a
//! [`Change`], and a [`Delta`] collects changes for those who publish an image to the rest of a broker.
//! [`Image::to_records`] writes it out again, as a snapshot does.
//!
//! Invariants: replay is total and deterministic (the same records give the same image on every node; a record that
//! does not fit is an error as a value and changes nothing); a name maps to one topic id and back; strings are copied
//! out of the frames they came in, so that an image keeps no log batch alive; no I/O, no clock.
#![no_std]

extern crate alloc;

mod acls;
mod change;
mod client_quotas;
mod cluster;
mod configs;
mod delta;
mod error;
mod features;
mod image;
mod producer_ids;
mod records;
mod scram;
mod snapshot;
mod tokens;
mod topics;
mod version;

pub use acls::{Acl, Acls};
pub use change::Change;
pub use client_quotas::{ClientQuotas, QuotaEntity};
pub use cluster::{Broker, Cluster, Controller, Endpoint, FeatureRange};
pub use configs::{ConfigResource, ConfigResourceType, Configs};
pub use delta::{Delta, TopicDelta};
pub use error::ReplayError;
pub use features::Features;
pub use image::{Fault, Image};
pub use producer_ids::ProducerIds;
pub use scram::{Scram, ScramCredential, ScramMechanism};
pub use tokens::{DelegationToken, DelegationTokens};
pub use topics::{LeaderRecovery, Partition, Topic, Topics};
pub use version::MetadataVersion;

/// The persistent ordered map that every part of an image is made of.
pub type Map<K, V> = rpds::RedBlackTreeMapSync<K, V>;
