// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `UpdateRaftVoterRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `UpdateRaftVoterRequest`, key 82, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateRaftVoterRequest {
    /// `ClusterId`: versions 0+, null 0+.
    pub cluster_id: Option<Str>,
    /// `CurrentLeaderEpoch`: versions 0+.
    pub current_leader_epoch: i32,
    /// `VoterId`: versions 0+.
    pub voter_id: i32,
    /// `VoterDirectoryId`: versions 0+.
    pub voter_directory_id: Uuid,
    /// `Listeners`: versions 0+.
    pub listeners: Vec<Listener>,
    /// `KRaftVersionFeature`: versions 0+.
    pub kraft_version_feature: KRaftVersionFeature,
}

impl Default for UpdateRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(Str::EMPTY),
            current_leader_epoch: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            kraft_version_feature: KRaftVersionFeature::default(),
        }
    }
}

impl Message for UpdateRaftVoterRequest {
    const NAME: &'static str = "UpdateRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let cluster_id = r.nullable_str(true, "ClusterId")?;
        let current_leader_epoch = r.i32("CurrentLeaderEpoch")?;
        let voter_id = r.i32("VoterId")?;
        let voter_directory_id = r.uuid("VoterDirectoryId")?;
        let listeners = r.array(true, 5, "Listeners", |r| Listener::decode(r, v))?;
        let kraft_version_feature = KRaftVersionFeature::decode(r, v)?;
        r.no_tags()?;
        Ok(Self {
            cluster_id,
            current_leader_epoch,
            voter_id,
            voter_directory_id,
            listeners,
            kraft_version_feature,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
        w.run::<24>().with(self.current_leader_epoch).with(self.voter_id).with(self.voter_directory_id);
        w.array(true, &self.listeners, "Listeners", |w, it| it.encode(w, v))?;
        self.kraft_version_feature.encode(w, v)?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for UpdateRaftVoterRequest {
    const KEY: ApiKey = ApiKey::UpdateRaftVoter;
    type Response = super::UpdateRaftVoterResponse;
}

/// Part of [`UpdateRaftVoterRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listener {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
}

impl Listener {
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

/// Part of [`UpdateRaftVoterRequest`].
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
