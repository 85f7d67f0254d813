//! What a connection is protected by.

use std::{collections::BTreeMap, sync::Arc};

use broker_tls::{Connector, Options, TlsError};

/// Properties of a client that make no protection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecurityError {
    /// A protocol that is none, or not built.
    #[error("security.protocol={0}: PLAINTEXT and SSL are built yet")]
    Protocol(String),
    /// The keys `ssl.*`.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

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

    /// As the properties of a client say it: `security.protocol` and `ssl.*`.
    ///
    /// # Errors
    /// When they contradict each other, or name what cannot be used.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Self, SecurityError> {
        let protocol = properties.get("security.protocol").map_or("PLAINTEXT", |protocol| protocol.trim());
        match protocol.to_ascii_uppercase().as_str() {
            "PLAINTEXT" => Ok(Self::plaintext()),
            "SSL" => {
                let options = Options::read(|key| properties.get(key).cloned())?;
                Ok(Self::ssl(Arc::new(Connector::new(options)?)))
            }
            _ => Err(SecurityError::Protocol(protocol.to_owned())),
        }
    }

    /// Encrypted.
    #[must_use]
    pub fn ssl(tls: Arc<Connector>) -> Self {
        Self { tls: Some(tls) }
    }
}
