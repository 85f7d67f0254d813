//! A small Kafka client over `broker-protocol`: one connection per broker, versions negotiated,
//! metadata kept, leaders followed.
//!
//! Invariants: one request at a time per connection; every wait has a deadline; nothing is retried
//! that could be applied twice, unless the producer is idempotent.
//!
//! * [`Connection`] speaks to one broker.
//! * [`Client`] speaks to a cluster: any broker, a given broker, a partition's leader.
//! * [`admin`] wraps what tools ask; [`Producer`] and [`fetch`] move records.

pub mod admin;
mod client;
mod connection;
mod error;
pub mod fetch;
mod partitioner;
mod producer;

pub use client::{Client, Contacts, Options};
pub use connection::Connection;
pub use error::{ClientError, ConnectError};
pub use partitioner::murmur2_partition;
pub use producer::{Header, OutgoingRecord, Producer, ProducerOptions};
