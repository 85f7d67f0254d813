//! The algorithms of signatures (RFC 7518, RFC 8037): those with a public key.

use ring::signature::{self as ring_signature, RsaParameters, UnparsedPublicKey, VerificationAlgorithm};

use crate::public_key::PublicKey;

/// How a token is signed. Neither `none` nor anything with a shared key is among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    /// Whether it goes with a key.
    pub(crate) fn is_for(self, key: &PublicKey) -> bool {
        match key {
            PublicKey::Rsa { .. } => self.rsa().is_some(),
            PublicKey::P256(_) => self == Self::Es256,
            PublicKey::P384(_) => self == Self::Es384,
            PublicKey::Ed25519(_) => self == Self::EdDsa,
        }
    }

    /// Whether the signature of `signed` is the key's.
    pub(crate) fn is_valid(self, key: &PublicKey, signed: &[u8], signature: &[u8]) -> bool {
        let point = |algorithm: &'static dyn VerificationAlgorithm, point: &[u8]| {
            UnparsedPublicKey::new(algorithm, point).verify(signed, signature).is_ok()
        };
        match (key, self) {
            (PublicKey::Rsa { modulus, exponent }, _) => self.rsa().is_some_and(|parameters| {
                let key = ring_signature::RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, signed, signature).is_ok()
            }),
            (PublicKey::P256(key), Self::Es256) => point(&ring_signature::ECDSA_P256_SHA256_FIXED, key),
            (PublicKey::P384(key), Self::Es384) => point(&ring_signature::ECDSA_P384_SHA384_FIXED, key),
            (PublicKey::Ed25519(key), Self::EdDsa) => point(&ring_signature::ED25519, key),
            _ => false,
        }
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &ring_signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &ring_signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &ring_signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &ring_signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &ring_signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }
}
