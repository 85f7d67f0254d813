//! `KafkaUser`, one part per file.

pub(crate) mod acl;
pub(crate) mod authentication;
pub(crate) mod user;
