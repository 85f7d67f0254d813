//! `KafkaCluster`, one part per file.

pub(crate) mod authorization;
pub(crate) mod certificate_authority;
pub(crate) mod changes;
pub(crate) mod kafka;
pub(crate) mod listener;
pub(crate) mod listener_configuration;
pub(crate) mod sizing;
pub(crate) mod spec;
pub(crate) mod status;
