// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `VotersRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `VotersRecord`, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VotersRecord {
    /// `Version`: versions 0+.
    pub version: i16,
    /// `Voters`: versions 0+.
    pub voters: Vec<Voter>,
}

impl Message for VotersRecord {
    const NAME: &'static str = "VotersRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let version = r.i16("Version")?;
        let voters = r.array(true, 27, "Voters", |r| Voter::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { version, voters })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i16(self.version);
        w.array(true, &self.voters, "Voters", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voter {
    /// `VoterId`: versions 0+, brokerId.
    pub voter_id: i32,
    /// `VoterDirectoryId`: versions 0+.
    pub voter_directory_id: Uuid,
    /// `Endpoints`: versions 0+.
    pub endpoints: Vec<Endpoint>,
    /// `KRaftVersionFeature`: versions 0+.
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Voter {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let voter_id = r.i32("VoterId")?;
        let voter_directory_id = r.uuid("VoterDirectoryId")?;
        let endpoints = r.array(true, 5, "Endpoints", |r| Endpoint::decode(r, v))?;
        let kraft_version_feature = KRaftVersionFeature::decode(r, v)?;
        r.no_tags()?;
        Ok(Self { voter_id, voter_directory_id, endpoints, kraft_version_feature })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<20>().with(self.voter_id).with(self.voter_directory_id);
        w.array(true, &self.endpoints, "Endpoints", |w, it| it.encode(w, v))?;
        self.kraft_version_feature.encode(w, v)?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
}

impl Endpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        r.no_tags()?;
        Ok(Self { name, host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.str(true, &self.host, "Host")?;
        w.u16(self.port);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KRaftVersionFeature {
    /// `MinSupportedVersion`: versions 0+.
    pub min_supported_version: i16,
    /// `MaxSupportedVersion`: versions 0+.
    pub max_supported_version: i16,
}

impl KRaftVersionFeature {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let min_supported_version = r.i16("MinSupportedVersion")?;
        let max_supported_version = r.i16("MaxSupportedVersion")?;
        r.no_tags()?;
        Ok(Self { min_supported_version, max_supported_version })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<4>().with(self.min_supported_version).with(self.max_supported_version);
        w.uvarint(0);
        Ok(())
    }
}
