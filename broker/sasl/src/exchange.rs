//! The server's side of one exchange, whatever its mechanism.

use alloc::{borrow::Cow, string::String};

use broker_types::Timestamp;
use bytes::Bytes;

use crate::{
    BearerLogin, BearerRefused, Mechanism, NONCE_BYTES, ScramCredential, ScramMechanism, Secret, TokenLogin,
    bearer, plain, scram::Server,
};

/// What a server knows of its users.
pub trait Credentials {
    /// The password of a user of PLAIN.
    fn password(&self, user: &str) -> Option<Secret>;

    /// What is kept of a user's password for SCRAM.
    fn scram(&self, mechanism: ScramMechanism, user: &str) -> Option<ScramCredential>;

    /// Whom the delegation token of this id lets in.
    fn token(&self, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin>;

    /// Whom a bearer's token lets in.
    ///
    /// # Errors
    /// What its client hears where it lets nobody in.
    fn bearer(&self, token: &str) -> Result<BearerLogin, BearerRefused>;
}

/// What a token led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The client is to answer this.
    Challenge(Bytes),
    /// The client is this user. The token, which may be empty, is for it.
    Complete {
        /// Who it is.
        who: Proven,
        /// The last token.
        token: Bytes,
    },
}

/// Who a client has proven to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The user's name.
    pub user: String,
    /// Whether by a delegation token: it may not have tokens made.
    pub by_token: bool,
    /// When what it was proven by ends.
    pub expires: Option<Timestamp>,
}

impl Proven {
    /// The user of a password, which does not end.
    pub(crate) const fn user(user: String) -> Self {
        Self { user, by_token: false, expires: None }
    }
}

/// Why nobody is let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The client is told this.
    #[error("{0}")]
    Told(Cow<'static, str>),
    /// The client is told only that its credentials are invalid: more would say what users there are.
    #[error("{0}")]
    Hidden(Cow<'static, str>),
    /// The client is told nothing: what it sent makes no sense at all.
    #[error("{0}")]
    Senseless(&'static str),
}

impl Failure {
    pub(crate) const fn told(text: &'static str) -> Self {
        Self::Told(Cow::Borrowed(text))
    }

    pub(crate) const fn hidden(text: &'static str) -> Self {
        Self::Hidden(Cow::Borrowed(text))
    }
}

/// One exchange of tokens.
#[derive(Debug)]
pub struct Exchange(Inner);

#[derive(Debug)]
enum Inner {
    Plain,
    Scram(Server),
    Bearer(bearer::Server),
}

impl Exchange {
    /// Before the first token.
    #[must_use]
    pub fn new(mechanism: Mechanism) -> Self {
        Self(match mechanism {
            Mechanism::Plain => Inner::Plain,
            Mechanism::Scram(scram) => Inner::Scram(Server::new(scram)),
            Mechanism::OauthBearer => Inner::Bearer(bearer::Server::default()),
        })
    }

    /// Takes the client's next token. `random` is fresh for every token.
    ///
    /// # Errors
    /// Why the exchange failed; there are no further steps then.
    pub fn step(
        &mut self,
        token: &[u8],
        random: &[u8; NONCE_BYTES],
        credentials: &impl Credentials,
    ) -> Result<Step, Failure> {
        match &mut self.0 {
            Inner::Plain => plain::check(token, credentials),
            Inner::Scram(server) => server.step(token, random, credentials),
            Inner::Bearer(server) => server.step(token, credentials),
        }
    }
}
