//! How this broker connects to others.

use broker_client::Security;

/// The protection of connections that this broker makes: as the listeners want it that they lead to.
#[derive(Debug, Default)]
pub(crate) struct OutgoingSecurity {
    /// To the listener of `inter.broker.listener.name`.
    pub(crate) brokers: Security,
    /// To the listener of controllers.
    pub(crate) controllers: Security,
}
