//! SCRAM credentials: set and deleted user by user (KIP-554, KIP-900).

use alloc::{collections::BTreeMap, vec::Vec};
use core::fmt;

use broker_metadata::{Image, MetadataVersion, ScramMechanism};
use broker_protocol::{
    Str,
    records::metadata::{MetadataRecord, RemoveUserScramCredentialRecord, UserScramCredentialRecord},
};
use broker_sasl::{InvalidCredential, ScramCredential};
use bytes::Bytes;

use crate::MAX_RECORDS;

/// Credentials to set and to delete. Each user succeeds or fails on its own, and may be named once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterScram {
    /// What is to go.
    pub deletions: Vec<ScramDeletion>,
    /// What is to be.
    pub upsertions: Vec<ScramUpsertion>,
}

/// A credential to delete.
#[derive(Clone, Debug, PartialEq)]
pub struct ScramDeletion {
    /// Whose.
    pub name: Str,
    /// The code of its mechanism.
    pub mechanism: i8,
}

/// A credential to set. Its debug form shows no secret.
#[derive(Clone, PartialEq)]
pub struct ScramUpsertion {
    /// Whose.
    pub name: Str,
    /// The code of its mechanism.
    pub mechanism: i8,
    /// How often the password was hashed.
    pub iterations: i32,
    /// With which salt.
    pub salt: Bytes,
    /// What came of it.
    pub salted_password: Bytes,
}

impl fmt::Debug for ScramUpsertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, mechanism, iterations, .. } = self;
        let mut shown = f.debug_struct("ScramUpsertion");
        shown.field("name", name).field("mechanism", mechanism).field("iterations", iterations);
        shown.finish_non_exhaustive()
    }
}

/// Why a user's credentials were not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScramChangeError {
    /// The user is named twice.
    #[error("A user credential cannot be altered twice in the same request")]
    Twice,
    /// The cluster's metadata has no room for credentials yet.
    #[error("The current metadata.version does not support SCRAM")]
    Version,
    /// Nobody is named.
    #[error("Username must not be empty")]
    NoName,
    /// No such mechanism.
    #[error("Unknown SCRAM mechanism")]
    Mechanism,
    /// There is nothing to delete.
    #[error("Attempt to delete a user credential that does not exist")]
    Unknown,
    /// Its iterations are not good.
    #[error(transparent)]
    Credential(#[from] InvalidCredential),
    /// A salted password of no bytes.
    #[error("Empty key")]
    EmptyKey,
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// What each user came to.
pub(crate) type Altered = Vec<(Str, Result<(), ScramChangeError>)>;

/// Changes credentials. Of a user that is named twice nothing is changed.
pub(crate) fn alter(image: &Image, request: &AlterScram) -> (Vec<MetadataRecord>, Altered) {
    let mut users: BTreeMap<Str, Result<MetadataRecord, ScramChangeError>> = BTreeMap::new();
    let has_room = image.metadata_version() >= MetadataVersion::SCRAM;
    let room = || has_room.then_some(()).ok_or(ScramChangeError::Version);
    let deletions = request.deletions.iter().map(|one| (&one.name, room().and_then(|()| delete(image, one))));
    let upsertions = request.upsertions.iter().map(|one| (&one.name, room().and_then(|()| upsert(one))));
    for (name, change) in deletions.chain(upsertions) {
        let change = match users.get(name) {
            None => change,
            // The first fault of a user is told.
            Some(Err(fault)) => Err(*fault),
            Some(Ok(_)) => Err(ScramChangeError::Twice),
        };
        users.insert(name.clone(), change);
    }
    if users.values().filter(|change| change.is_ok()).count() > MAX_RECORDS {
        let refused = |(name, _)| (name, Err(ScramChangeError::TooManyRecords));
        return (Vec::new(), users.into_iter().map(refused).collect());
    }
    let mut records = Vec::new();
    let results = users.into_iter().map(|(name, change)| (name, change.map(|record| records.push(record))));
    let results = results.collect();
    (records, results)
}

fn delete(image: &Image, deletion: &ScramDeletion) -> Result<MetadataRecord, ScramChangeError> {
    let mechanism = mechanism(&deletion.name, deletion.mechanism)?;
    if !image.scram().by_user().contains_key(&(mechanism, deletion.name.clone())) {
        return Err(ScramChangeError::Unknown);
    }
    Ok(RemoveUserScramCredentialRecord { name: deletion.name.clone(), mechanism: mechanism.code() }.into())
}

fn upsert(upsertion: &ScramUpsertion) -> Result<MetadataRecord, ScramChangeError> {
    let mechanism = mechanism(&upsertion.name, upsertion.mechanism)?;
    let credential = ScramCredential::of_salted_password(
        mechanism,
        &upsertion.salted_password,
        upsertion.salt.clone(),
        upsertion.iterations,
    )?;
    if upsertion.salted_password.is_empty() {
        return Err(ScramChangeError::EmptyKey);
    }
    Ok(record(upsertion.name.clone(), mechanism, credential).into())
}

/// The record of a credential.
pub(crate) fn record(
    name: Str,
    mechanism: ScramMechanism,
    credential: ScramCredential,
) -> UserScramCredentialRecord {
    UserScramCredentialRecord {
        name,
        mechanism: mechanism.code(),
        salt: credential.salt,
        stored_key: credential.stored_key,
        server_key: credential.server_key,
        iterations: credential.iterations,
    }
}

fn mechanism(name: &Str, code: i8) -> Result<ScramMechanism, ScramChangeError> {
    if name.is_empty() {
        return Err(ScramChangeError::NoName);
    }
    ScramMechanism::from_code(code).ok_or(ScramChangeError::Mechanism)
}

#[cfg(test)]
mod tests;
