//! The shell around the broker's machines: sockets, disks, clocks, HTTP. Nothing here decides protocol.
//!
//! [`run_until_stopped`] takes Kafka's properties and runs a broker until it is told to stop.

mod admin;
mod api;
mod assignments;
mod authorizer;
mod auto_create;
mod broker;
mod buffers;
mod cleaner;
mod clock;
mod config_rules;
mod connection;
mod connections;
mod context;
mod controller_channel;
mod coordinators;
mod directories;
mod encryption;
mod entrance;
mod errors;
mod features;
mod fetchers;
mod format;
mod forward;
mod frame;
mod graveyard;
mod groups;
mod heartbeat_links;
mod initial_controllers;
mod internal_topics;
mod isr;
mod limits;
mod links;
mod listener;
mod loggers;
mod metrics;
mod moves;
mod outbox;
mod partition;
mod partitions;
mod producer_ids;
mod quorum;
mod quotas;
mod replicas;
mod request_memory;
mod sasl;
mod security;
mod settings;
mod start;
mod suspects;
mod tasks;
#[cfg(test)]
mod testing;
mod throttles;
mod tokens;
mod topic_settings;
mod transactions;
mod transport;
mod upkeep;
mod view;
mod waiters;

pub use broker_controller::FirstFeatures;
pub use broker_metadata::MetadataVersion;
pub use format::FormatError;
pub use initial_controllers::{InitialControllers, InvalidInitialControllers};
pub use loggers::Loggers;
pub use settings::InvalidProperty;
pub use start::{
    Bootstrapping, DirectoryInfo, FirstVoters, FormatStorageError, FormattedDirectory, Holds, Start,
    StartError, format_storage, run_until_stopped, storage_info,
};
