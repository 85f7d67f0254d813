//! The end that listens.

use std::sync::Arc;

use rustls::{
    ServerConfig, ServerConnection,
    server::{NoClientAuth, danger::ClientCertVerifier},
};

use crate::{
    ends::Ends,
    error::TlsError,
    live::{Changes, InUse, Live, Refreshed},
    material::Material,
    name,
    options::{ClientAuth, Options},
    rules::Rules,
    trust::{Clients, Trust},
};

/// How connections of one listener are accepted. What it is made of may be replaced: connections that begin later use
/// that, those that are there live on.
#[derive(Debug)]
pub struct Acceptor {
    live: Live<Ends>,
    rules: Rules,
}

/// A certificate that does not say who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnnamedPeer {
    /// Its subject does not read.
    #[error("the certificate's subject cannot be read")]
    Unreadable,
    /// No rule fits it.
    #[error("Failed to map name for '{0}' based on SSL principal mapping rules.")]
    NoRule(String),
}

impl Acceptor {
    /// Accepts as the settings say.
    ///
    /// # Errors
    /// When they name what cannot be used.
    pub fn new(options: Options) -> Result<Self, TlsError> {
        let rules = Rules::parse(&options.rules)?;
        Ok(Self { live: Live::new(options, Ends::listening, |_, _| Ok(()))?, rules })
    }

    /// Accepts as the settings say, where nodes connect to each other with the same settings: who is accepted must
    /// believe who accepts, and the other way round; also while some have new keys and certificates, and others have not.
    ///
    /// # Errors
    /// When they name what cannot be used, or nodes would not believe each other.
    pub fn between_nodes(options: Options) -> Result<Self, TlsError> {
        let rules = Rules::parse(&options.rules)?;
        Ok(Self { live: Live::new(options, Ends::both, Ends::follow)?, rules })
    }

    /// The session of a connection that begins now.
    ///
    /// # Errors
    /// When the configuration makes no session.
    pub fn accept(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(self.config())
    }

    /// What makes the sessions of connections that begin now.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.live.config().server)
    }

    /// Who the other side of a session has proven to be; `None` where it was not asked, or did not say.
    ///
    /// # Errors
    /// When its certificate does not say who it is.
    pub fn name_of(&self, session: &ServerConnection) -> Result<Option<String>, UnnamedPeer> {
        let Some(certificate) = session.peer_certificates().and_then(<[_]>::first) else { return Ok(None) };
        let subject = name::subject(certificate).ok_or(UnnamedPeer::Unreadable)?;
        self.rules.apply(&subject).map(Some).ok_or(UnnamedPeer::NoRule(subject))
    }

    /// What connections that begin now are accepted with.
    #[must_use]
    pub fn in_use(&self) -> InUse {
        self.live.in_use()
    }

    /// Whether connections could be accepted as these settings say, from now on.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, options: &Options, allowed: Changes) -> Result<(), TlsError> {
        self.live.check(options, allowed).map(drop)
    }

    /// Looks at the settings and at the files that they name, and uses what is new.
    ///
    /// # Errors
    /// Why what is new cannot be used, once for each that is; what was there before stays.
    pub fn refresh(&self, options: Options, allowed: Changes) -> Result<Refreshed, TlsError> {
        self.live.refresh(options, allowed)
    }
}

pub(crate) fn server_config(options: &Options, material: Material) -> Result<ServerConfig, TlsError> {
    let keys = material.keys.ok_or(TlsError::Value {
        key: "ssl.keystore.location",
        reason: "a listener with SSL needs a key and a certificate".to_owned(),
    })?;
    let verifier: Arc<dyn ClientCertVerifier> = match (options.client_auth, material.trusted) {
        (ClientAuth::None, _) => Arc::new(NoClientAuth),
        (auth, Some(trusted)) => {
            Arc::new(Clients::new(Trust::new(trusted.certificates, material.provider.clone())?, auth)?)
        }
        (_, None) => {
            let reason = "whom to trust is to be said where clients are asked who they are".to_owned();
            return Err(TlsError::Value { key: "ssl.truststore.location", reason });
        }
    };
    let unusable = |error: rustls::Error| TlsError::Pair(error.to_string());
    ServerConfig::builder_with_provider(material.provider)
        .with_protocol_versions(&material.versions)
        .map_err(unusable)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(keys.chain, keys.key)
        .map_err(unusable)
}
