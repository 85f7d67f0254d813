//! The client's side of one exchange, whatever its mechanism.

use alloc::string::String;

use bytes::Bytes;

use crate::{ITERATIONS, Login, Mechanism, NONCE_BYTES, nonce, plain, scram::ScramClient};

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
}

impl Client {
    /// Before the first token. `random` is fresh for every exchange.
    #[must_use]
    pub fn new(mechanism: Mechanism, login: &Login, random: &[u8; NONCE_BYTES]) -> Self {
        Self(match mechanism {
            Mechanism::Plain => Inner::Plain(login.clone()),
            Mechanism::Scram(scram) => Inner::Scram(ScramClient::new(scram, login, nonce(random))),
        })
    }

    /// The first token.
    #[must_use]
    pub fn first(&self) -> Bytes {
        match &self.0 {
            Inner::Plain(login) => plain::message(&login.username, &login.password),
            Inner::Scram(client) => client.first(),
        }
    }

    /// The answer to the server's token; `None` when nothing is left to say.
    ///
    /// # Errors
    /// Why the server is not trusted.
    pub fn answer(&mut self, token: &[u8]) -> Result<Option<Bytes>, ClientFailure> {
        match &mut self.0 {
            Inner::Plain(_) => Ok(None),
            Inner::Scram(client) => client.answer(token),
        }
    }
}
