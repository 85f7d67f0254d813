//! The client's side of one exchange, whatever its mechanism.

use alloc::{collections::BTreeMap, string::String};

use bytes::Bytes;

use crate::{
    ITERATIONS, Login, NONCE_BYTES, ScramMechanism, Secret, bearer, nonce, plain, scram::ScramClient,
};

/// Why a client does not go on with a server that did not refuse it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFailure {
    /// What the server sent is no message of the mechanism.
    #[error("the server's token is no message of the mechanism")]
    Format,
    /// The answer is not to this client's question.
    #[error("Invalid server nonce: does not start with client nonce")]
    Nonce,
    /// The password would be too easy to guess of what is sent, or too dear to hash.
    #[error("the server asks for {0} iterations, which is not from {min} to {max}", min = ITERATIONS.start(), max = ITERATIONS.end())]
    Iterations(i32),
    /// The server does not know the password.
    #[error("Invalid server signature in server final message")]
    Signature,
    /// The server says why it refuses.
    #[error("the server refuses: {0}")]
    Refused(String),
}

/// One exchange of tokens.
#[derive(Debug)]
pub struct Client(Inner);

#[derive(Debug)]
enum Inner {
    Plain(Login),
    Scram(ScramClient),
    Bearer(Secret, BTreeMap<String, String>),
}

impl Client {
    /// By PLAIN, before the first token.
    #[must_use]
    pub fn plain(login: &Login) -> Self {
        Self(Inner::Plain(login.clone()))
    }

    /// By SCRAM, before the first token. `random` is fresh for every exchange.
    #[must_use]
    pub fn scram(mechanism: ScramMechanism, login: &Login, random: &[u8; NONCE_BYTES]) -> Self {
        Self(Inner::Scram(ScramClient::new(mechanism, login, nonce(random))))
    }

    /// By a bearer's token, before it is sent, with what else is to be said.
    #[must_use]
    pub fn bearer(token: Secret, extensions: BTreeMap<String, String>) -> Self {
        Self(Inner::Bearer(token, extensions))
    }

    /// The first token.
    #[must_use]
    pub fn first(&self) -> Bytes {
        match &self.0 {
            Inner::Plain(login) => plain::message(&login.username, &login.password),
            Inner::Scram(client) => client.first(),
            Inner::Bearer(token, extensions) => bearer::message(token, extensions),
        }
    }

    /// The answer to the server's token; `None` when nothing is left to say.
    ///
    /// # Errors
    /// Why the server is not trusted.
    pub fn answer(&mut self, token: &[u8]) -> Result<Option<Bytes>, ClientFailure> {
        match &mut self.0 {
            Inner::Plain(_) => Ok(None),
            // The server says what is wrong once more when it has this.
            Inner::Bearer(..) => Ok((!token.is_empty()).then(bearer::answer_to_error)),
            Inner::Scram(client) => client.answer(token),
        }
    }
}
