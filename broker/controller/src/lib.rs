//! The controller: the one node that decides about the cluster's metadata.
//!
//! ```text
//! Request  CreateTopics, AlterPartition, ElectLeaders, AlterReassignments, configs, ACLs, quotas, RegisterBroker, Heartbeat, …
//!    │
//!    ▼  reads the speculative image (hard state) and the sessions of brokers (soft state)
//! Controller ──► records ──► replayed into the image on every node ──► response, once committed
//!    ▲
//!    └─ tick: first records of a cluster, sessions and tokens that ran out, elections that are due, no-op records
//! ```
//!
//! Invariants: nothing but replayed records changes the image, so that every node that replays them agrees; a refused
//! request writes nothing; one request of a user writes at most [`MAX_RECORDS`] records, all or
//! none of them; what follows from a broker's move may be more, and is a transaction then (KIP-868); randomness comes
//! from the seed given at construction. Of a partition: ISR and eligible leaders are disjoint sets of its replicas, its
//! leader is in the ISR and active, and it has one as long as an active broker is in the ISR.
#![no_std]

extern crate alloc;

mod acls;
mod bootstrap;
mod brokers;
mod client_quotas;
mod configs;
mod controller;
mod directories;
mod elections;
mod errors;
mod features;
#[cfg(test)]
mod invariants;
mod isr;
mod leadership;
mod partition_change;
mod placement;
mod producer_ids;
mod reassignments;
mod request;
mod rules;
mod scram;
mod sessions;
mod settings;
mod staged;
mod suspects;
#[cfg(test)]
mod testing;
mod tokens;
mod topics;

pub use acls::{CreateAclError, CreateAcls, DeleteAclError, DeleteAcls};
pub use bootstrap::{FirstFeatures, GROUP_VERSION};
pub use brokers::{
    Heartbeat, HeartbeatReply, RegisterBroker, RegisterController, RegistrationError, StaleBroker, Suspect,
    UnknownBroker,
};
pub use client_quotas::{AlterClientQuotas, QuotaAlteration, QuotaError};
pub use configs::{
    AlterConfigs, ConfigChange, ConfigError, ConfigOperation, ConfigValues, IncrementalAlterConfigs,
};
pub use controller::Controller;
pub use directories::{AssignDirectories, Assigned, AssignedDirectory, DirectoryError};
pub use elections::{ElectLeaders, ElectionError, ElectionType, Elections};
pub use features::{FeatureError, FeatureUpdate, UpdateFeatures, UpgradeType};
pub use isr::{
    AlterPartition, AlterPartitionError, AlteredPartition, AlteredPartitions, IsrChange, IsrMember,
};
pub use placement::PlacementError;
pub use producer_ids::{AllocateProducerIds, ProducerIdBlock, ProducerIdError};
pub use reassignments::{
    AlterReassignments, OngoingReassignment, Reassigned, Reassignment, ReassignmentError, list_reassignments,
};
pub use request::{Request, Response};
pub use rules::ConfigRules;
pub use scram::{AlterScram, ScramChangeError, ScramDeletion, ScramUpsertion};
pub use settings::{Settings, TokenSettings};
pub use suspects::{Probe, SuspectAction, SuspectEvent, Suspects};
pub use tokens::{CreateToken, CreatedToken, ExpireToken, RenewToken, TokenError};
pub use topics::{
    AssignmentError, CreatePartitions, CreatePartitionsError, CreateTopicError, CreateTopics, CreatedTopic,
    DeleteTopicError, DeleteTopics, DeletedTopic, MorePartitions, NewTopic, TopicRef,
};

/// The most records that one request may write, and that one batch holds. Larger ones are refused as a policy violation, as Kafka does.
pub const MAX_RECORDS: usize = 10_000;
