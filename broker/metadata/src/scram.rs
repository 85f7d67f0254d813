//! SCRAM credentials of users (KIP-554, KIP-900).

use core::fmt;

use broker_protocol::{
    Str,
    records::metadata::{RemoveUserScramCredentialRecord, UserScramCredentialRecord},
};
use bytes::Bytes;

use crate::{Change, Map, ReplayError};

/// The hash of a SCRAM credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScramMechanism {
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

impl ScramMechanism {
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
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
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

impl fmt::Debug for ScramCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramCredential").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// Every credential by mechanism and user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scram {
    by_user: Map<(ScramMechanism, Str), ScramCredential>,
}

impl Scram {
    /// The credentials by mechanism and user.
    #[must_use]
    pub fn by_user(&self) -> &Map<(ScramMechanism, Str), ScramCredential> {
        &self.by_user
    }

    pub(crate) fn set(&mut self, record: &UserScramCredentialRecord) -> Result<Change, ReplayError> {
        let mechanism = mechanism("UserScramCredentialRecord", record.mechanism)?;
        let credential = ScramCredential {
            salt: Bytes::copy_from_slice(&record.salt),
            stored_key: Bytes::copy_from_slice(&record.stored_key),
            server_key: Bytes::copy_from_slice(&record.server_key),
            iterations: record.iterations,
        };
        let name = record.name.detached();
        self.by_user.insert_mut((mechanism, name.clone()), credential);
        Ok(Change::Scram(mechanism, name))
    }

    pub(crate) fn remove(&mut self, record: &RemoveUserScramCredentialRecord) -> Result<Change, ReplayError> {
        let key = (mechanism("RemoveUserScramCredentialRecord", record.mechanism)?, record.name.detached());
        self.by_user.remove_mut(&key);
        Ok(Change::Scram(key.0, key.1))
    }

    pub(crate) fn to_records(&self) -> impl Iterator<Item = UserScramCredentialRecord> {
        self.by_user.iter().map(|((mechanism, name), credential)| UserScramCredentialRecord {
            name: name.clone(),
            mechanism: mechanism.code(),
            salt: credential.salt.clone(),
            stored_key: credential.stored_key.clone(),
            server_key: credential.server_key.clone(),
            iterations: credential.iterations,
        })
    }
}

fn mechanism(record: &'static str, code: i8) -> Result<ScramMechanism, ReplayError> {
    let unknown = ReplayError::UnknownValue { record, field: "Mechanism", value: code.into() };
    ScramMechanism::from_code(code).ok_or(unknown)
}
