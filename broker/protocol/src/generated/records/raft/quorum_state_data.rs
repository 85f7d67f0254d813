// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `QuorumStateData`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `QuorumStateData`, versions 0-1, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStateData {
    /// `ClusterId`: versions 0.
    pub cluster_id: Str,
    /// `LeaderId`: versions 0+, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+, default -1.
    pub leader_epoch: i32,
    /// `VotedId`: versions 0+, default -1.
    pub voted_id: i32,
    /// `VotedDirectoryId`: versions 1+.
    pub voted_directory_id: Uuid,
    /// `AppliedOffset`: versions 0.
    pub applied_offset: i64,
    /// `CurrentVoters`: versions 0, null 0.
    pub current_voters: Option<Vec<Voter>>,
}

impl Default for QuorumStateData {
    fn default() -> Self {
        Self {
            cluster_id: Str::EMPTY,
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: Uuid::ZERO,
            applied_offset: 0,
            current_voters: Some(Vec::new()),
        }
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let cluster_id = if v <= 0 { r.str(true, "ClusterId")? } else { Str::EMPTY };
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let voted_id = r.i32("VotedId")?;
        let voted_directory_id = if v >= 1 { r.uuid("VotedDirectoryId")? } else { Uuid::ZERO };
        let applied_offset = if v <= 0 { r.i64("AppliedOffset")? } else { 0 };
        let current_voters = if v <= 0 {
            r.nullable_array(true, 5, "CurrentVoters", |r| Voter::decode(r, v))?
        } else {
            Some(Vec::new())
        };
        r.no_tags()?;
        Ok(Self {
            cluster_id,
            leader_id,
            leader_epoch,
            voted_id,
            voted_directory_id,
            applied_offset,
            current_voters,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        if v <= 0 {
            w.str(true, &self.cluster_id, "ClusterId")?;
        } else if !self.cluster_id.is_empty() {
            return Err(EncodeError::not_in_version("ClusterId", v));
        }
        w.run::<12>().with(self.leader_id).with(self.leader_epoch).with(self.voted_id);
        if v >= 1 {
            w.uuid(self.voted_directory_id);
        } else if self.voted_directory_id != Uuid::ZERO {
            return Err(EncodeError::not_in_version("VotedDirectoryId", v));
        }
        if v <= 0 {
            w.i64(self.applied_offset);
        } else if self.applied_offset != 0 {
            return Err(EncodeError::not_in_version("AppliedOffset", v));
        }
        if v <= 0 {
            w.nullable_array(true, self.current_voters.as_deref(), "CurrentVoters", |w, it| it.encode(w, v))?;
        } else if self.current_voters.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::not_in_version("CurrentVoters", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`QuorumStateData`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    /// `VoterId`: versions 0.
    pub voter_id: i32,
}

impl Voter {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let voter_id = r.i32("VoterId")?;
        r.no_tags()?;
        Ok(Self { voter_id })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.voter_id);
        w.uvarint(0);
        Ok(())
    }
}
