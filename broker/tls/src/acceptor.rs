//! The end that listens.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::{ServerConfig, ServerConnection};

/// How connections of one listener are accepted. What it is made of may be replaced: connections that begin later use that.
#[derive(Debug)]
pub struct Acceptor {
    config: ArcSwap<ServerConfig>,
}

/// A certificate that does not say who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnnamedPeer {
    /// Its subject does not read.
    #[error("the certificate's subject cannot be read")]
    Unreadable,
}

impl Acceptor {
    /// Accepts as `config` says.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self { config: ArcSwap::new(config) }
    }

    /// The session of a connection that begins now.
    ///
    /// # Errors
    /// When the configuration makes no session.
    pub fn accept(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(self.config.load_full())
    }

    /// Who the other side of a session has proven to be; `None` where it was not asked, or did not say.
    ///
    /// # Errors
    /// When its certificate does not say who it is.
    pub fn name_of(&self, session: &ServerConnection) -> Result<Option<String>, UnnamedPeer> {
        let certificates = session.peer_certificates();
        Ok(certificates.and_then(<[_]>::first).map(|_| "ANONYMOUS".to_owned()))
    }

    /// Connections that begin from now on are accepted with `config`.
    pub fn replace(&self, config: Arc<ServerConfig>) {
        self.config.store(config);
    }
}
