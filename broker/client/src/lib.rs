//! A small Kafka client over `broker-protocol`: one connection per broker, versions negotiated,
//! metadata kept, leaders followed.
//!
//! Invariants: one request at a time per connection; every wait has a deadline; nothing is retried
//! that could be applied twice, unless the producer is idempotent.
//!
//! * [`Connection`] speaks to one broker, over what [`Security`] says.
//! * [`Client`] speaks to a cluster: any broker, a given broker, a partition's leader.
//! * [`CoordinatorKind`] says whose coordinator is asked: it is looked up, and again when it moved.
//! * [`admin`] wraps what tools ask; [`Producer`] and [`fetch`] move records; [`group_consumer`] is a member of a group.

pub mod admin;
mod assignor;
mod bearer;
mod client;
mod connection;
mod consumer_protocol;
mod controller_answer;
mod coordinator;
mod error;
pub mod fetch;
pub mod group_consumer;
mod login;
mod member;
mod partitioner;
mod producer;
mod sasl;
mod security;
mod stream;

pub use bearer::BearerError;
pub use client::{Client, Contacts, Options};
pub use connection::Connection;
pub use controller_answer::ControllerAnswer;
pub use coordinator::CoordinatorKind;
pub use error::{ClientError, ConnectError};
pub use login::{LoginError, SaslLogin};
pub use partitioner::murmur2_partition;
pub use producer::{Delivered, Header, OutgoingRecord, Producer, ProducerOptions};
pub use security::{Security, SecurityError};
