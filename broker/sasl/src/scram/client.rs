//! The client: it proves its password, and has the server prove that it knows it too.

use alloc::{string::String, vec::Vec};
use core::{fmt, mem};

use bytes::Bytes;
use subtle::ConstantTimeEq as _;

use super::{
    hash,
    message::{self, ClientFinal, ClientFirst, ServerFinal, ServerFirst, TOKEN_AUTH},
};
use crate::{ClientFailure, ITERATIONS, Login, ScramMechanism, Secret};

/// What binds the exchange to no channel: `n,,`.
const NO_CHANNEL: &[u8] = b"n,,";

pub(crate) struct ScramClient {
    mechanism: ScramMechanism,
    password: Secret,
    first: ClientFirst,
    state: State,
}

enum State {
    First,
    /// The signature that the server must give.
    Final(Vec<u8>),
    Ended,
}

impl ScramClient {
    pub(crate) fn new(mechanism: ScramMechanism, login: &Login, nonce: String) -> Self {
        let extensions =
            if login.is_token { [(TOKEN_AUTH.into(), "true".into())].to_vec() } else { Vec::new() };
        let first = ClientFirst {
            acts_as: String::new(),
            sasl_name: message::escaped(&login.username),
            nonce,
            extensions,
        };
        Self { mechanism, password: login.password.clone(), first, state: State::First }
    }

    pub(crate) fn first(&self) -> Bytes {
        self.first.text().into()
    }

    /// The answer to a challenge; `None` when the server has proved itself too.
    pub(crate) fn answer(&mut self, token: &[u8]) -> Result<Option<Bytes>, ClientFailure> {
        match mem::replace(&mut self.state, State::Ended) {
            State::First => {
                let (last, expected) = self.prove(token)?;
                self.state = State::Final(expected);
                Ok(Some(last.text().into()))
            }
            State::Final(expected) => match ServerFinal::read(token) {
                Some(ServerFinal::Signature(signature)) if bool::from(signature.ct_eq(&expected)) => Ok(None),
                Some(ServerFinal::Signature(_)) => Err(ClientFailure::Signature),
                Some(ServerFinal::Error(error)) => Err(ClientFailure::Refused(error)),
                None => Err(ClientFailure::Format),
            },
            State::Ended => Err(ClientFailure::Format),
        }
    }

    fn prove(&self, token: &[u8]) -> Result<(ClientFinal, Vec<u8>), ClientFailure> {
        let challenge = ServerFirst::read(token).ok_or(ClientFailure::Format)?;
        if !challenge.nonce.starts_with(&self.first.nonce) {
            return Err(ClientFailure::Nonce);
        }
        if !ITERATIONS.contains(&challenge.iterations) {
            return Err(ClientFailure::Iterations(challenge.iterations));
        }
        let (mechanism, iterations) = (self.mechanism, challenge.iterations.unsigned_abs());
        let salted = hash::salted_password(mechanism, self.password.reveal(), &challenge.salt, iterations);
        let key = hash::client_key(mechanism, &salted);
        let mut last = ClientFinal {
            channel_binding: NO_CHANNEL.to_vec(),
            nonce: challenge.nonce.clone(),
            proof: Vec::new(),
        };
        let signed = message::signed(&self.first, &challenge, &last);
        let stored_key = hash::digest(mechanism, &key);
        last.proof = hash::xor(&key, &hash::hmac(mechanism, &stored_key, signed.as_bytes()));
        let expected = hash::hmac(mechanism, &hash::server_key(mechanism, &salted), signed.as_bytes());
        Ok((last, expected))
    }
}

impl fmt::Debug for ScramClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramClient").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}
