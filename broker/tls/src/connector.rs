//! The end that connects.

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ClientConfig;

/// How connections to others are made. What it is made of may be replaced: connections that begin later use that.
#[derive(Debug)]
pub struct Connector {
    config: ArcSwap<ClientConfig>,
}

impl Connector {
    /// Connects as `config` says.
    #[must_use]
    pub fn new(config: Arc<ClientConfig>) -> Self {
        Self { config: ArcSwap::new(config) }
    }

    /// What the next connection is to be made with.
    #[must_use]
    pub fn config(&self) -> Arc<ClientConfig> {
        self.config.load_full()
    }

    /// Connections that begin from now on are made with `config`.
    pub fn replace(&self, config: Arc<ClientConfig>) {
        self.config.store(config);
    }
}
