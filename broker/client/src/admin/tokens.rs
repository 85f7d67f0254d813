//! Delegation tokens (KIP-48, KIP-373).

use std::fmt;

use broker_protocol::{
    Str,
    messages::{
        CreateDelegationTokenRequest, DescribeDelegationTokenRequest, ExpireDelegationTokenRequest,
        RenewDelegationTokenRequest, create_delegation_token_request::CreatableRenewers,
        describe_delegation_token_request::DescribeDelegationTokenOwner,
    },
};
use broker_types::Timestamp;
use bytes::Bytes;

use crate::{client::Client, error::ClientError};

/// Who a token is of, or for: type and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// `User`, as a rule.
    pub kind: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.name)
    }
}

/// A delegation token. Its debug form shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct DelegationToken {
    /// Its id, which is the user to log in as.
    pub id: String,
    /// Its secret part, which is the password in base64.
    pub hmac: Bytes,
    /// Whom it lets in.
    pub owner: Principal,
    /// Who asked for it.
    pub requester: Principal,
    /// Who else may renew and end it.
    pub renewers: Vec<Principal>,
    /// When it was made.
    pub issued: Timestamp,
    /// When it must be renewed.
    pub expires: Timestamp,
    /// When it can be renewed no more.
    pub max: Timestamp,
}

impl fmt::Debug for DelegationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelegationToken").field("id", &self.id).finish_non_exhaustive()
    }
}

fn principal(kind: &Str, name: &Str) -> Principal {
    Principal { kind: kind.to_string(), name: name.to_string() }
}

impl Client {
    /// Makes a token of `owner`, or of whoever asks, that lasts for `lifetime_ms` at most; below zero: as long as may be.
    ///
    /// # Errors
    /// When it may not be made.
    pub async fn create_token(
        &mut self,
        owner: Option<&Principal>,
        renewers: &[Principal],
        lifetime_ms: i64,
    ) -> Result<DelegationToken, ClientError> {
        let renewer = |one: &Principal| CreatableRenewers {
            principal_type: Str::from(&*one.kind),
            principal_name: Str::from(&*one.name),
        };
        let request = CreateDelegationTokenRequest {
            owner_principal_type: owner.map(|owner| Str::from(&*owner.kind)),
            owner_principal_name: owner.map(|owner| Str::from(&*owner.name)),
            renewers: renewers.iter().map(renewer).collect(),
            max_lifetime_ms: lifetime_ms,
        };
        let made = self.controller(&request).await?;
        ClientError::check(made.error_code, None)?;
        Ok(DelegationToken {
            id: made.token_id.to_string(),
            hmac: made.hmac,
            owner: principal(&made.principal_type, &made.principal_name),
            requester: principal(&made.token_requester_principal_type, &made.token_requester_principal_name),
            renewers: renewers.to_vec(),
            issued: Timestamp::from_millis(made.issue_timestamp_ms),
            expires: Timestamp::from_millis(made.expiry_timestamp_ms),
            max: Timestamp::from_millis(made.max_timestamp_ms),
        })
    }

    /// Has a token last for `period_ms` more; below zero: as long as may be. When it ends then.
    ///
    /// # Errors
    /// When it is not known, another's, or over.
    pub async fn renew_token(&mut self, hmac: Bytes, period_ms: i64) -> Result<Timestamp, ClientError> {
        let request = RenewDelegationTokenRequest { hmac, renew_period_ms: period_ms };
        let renewed = self.controller(&request).await?;
        ClientError::check(renewed.error_code, None)?;
        Ok(Timestamp::from_millis(renewed.expiry_timestamp_ms))
    }

    /// Has a token end after `period_ms`; below zero: at once. When it ends then.
    ///
    /// # Errors
    /// When it is not known, another's, or over.
    pub async fn expire_token(&mut self, hmac: Bytes, period_ms: i64) -> Result<Timestamp, ClientError> {
        let request = ExpireDelegationTokenRequest { hmac, expiry_time_period_ms: period_ms };
        let expired = self.controller(&request).await?;
        ClientError::check(expired.error_code, None)?;
        Ok(Timestamp::from_millis(expired.expiry_timestamp_ms))
    }

    /// The tokens of these owners and renewers that one may see; `None`: all.
    ///
    /// # Errors
    /// When this client may not ask, or nobody answers.
    pub async fn tokens(
        &mut self,
        owners: Option<&[Principal]>,
    ) -> Result<Vec<DelegationToken>, ClientError> {
        let owner = |one: &Principal| DescribeDelegationTokenOwner {
            principal_type: Str::from(&*one.kind),
            principal_name: Str::from(&*one.name),
        };
        let owners = owners.map(|owners| owners.iter().map(owner).collect());
        let described = self.any(&DescribeDelegationTokenRequest { owners }).await?;
        ClientError::check(described.error_code, None)?;
        let token = described.tokens.into_iter().map(|one| DelegationToken {
            owner: principal(&one.principal_type, &one.principal_name),
            requester: principal(&one.token_requester_principal_type, &one.token_requester_principal_name),
            renewers: one
                .renewers
                .iter()
                .map(|one| principal(&one.principal_type, &one.principal_name))
                .collect(),
            id: one.token_id.to_string(),
            hmac: one.hmac,
            issued: Timestamp::from_millis(one.issue_timestamp),
            expires: Timestamp::from_millis(one.expiry_timestamp),
            max: Timestamp::from_millis(one.max_timestamp),
        });
        Ok(token.collect())
    }
}
