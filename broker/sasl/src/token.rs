//! Delegation tokens (KIP-48): an id, and a password that only who has the cluster's key can make of it.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use broker_types::Timestamp;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::{ITERATIONS, InvalidCredential, ScramCredential, ScramMechanism, Secret, scram::hash};

/// The key that makes the passwords of tokens: `delegation.token.secret.key`, the same on every node.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey(Secret);

/// Whom a token lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLogin {
    /// The name of its owner, as which it lets in.
    pub owner: String,
    /// What proves its password.
    pub credential: ScramCredential,
    /// When it ends.
    pub expires: Timestamp,
}

impl TokenKey {
    /// The key of this text; `None` where it is empty, as Kafka has no tokens then.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Secret::new(text)))
    }

    /// The secret part of a token: HMAC-SHA-512 of its id.
    #[must_use]
    pub fn hmac(&self, id: &str) -> Bytes {
        hash::hmac(ScramMechanism::Sha512, self.0.reveal().as_bytes(), id.as_bytes()).into()
    }

    /// What proves its password, the secret part in base64. The salt follows from the id, so that it is the same
    /// whenever it is made.
    ///
    /// # Errors
    /// None, as the iterations are Kafka's fewest.
    pub fn credential(
        &self,
        mechanism: ScramMechanism,
        id: &str,
    ) -> Result<ScramCredential, InvalidCredential> {
        let password = STANDARD.encode(self.hmac(id));
        let salt = hash::hmac(mechanism, self.0.reveal().as_bytes(), format!("salt {id}").as_bytes());
        ScramCredential::of_password(mechanism, &password, salt.into(), *ITERATIONS.start())
    }
}

/// By what a token is looked up whose secret part came: comparing it says nothing of the secret.
#[must_use]
pub fn fingerprint(hmac: &[u8]) -> Vec<u8> {
    Sha256::digest(hmac).to_vec()
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_part_is_the_published_function() {
        // HMAC-SHA-512 of "what do ya want for nothing?" by "Jefe" (RFC 4231, test case 2).
        let key = TokenKey::new("Jefe").unwrap();
        let hmac = key.hmac("what do ya want for nothing?");
        assert_eq!((hmac.len(), &hmac[..4]), (64, &[0x16, 0x4b, 0x7a, 0x7b][..]));
        assert_eq!(TokenKey::new(""), None);
        assert_eq!(format!("{key:?}"), "TokenKey([hidden])");
    }

    #[test]
    fn a_credential_is_of_one_token_and_mechanism() {
        let key = TokenKey::new("secret").unwrap();
        let of = |mechanism, id: &str| key.credential(mechanism, id).unwrap();
        let one = of(ScramMechanism::Sha256, "one");
        assert_eq!(one, of(ScramMechanism::Sha256, "one"));
        assert!(one.salt != of(ScramMechanism::Sha256, "two").salt);
        assert!(one.salt != of(ScramMechanism::Sha512, "one").salt);
        let password = STANDARD.encode(key.hmac("one"));
        let expected =
            ScramCredential::of_password(ScramMechanism::Sha256, &password, one.salt.clone(), 4096);
        assert_eq!(expected, Ok(one));
    }
}
