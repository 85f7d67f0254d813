//! TLS as Kafka configures it: where keys and trusted certificates come from, and both ends of a connection.
//!
//! Invariants: key material and passwords are in no error, log line or `Debug` output; what is replaced while the broker
//! runs is checked first, and where it does not hold what was there before stays.
//!
//! * [`Connector`] is the end that connects, [`Acceptor`] the one that listens.

mod acceptor;
mod connector;

pub use acceptor::{Acceptor, UnnamedPeer};
pub use connector::Connector;
