//! What the tests with real processes share: a broker under test (Klamm or Apache Kafka) on loopback, foreign
//! programs with a deadline, and just enough of the wire and of the files on disk to look at both from outside.
//!
//! Nothing here uses Klamm's own protocol or log crates: an error in them must not hide itself.

mod answer;
mod broker;
mod cache;
mod certificates;
mod clock;
mod cluster;
mod consumer_groups;
pub mod copied;
mod files;
mod groups;
mod issuer;
mod klamm;
mod membership;
mod ports;
mod process;
mod program;
mod provider;
mod record;
mod rest;
mod service;
mod spec;
mod tool;
mod topics;
mod view;
mod wire;

pub use broker::{Broker, CLUSTER_ID};
pub use cache::Cache;
pub use certificates::{Authority, Issued, STORE_PASSWORD, Stores, Validity};
pub use clock::{Deadline, Stopwatch, pause, wall_ms};
pub use cluster::Cluster;
pub use consumer_groups::{ConsumerGroupMember, ConsumerGroupView};
pub use files::{BatchHeader, Codec, batch_headers, copy_tree};
pub use groups::{GroupMember, GroupView};
pub use issuer::{Issuer, key_document, seconds_from_now, unsecured_token};
pub use klamm::klamm_binary;
pub use membership::Roles;
pub use ports::free_port;
pub use process::Process;
pub use program::{Output, Program};
pub use provider::{Asked, Provider};
pub use record::{Consumed, Record};
pub use rest::{page, page_over_tls, rest};
pub use service::Service;
pub use spec::{Encrypted, Kind, SaslProtocol, Spec};
pub use tool::{Tool, java_program, java_program_allowing};
pub use view::{PartitionView, partitions};
pub use wire::{Body, Connection, Trust, frame, request};
