//! How a client says who it is.

use std::{collections::BTreeMap, sync::Arc};

use broker_oauth::TokenSource;
use broker_sasl::{Jaas, JaasError, Login, Mechanism, ScramMechanism};

use crate::bearer::{self, BearerError};

/// How a client says who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslLogin {
    /// By its password itself.
    Plain(Login),
    /// By a proof of its password, or of a delegation token's.
    Scram(ScramMechanism, Login),
    /// By a token of OAuth 2.
    Bearer {
        /// Where it gets tokens.
        source: Arc<TokenSource>,
        /// What it says besides.
        extensions: BTreeMap<String, String>,
    },
}

/// Why nobody can log in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The line does not say so.
    #[error(transparent)]
    Jaas(#[from] JaasError),
    /// What gets tokens.
    #[error(transparent)]
    Bearer(#[from] BearerError),
}

impl SaslLogin {
    /// As a JAAS line says it, and for OAUTHBEARER the settings `sasl.oauthbearer.*` and `sasl.login.*`.
    ///
    /// # Errors
    /// When they do not say who logs in.
    pub fn of(
        mechanism: Mechanism,
        jaas: &Jaas,
        setting: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, LoginError> {
        Ok(match mechanism {
            Mechanism::Plain => Self::Plain(jaas.login()?),
            Mechanism::Scram(scram) => Self::Scram(scram, jaas.login()?),
            Mechanism::OauthBearer => {
                let source = Arc::new(bearer::source(jaas, setting)?);
                Self::Bearer { source, extensions: jaas.extensions() }
            }
        })
    }

    /// By which mechanism.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        match self {
            Self::Plain(_) => Mechanism::Plain,
            Self::Scram(scram, _) => Mechanism::Scram(*scram),
            Self::Bearer { .. } => Mechanism::OauthBearer,
        }
    }

    /// The user, where it is said here.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Plain(login) | Self::Scram(_, login) => Some(&login.username),
            Self::Bearer { .. } => None,
        }
    }
}
