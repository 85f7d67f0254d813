// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RemoveRaftVoterRequest`.

use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `RemoveRaftVoterRequest`, key 81, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveRaftVoterRequest {
    /// `ClusterId`: versions 0+, null 0+.
    pub cluster_id: Option<Str>,
    /// `VoterId`: versions 0+.
    pub voter_id: i32,
    /// `VoterDirectoryId`: versions 0+.
    pub voter_directory_id: Uuid,
}

impl Default for RemoveRaftVoterRequest {
    fn default() -> Self {
        Self { cluster_id: Some(Str::EMPTY), voter_id: 0, voter_directory_id: Uuid::ZERO }
    }
}

impl Message for RemoveRaftVoterRequest {
    const NAME: &'static str = "RemoveRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let cluster_id = r.nullable_str(true, "ClusterId")?;
        let voter_id = r.i32("VoterId")?;
        let voter_directory_id = r.uuid("VoterDirectoryId")?;
        r.no_tags()?;
        Ok(Self { cluster_id, voter_id, voter_directory_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
        w.run::<20>().with(self.voter_id).with(self.voter_directory_id);
        w.uvarint(0);
        Ok(())
    }
}

impl Request for RemoveRaftVoterRequest {
    const KEY: ApiKey = ApiKey::RemoveRaftVoter;
    type Response = super::RemoveRaftVoterResponse;
}
