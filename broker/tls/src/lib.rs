//! TLS as Kafka configures it: where keys and trusted certificates come from, and both ends of a connection.
//!
//! ```text
//! settings (Options) -> files or texts -> keys and trusted certificates -> Acceptor | Connector
//! ```
//! Invariants: key material and passwords are in no error, log line or `Debug` output; what is replaced while the broker
//! runs is checked first, and where it does not hold what was there before stays.
//!
//! * [`Options`] reads Kafka's keys `ssl.*`; [`Rules`] make users of the names in certificates.
//! * [`Connector`] is the end that connects, [`Acceptor`] the one that listens.

mod acceptor;
mod connector;
mod digest;
mod ends;
mod error;
mod live;
mod material;
mod name;
mod options;
mod pem;
mod rules;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trust;

pub use acceptor::{Acceptor, UnnamedPeer};
pub use connector::Connector;
pub use digest::Digest;
pub use error::{StoreError, TlsError};
pub use live::{Changes, InUse, Refreshed};
pub use options::{ClientAuth, Options};
pub use rules::Rules;
