//! What a server keeps of a password for SCRAM (RFC 5802 section 3, KIP-84, KIP-554).

use alloc::vec::Vec;
use core::{fmt, ops::RangeInclusive};

use bytes::Bytes;

use crate::{Secret, scram::hash};

/// The iterations that Kafka takes.
pub const ITERATIONS: RangeInclusive<i32> = 4096..=16384;

/// The hash of a SCRAM credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScramMechanism {
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

impl ScramMechanism {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The code in records and requests.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    /// The mechanism of a code.
    #[must_use]
    pub fn from_code(code: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.code() == code)
    }

    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }
}

/// What proves a user's password without holding it. Its debug form shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramCredential {
    /// The salt.
    pub salt: Bytes,
    /// Proves the client to the server.
    pub stored_key: Bytes,
    /// Proves the server to the client.
    pub server_key: Bytes,
    /// How often the password was hashed.
    pub iterations: i32,
}

/// Iterations that no credential may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredential {
    /// Too easy to guess.
    #[error("Too few iterations")]
    TooFewIterations,
    /// Too dear to check.
    #[error("Too many iterations")]
    TooManyIterations,
}

impl ScramCredential {
    /// The credential of a password, which is taken as it is: Kafka normalizes nothing.
    ///
    /// # Errors
    /// When `iterations` are not among [`ITERATIONS`].
    pub fn of_password(
        mechanism: ScramMechanism,
        password: &str,
        salt: Bytes,
        iterations: i32,
    ) -> Result<Self, InvalidCredential> {
        check(iterations)?;
        let salted = hash::salted_password(mechanism, password, &salt, iterations.unsigned_abs());
        Self::of_salted_password(mechanism, &salted, salt, iterations)
    }

    /// The credential of a password that was salted and hashed already.
    ///
    /// # Errors
    /// When `iterations` are not among [`ITERATIONS`].
    pub fn of_salted_password(
        mechanism: ScramMechanism,
        salted: &[u8],
        salt: Bytes,
        iterations: i32,
    ) -> Result<Self, InvalidCredential> {
        check(iterations)?;
        Ok(Self {
            salt,
            stored_key: hash::digest(mechanism, &hash::client_key(mechanism, salted)).into(),
            server_key: hash::server_key(mechanism, salted).into(),
            iterations,
        })
    }
}

/// What a client sends in the place of a password that is to be set (KIP-554). Iterations that no credential may have are not
/// hashed so often: the server refuses them.
#[must_use]
pub fn salted_password(
    mechanism: ScramMechanism,
    password: &Secret,
    salt: &[u8],
    iterations: i32,
) -> Vec<u8> {
    let iterations = iterations.clamp(1, *ITERATIONS.end());
    hash::salted_password(mechanism, password.reveal(), salt, iterations.unsigned_abs())
}

fn check(iterations: i32) -> Result<(), InvalidCredential> {
    if iterations < *ITERATIONS.start() {
        return Err(InvalidCredential::TooFewIterations);
    }
    if iterations > *ITERATIONS.end() {
        return Err(InvalidCredential::TooManyIterations);
    }
    Ok(())
}

impl fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramCredential").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}
