//! What listeners, and connections to other nodes, are protected by.

use super::StartError;
use crate::{
    encryption::Encryption,
    sasl::{self, Listeners, Unusable},
    security::OutgoingSecurity,
    settings::{InvalidProperty, Settings},
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
    pub(super) fn read(settings: &Settings) -> Result<Self, StartError> {
        let config = &settings.config;
        let unusable = |error: Unusable| InvalidProperty::new(&error.key, &error.reason);
        let encryption = Encryption::load(config, settings.admin.tls.as_ref())?;
        let logging_in = sasl::read(config).map_err(unusable)?;
        let logins = sasl::logins(config).map_err(unusable)?;
        Ok(Self { outgoing: encryption.outgoing(config).with_logins(logins), encryption, logging_in })
    }
}
