// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DelegationTokenRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `DelegationTokenRecord`, key 10, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokenRecord {
    /// `Owner`: versions 0+.
    pub owner: Str,
    /// `Requester`: versions 0+.
    pub requester: Str,
    /// `Renewers`: versions 0+.
    pub renewers: Vec<Str>,
    /// `IssueTimestamp`: versions 0+.
    pub issue_timestamp: i64,
    /// `MaxTimestamp`: versions 0+.
    pub max_timestamp: i64,
    /// `ExpirationTimestamp`: versions 0+.
    pub expiration_timestamp: i64,
    /// `TokenId`: versions 0+.
    pub token_id: Str,
}

impl Message for DelegationTokenRecord {
    const NAME: &'static str = "DelegationTokenRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let owner = r.str(true, "Owner")?;
        let requester = r.str(true, "Requester")?;
        let renewers = r.array(true, 1, "Renewers", |r| r.str(true, "Renewers"))?;
        let issue_timestamp = r.i64("IssueTimestamp")?;
        let max_timestamp = r.i64("MaxTimestamp")?;
        let expiration_timestamp = r.i64("ExpirationTimestamp")?;
        let token_id = r.str(true, "TokenId")?;
        r.no_tags()?;
        Ok(Self {
            owner,
            requester,
            renewers,
            issue_timestamp,
            max_timestamp,
            expiration_timestamp,
            token_id,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.owner, "Owner")?;
        w.str(true, &self.requester, "Requester")?;
        w.array(true, &self.renewers, "Renewers", |w, it| w.str(true, it, "Renewers"))?;
        w.run::<24>().with(self.issue_timestamp).with(self.max_timestamp).with(self.expiration_timestamp);
        w.str(true, &self.token_id, "TokenId")?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for DelegationTokenRecord {
    const TYPE: i16 = 10;
}
