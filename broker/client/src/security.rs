//! What a connection is protected by.

use std::sync::Arc;

use broker_tls::Connector;

/// How connections to one listener are protected. Cheap to clone; the default is not at all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Security {
    /// Encrypted, and whom to trust; `None`: not encrypted.
    pub tls: Option<Arc<Connector>>,
}

impl Security {
    /// Neither encrypted nor authenticated.
    #[must_use]
    pub fn plaintext() -> Self {
        Self::default()
    }

    /// Encrypted.
    #[must_use]
    pub fn ssl(tls: Arc<Connector>) -> Self {
        Self { tls: Some(tls) }
    }
}
