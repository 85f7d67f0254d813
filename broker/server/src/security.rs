//! How this broker connects to others.

use broker_client::{SaslLogin, Security};

/// The protection of connections that this broker makes: as the listeners want it that they lead to.
#[derive(Debug, Default)]
pub(crate) struct OutgoingSecurity {
    /// To the listener of `inter.broker.listener.name`.
    pub(crate) brokers: Security,
    /// To the listener of controllers.
    pub(crate) controllers: Security,
}

impl OutgoingSecurity {
    /// With what this broker says of itself to brokers, and to controllers.
    pub(crate) fn with_logins(self, (brokers, controllers): (Option<SaslLogin>, Option<SaslLogin>)) -> Self {
        Self {
            brokers: self.brokers.with_login(brokers),
            controllers: self.controllers.with_login(controllers),
        }
    }
}
