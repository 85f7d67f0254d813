//! Delegation tokens: made, renewed, ended, and removed when their time is over (KIP-48, KIP-373, KIP-900).
//!
//! Times are those of the controller's wall clock. The secret part of a token is in no record: it follows from the id
//! and the cluster's key.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::ToString as _,
    vec::Vec,
};
use core::{fmt, time::Duration};

use broker_metadata::{DelegationToken, Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{DelegationTokenRecord, MetadataRecord, RemoveDelegationTokenRecord},
};
use broker_sasl::{TokenKey, fingerprint};
use broker_types::{Mono, Now, Random, Timestamp, Uuid};
use bytes::Bytes;

use crate::{MAX_RECORDS, Settings, TokenSettings};

/// A token to make. Principals are `type:name`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateToken {
    /// Who asks.
    pub requester: Str,
    /// Whom it is to let in.
    pub owner: Str,
    /// Who else may renew and end it.
    pub renewers: Vec<Str>,
    /// Its longest life; `None`: as long as may be.
    pub lifetime_max: Option<Duration>,
}

/// A token that is to last longer. Its debug form shows no secret.
#[derive(Clone, PartialEq)]
pub struct RenewToken {
    /// Who asks.
    pub requester: Str,
    /// The secret part.
    pub hmac: Bytes,
    /// For how long; `None`: as long as may be.
    pub period: Option<Duration>,
}

/// A token that is to end. Its debug form shows no secret.
#[derive(Clone, PartialEq)]
pub struct ExpireToken {
    /// Who asks.
    pub requester: Str,
    /// The secret part.
    pub hmac: Bytes,
    /// After which time; `None`: at once.
    pub period: Option<Duration>,
}

/// A token that was made. Its debug form shows no secret.
#[derive(Clone, PartialEq)]
pub struct CreatedToken {
    /// Its id.
    pub id: Str,
    /// Its secret part.
    pub hmac: Bytes,
    /// When it was made.
    pub issued: Timestamp,
    /// When it must be renewed.
    pub expires: Timestamp,
    /// When it can be renewed no more.
    pub max: Timestamp,
}

/// Why nothing was done about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The cluster has no key.
    #[error("Delegation Token feature is not enabled.")]
    Disabled,
    /// The cluster's metadata has no room for tokens yet.
    #[error("The version of API is not supported.")]
    Version,
    /// There is none with this secret part.
    #[error("Delegation Token is not found on server.")]
    NotFound,
    /// Its time is over.
    #[error("Delegation Token is expired.")]
    Expired,
    /// It is another's.
    #[error("Specified Principal is not valid Owner/Renewer.")]
    OwnerMismatch,
}

type Changed<T> = Result<(Vec<MetadataRecord>, T), TokenError>;

/// Makes a token.
pub(crate) fn create(
    image: &Image,
    settings: &Settings,
    now: Timestamp,
    random: &mut Random,
    request: CreateToken,
) -> Changed<CreatedToken> {
    let tokens = enabled(image, settings)?;
    let max = now.plus(shorter(tokens.lifetime_max, request.lifetime_max));
    let expires = max.min(now.plus(tokens.renewal));
    let id = fresh(image, random);
    let created = CreatedToken { hmac: tokens.key.hmac(&id), id: id.clone(), issued: now, expires, max };
    let token = DelegationToken {
        owner: request.owner,
        requester: request.requester,
        renewers: request.renewers,
        issued: now,
        max,
        expires,
    };
    Ok((alloc::vec![record(id, &token, expires)], created))
}

/// What a leading controller knows of tokens beyond the image.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// The ids of those that were looked at, by the fingerprints of their secret parts.
    by_fingerprint: BTreeMap<Vec<u8>, Str>,
    known: BTreeSet<Str>,
    /// When those that ended are removed next.
    due: Option<Mono>,
}

impl Tokens {
    pub(crate) fn new(settings: &Settings, now: Mono) -> Self {
        let due = settings.tokens.as_ref().map(|tokens| now.plus(tokens.check_interval));
        Self { due, ..Self::default() }
    }

    /// Has a token last longer, up to its longest life.
    pub(crate) fn renew(
        &mut self,
        image: &Image,
        settings: &Settings,
        now: Timestamp,
        request: &RenewToken,
    ) -> Changed<Timestamp> {
        let tokens = enabled(image, settings)?;
        let (id, token) = self.find(image, &tokens.key, &request.hmac).ok_or(TokenError::NotFound)?;
        if is_over(token, now) {
            return Err(TokenError::Expired);
        }
        allowed(token, &request.requester)?;
        let expires = token.max.min(now.plus(shorter(tokens.renewal, request.period)));
        Ok((alloc::vec![record(id, token, expires)], expires))
    }

