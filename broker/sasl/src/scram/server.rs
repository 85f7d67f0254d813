//! The server: first message, challenge, proof, signature.

use alloc::{borrow::Cow, boxed::Box, format, string::String};
use core::{fmt, mem};

use bytes::Bytes;
use subtle::ConstantTimeEq as _;

use super::{
    hash,
    message::{self, ClientFinal, ClientFirst, ServerFinal, ServerFirst},
};
use crate::{
    Credentials, Failure, ITERATIONS, NONCE_BYTES, Proven, ScramCredential, ScramMechanism, Step, nonce,
};

/// The server's side of one exchange.
pub(crate) struct Server {
    mechanism: ScramMechanism,
    state: State,
}

enum State {
    First,
    Final(Box<Challenged>),
    /// Complete, or failed.
    Ended,
}

/// What the client is to prove.
struct Challenged {
    who: Proven,
    credential: ScramCredential,
    first: ClientFirst,
    challenge: ServerFirst,
}

impl Server {
    pub(crate) const fn new(mechanism: ScramMechanism) -> Self {
        Self { mechanism, state: State::First }
    }

    pub(crate) fn step(
        &mut self,
        token: &[u8],
        random: &[u8; NONCE_BYTES],
        credentials: &impl Credentials,
    ) -> Result<Step, Failure> {
        match mem::replace(&mut self.state, State::Ended) {
            State::First => {
                let challenged = challenge(self.mechanism, token, random, credentials)?;
                let token = Bytes::from(challenged.challenge.text());
                self.state = State::Final(Box::new(challenged));
                Ok(Step::Challenge(token))
            }
            State::Final(challenged) => verify(self.mechanism, token, *challenged),
            State::Ended => Err(Failure::Senseless("a token after the end of the exchange")),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

fn challenge(
    mechanism: ScramMechanism,
    token: &[u8],
    random: &[u8; NONCE_BYTES],
    credentials: &impl Credentials,
) -> Result<Challenged, Failure> {
    let first = ClientFirst::read(token)
        .ok_or_else(|| Failure::hidden("Invalid SCRAM client first message format"))?;
    let user = message::unescaped(&first.sasl_name).into_owned();
    let (who, credential) = if first.is_of_token() {
        let token = credentials
            .token(mechanism, &user)
            .ok_or_else(|| hidden(format!("Token Authentication failed: Invalid tokenId : {user}")))?;
        (Proven { user: token.owner, by_token: true, expires: Some(token.expires) }, token.credential)
    } else {
        let credential = credentials
            .scram(mechanism, &user)
            .ok_or_else(|| Failure::hidden("Authentication failed: Invalid user credentials"))?;
        (Proven::user(user.clone()), credential)
    };
    if !first.acts_as.is_empty() && first.acts_as != user {
        return Err(Failure::told(
            "Authentication failed: Client requested an authorization id that is different from username",
        ));
    }
    if credential.iterations < *ITERATIONS.start() {
        let (iterations, min) = (credential.iterations, ITERATIONS.start());
        let mechanism = mechanism.name();
        return Err(hidden(format!(
            "Iterations {iterations} is less than the minimum {min} for {mechanism}"
        )));
    }
    let challenge = ServerFirst {
        nonce: format!("{}{}", first.nonce, nonce(random)),
        salt: credential.salt.to_vec(),
        iterations: credential.iterations,
    };
    Ok(Challenged { who, credential, first, challenge })
}

fn verify(mechanism: ScramMechanism, token: &[u8], challenged: Challenged) -> Result<Step, Failure> {
    let Challenged { who, credential, first, challenge } = challenged;
    let last = ClientFinal::read(token)
        .ok_or_else(|| Failure::hidden("Invalid SCRAM client final message format"))?;
    // All of it: librdkafka before 2.6.1 put its own before it once more, which Kafka took up to 3.9.
    if last.nonce != challenge.nonce {
        return Err(Failure::hidden("Invalid client nonce in the final client message."));
    }
    let signed = message::signed(&first, &challenge, &last);
    let signature = hash::hmac(mechanism, &credential.stored_key, signed.as_bytes());
    if last.proof.len() != signature.len() {
        return Err(Failure::Senseless("a proof of another length than the hash"));
    }
    let key = hash::digest(mechanism, &hash::xor(&signature, &last.proof));
    if !bool::from(key.ct_eq(&credential.stored_key)) {
        return Err(Failure::hidden("Invalid client credentials"));
    }
    let signature = hash::hmac(mechanism, &credential.server_key, signed.as_bytes());
    Ok(Step::Complete { who, token: ServerFinal::Signature(signature).text().into() })
}

fn hidden(text: String) -> Failure {
    Failure::Hidden(Cow::Owned(text))
}
