// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `LeaderChangeMessage`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `LeaderChangeMessage`, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderChangeMessage {
    /// `Version`: versions 0+.
    pub version: i16,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `Voters`: versions 0+.
    pub voters: Vec<Voter>,
    /// `GrantingVoters`: versions 0+.
    pub granting_voters: Vec<Voter>,
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let version = r.i16("Version")?;
        let leader_id = r.i32("LeaderId")?;
        let voters = r.array(true, 5, "Voters", |r| Voter::decode(r, v))?;
        let granting_voters = r.array(true, 5, "GrantingVoters", |r| Voter::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { version, leader_id, voters, granting_voters })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.version).with(self.leader_id);
        w.array(true, &self.voters, "Voters", |w, it| it.encode(w, v))?;
        w.array(true, &self.granting_voters, "GrantingVoters", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`LeaderChangeMessage`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    /// `VoterId`: versions 0+.
    pub voter_id: i32,
    /// `VoterDirectoryId`: versions 1+.
    pub voter_directory_id: Uuid,
}

impl Voter {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let voter_id = r.i32("VoterId")?;
        let voter_directory_id = if v >= 1 { r.uuid("VoterDirectoryId")? } else { Uuid::ZERO };
        r.no_tags()?;
        Ok(Self { voter_id, voter_directory_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.voter_id);
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        } else if self.voter_directory_id != Uuid::ZERO {
            return Err(EncodeError::not_in_version("VoterDirectoryId", v));
        }
        w.uvarint(0);
        Ok(())
    }
}
