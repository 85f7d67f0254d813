//! Delegation tokens (KIP-48, KIP-900).

use alloc::vec::Vec;

use broker_protocol::{
    Str,
    records::metadata::{DelegationTokenRecord, RemoveDelegationTokenRecord},
};
use broker_types::Timestamp;

use crate::{Change, Map};

/// One delegation token, without its secret: that is derived from the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationToken {
    /// Who authenticates by it, as `type:name`.
    pub owner: Str,
    /// Who asked for it.
    pub requester: Str,
    /// Who else may renew it.
    pub renewers: Vec<Str>,
    /// When it was issued.
    pub issued: Timestamp,
    /// When it can be renewed no more.
    pub max: Timestamp,
    /// When it must be renewed next.
    pub expires: Timestamp,
}

/// Every token by its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokens {
    by_id: Map<Str, DelegationToken>,
}

impl DelegationTokens {
    /// The tokens by id.
    #[must_use]
    pub fn by_id(&self) -> &Map<Str, DelegationToken> {
        &self.by_id
    }

    pub(crate) fn set(&mut self, record: &DelegationTokenRecord) -> Change {
        let token = DelegationToken {
            owner: record.owner.detached(),
            requester: record.requester.detached(),
            renewers: record.renewers.iter().map(Str::detached).collect(),
            issued: Timestamp::from_millis(record.issue_timestamp),
            max: Timestamp::from_millis(record.max_timestamp),
            expires: Timestamp::from_millis(record.expiration_timestamp),
        };
        let id = record.token_id.detached();
        self.by_id.insert_mut(id.clone(), token);
        Change::Token(id)
    }

    pub(crate) fn remove(&mut self, record: &RemoveDelegationTokenRecord) -> Change {
        self.by_id.remove_mut(&*record.token_id);
        Change::Token(record.token_id.detached())
    }

    pub(crate) fn to_records(&self) -> impl Iterator<Item = DelegationTokenRecord> {
        self.by_id.iter().map(|(id, token)| DelegationTokenRecord {
            owner: token.owner.clone(),
            requester: token.requester.clone(),
            renewers: token.renewers.clone(),
            issue_timestamp: token.issued.as_millis(),
            max_timestamp: token.max.as_millis(),
            expiration_timestamp: token.expires.as_millis(),
            token_id: id.clone(),
        })
    }
}