    /// Has a token end, at once or within its longest life.
    pub(crate) fn expire(
        &mut self,
        image: &Image,
        settings: &Settings,
        now: Timestamp,
        request: &ExpireToken,
    ) -> Changed<Timestamp> {
        let tokens = enabled(image, settings)?;
        let (id, token) = self.find(image, &tokens.key, &request.hmac).ok_or(TokenError::NotFound)?;
        allowed(token, &request.requester)?;
        let Some(period) = request.period else {
            return Ok((alloc::vec![removal(id)], now));
        };
        if is_over(token, now) {
            return Err(TokenError::Expired);
        }
        let expires = token.max.min(now.plus(period));
        Ok((alloc::vec![record(id, token, expires)], expires))
    }

    /// The removal of tokens whose time is over, when it is due.
    pub(crate) fn due(&mut self, settings: &Settings, now: Now, image: &Image) -> Vec<MetadataRecord> {
        let Some(tokens) = settings.tokens.as_ref().filter(|_| self.due.is_some_and(|due| now.mono >= due))
        else {
            return Vec::new();
        };
        let over = image.tokens().by_id().iter().filter(|(_, token)| is_over(token, now.wall));
        let removed: Vec<_> = over.take(MAX_RECORDS).map(|(id, _)| removal(id.clone())).collect();
        // What one batch does not hold is due at once.
        if removed.len() < MAX_RECORDS {
            self.due = Some(now.mono.plus(tokens.check_interval));
        }
        removed
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.due
    }

    /// The token of a secret part. Each token's is made once.
    fn find<'a>(
        &mut self,
        image: &'a Image,
        key: &TokenKey,
        hmac: &[u8],
    ) -> Option<(Str, &'a DelegationToken)> {
        let fingerprint = fingerprint(hmac);
        let tokens = image.tokens().by_id();
        let known = |here: &Self| {
            let id = here.by_fingerprint.get(&fingerprint)?;
            Some((id.clone(), tokens.get(id)?))
        };
        if let Some(found) = known(self) {
            return Some(found);
        }
        self.by_fingerprint.retain(|_, id| tokens.contains_key(id));
        self.known.retain(|id| tokens.contains_key(id));
        for id in tokens.keys() {
            if self.known.insert(id.clone()) {
                self.by_fingerprint.insert(crate::tokens::fingerprint(&key.hmac(id)), id.clone());
            }
        }
        known(self)
    }
}

fn enabled<'a>(image: &Image, settings: &'a Settings) -> Result<&'a TokenSettings, TokenError> {
    let tokens = settings.tokens.as_ref().ok_or(TokenError::Disabled)?;
    let has_room = image.metadata_version() >= MetadataVersion::DELEGATION_TOKENS;
    has_room.then_some(tokens).ok_or(TokenError::Version)
}

fn allowed(token: &DelegationToken, requester: &Str) -> Result<(), TokenError> {
    let is_its = token.owner == *requester || token.renewers.contains(requester);
    is_its.then_some(()).ok_or(TokenError::OwnerMismatch)
}

fn is_over(token: &DelegationToken, now: Timestamp) -> bool {
    token.max < now || token.expires < now
}

fn shorter(max: Duration, asked: Option<Duration>) -> Duration {
    asked.filter(|asked| !asked.is_zero()).map_or(max, |asked| asked.min(max))
}

/// An id that no token has.
fn fresh(image: &Image, random: &mut Random) -> Str {
    loop {
        let Some(id) = Uuid::from_random(random.bytes()) else { continue };
        let id = Str::from(id.to_string());
        if !image.tokens().by_id().contains_key(&id) {
            return id;
        }
    }
}

fn record(id: Str, token: &DelegationToken, expires: Timestamp) -> MetadataRecord {
    DelegationTokenRecord {
        owner: token.owner.clone(),
        requester: token.requester.clone(),
        renewers: token.renewers.clone(),
        issue_timestamp: token.issued.as_millis(),
        max_timestamp: token.max.as_millis(),
        expiration_timestamp: expires.as_millis(),
        token_id: id,
    }
    .into()
}

fn removal(id: Str) -> MetadataRecord {
    RemoveDelegationTokenRecord { token_id: id }.into()
}

impl fmt::Debug for RenewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requester, period, .. } = self;
        let mut shown = f.debug_struct("RenewToken");
        shown.field("requester", requester).field("period", period).finish_non_exhaustive()
    }
}

impl fmt::Debug for ExpireToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requester, period, .. } = self;
        let mut shown = f.debug_struct("ExpireToken");
        shown.field("requester", requester).field("period", period).finish_non_exhaustive()
    }
}

impl fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedToken").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
