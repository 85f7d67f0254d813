//! How a client behaves, and whom it speaks to.

use std::time::Duration;

use crate::security::Security;

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sent with every request.
    pub client_id: String,
    /// The longest wait for a connection or one answer.
    pub patience: Duration,
    /// How long the bootstrap addresses are tried until one answers; each is tried once at least. In Kubernetes a
    /// service leads to a pod only some time after the pod is ready, so tools that people run do not take the first no.
    pub first_contact: Duration,
    /// Whose addresses the bootstrap addresses are.
    pub contacts: Contacts,
    /// How connections are protected.
    pub security: Security,
}

/// Whom a client speaks to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contacts {
    /// Brokers, which pass on what only the active controller can do.
    #[default]
    Brokers,
    /// Controllers (KIP-919): what only the active one can do is asked of it directly. They know no topics.
    Controllers,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            client_id: "klamm".to_owned(),
            patience: Duration::from_secs(30),
            first_contact: Duration::ZERO,
            contacts: Contacts::Brokers,
            security: Security::plaintext(),
        }
    }
}
