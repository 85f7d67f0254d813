//! SCRAM credentials of users (KIP-554, KIP-900).

use broker_protocol::{
    Str,
    records::metadata::{RemoveUserScramCredentialRecord, UserScramCredentialRecord},
};
pub use broker_sasl::{ScramCredential, ScramMechanism};
use bytes::Bytes;

use crate::{Change, Map, ReplayError};

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
