//! What listeners, and connections to other nodes, are protected by.

use broker_config::BrokerConfig;

use super::StartError;
use crate::{
    encryption::Encryption,
    sasl::{self, Listeners, Unusable},
    security::OutgoingSecurity,
    settings::InvalidProperty,
};

/// Read whole before anything is opened: what cannot be used refuses the start.
pub(super) struct Protection {
    pub(super) encryption: Encryption,
    /// How clients of each listener log in.
    pub(super) logging_in: Listeners,
    pub(super) outgoing: OutgoingSecurity,
}

impl Protection {
    /// # Errors
    /// A setting that cannot be used, or what it names.
    pub(super) fn read(config: &BrokerConfig) -> Result<Self, StartError> {
        let unusable = |error: Unusable| InvalidProperty::new(&error.key, &error.reason);
        let encryption = Encryption::load(config)?;
        let logging_in = sasl::read(config).map_err(unusable)?;
        let logins = sasl::logins(config).map_err(unusable)?;
        Ok(Self { outgoing: encryption.outgoing(config).with_logins(logins), encryption, logging_in })
    }
}
