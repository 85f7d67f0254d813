//! What a connection is protected by.

use std::{collections::BTreeMap, sync::Arc};

use broker_sasl::{Jaas, JaasError, Mechanism};
use broker_tls::{Connector, Options, TlsError};

use crate::{
    bearer::BearerError,
    login::{LoginError, SaslLogin},
};

/// Properties of a client that make no protection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecurityError {
    /// A protocol that is none.
    #[error("security.protocol={0}: PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL there are")]
    Protocol(String),
    /// The keys `ssl.*`.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A mechanism that is not built.
    #[error("sasl.mechanism={0}: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER are built")]
    Mechanism(String),
    /// Nobody to log in as.
    #[error(
        "sasl.jaas.config: Could not find a 'KafkaClient' entry in the JAAS configuration. System property \
         'java.security.auth.login.config' is not set: there is no Java here, set this key"
    )]
    NoJaas,
    /// A line that does not say who logs in.
    #[error("sasl.jaas.config: {0}")]
    Jaas(#[from] JaasError),
    /// What gets tokens.
    #[error(transparent)]
    Bearer(#[from] BearerError),
}

/// How connections to one listener are protected. Cheap to clone; the default is not at all.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Security {
    /// Encrypted, and whom to trust; `None`: not encrypted.
    pub tls: Option<Arc<Connector>>,
    /// Who this client is; `None`: nobody asks.
    pub sasl: Option<Arc<SaslLogin>>,
}

impl Security {
    /// Neither encrypted nor authenticated.
    #[must_use]
    pub fn plaintext() -> Self {
        Self::default()
    }

    /// As the properties of a client say it: `security.protocol`, `ssl.*`, `sasl.mechanism` and `sasl.jaas.config`.
    ///
    /// # Errors
    /// When they contradict each other, or name what cannot be used.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Self, SecurityError> {
        let protocol = properties.get("security.protocol").map_or("PLAINTEXT", |protocol| protocol.trim());
        let tls = || {
            let options = Options::read(|key| properties.get(key).cloned())?;
            Ok::<_, SecurityError>(Self::ssl(Arc::new(Connector::new(options)?)))
        };
        let login = || SaslLogin::from_properties(properties).map(Some);
        match protocol.to_ascii_uppercase().as_str() {
            "PLAINTEXT" => Ok(Self::plaintext()),
            "SSL" => tls(),
            "SASL_PLAINTEXT" => Ok(Self::plaintext().with_login(login()?)),
            "SASL_SSL" => Ok(tls()?.with_login(login()?)),
            _ => Err(SecurityError::Protocol(protocol.to_owned())),
        }
    }

    /// Encrypted.
    #[must_use]
    pub fn ssl(tls: Arc<Connector>) -> Self {
        Self { tls: Some(tls), sasl: None }
    }

    /// With a login, if there is one.
    #[must_use]
    pub fn with_login(self, login: Option<SaslLogin>) -> Self {
        Self { sasl: login.map(Arc::new), ..self }
    }
}

impl From<LoginError> for SecurityError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Jaas(error) => Self::Jaas(error),
            LoginError::Bearer(error) => Self::Bearer(error),
        }
    }
}

impl SaslLogin {
    fn from_properties(properties: &BTreeMap<String, String>) -> Result<Self, SecurityError> {
        let name = properties.get("sasl.mechanism").map_or("GSSAPI", |name| name.trim());
        let mechanism =
            Mechanism::from_name(name).ok_or_else(|| SecurityError::Mechanism(name.to_owned()))?;
        let line = properties.get("sasl.jaas.config").ok_or(SecurityError::NoJaas)?;
        Ok(Self::of(mechanism, &Jaas::parse(line)?, |key| properties.get(key).cloned())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JAAS: &str =
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"a\" password=\"b\";";

    fn read(properties: &[(&str, &str)]) -> Result<Security, SecurityError> {
        let owned = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Security::from_properties(&owned.collect())
    }

    #[test]
    fn a_login_is_read_as_java_s_clients_read_it() {
        let protocol = ("security.protocol", "sasl_plaintext");
        let mechanism = ("sasl.mechanism", "SCRAM-SHA-512");
        let security = read(&[protocol, mechanism, ("sasl.jaas.config", JAAS)]).unwrap();
        let login = security.sasl.unwrap();
        assert_eq!((login.mechanism().name(), login.user()), ("SCRAM-SHA-512", Some("a")));
        assert!(security.tls.is_none());
        assert_eq!(read(&[protocol]).unwrap_err(), SecurityError::Mechanism("GSSAPI".to_owned()));
        assert_eq!(read(&[protocol, mechanism]).unwrap_err(), SecurityError::NoJaas);
        let wrong = read(&[protocol, mechanism, ("sasl.jaas.config", "")]).unwrap_err();
        assert_eq!(wrong.to_string(), "sasl.jaas.config: Login module not specified in JAAS config");
        assert!(read(&[("security.protocol", "TLS")]).is_err());
    }
}
