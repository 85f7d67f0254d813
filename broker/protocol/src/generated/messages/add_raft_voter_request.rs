// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AddRaftVoterRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AddRaftVoterRequest`, key 80, versions 0-1, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct AddRaftVoterRequest {
    /// `ClusterId`: versions 0+, null 0+.
    pub cluster_id: Option<Str>,
    /// `TimeoutMs`: versions 0+.
    pub timeout_ms: i32,
    /// `VoterId`: versions 0+.
    pub voter_id: i32,
    /// `VoterDirectoryId`: versions 0+.
    pub voter_directory_id: Uuid,
    /// `Listeners`: versions 0+.
    pub listeners: Vec<Listener>,
    /// `AckWhenCommitted`: versions 1+, default true.
    pub ack_when_committed: bool,
}

impl Default for AddRaftVoterRequest {
    fn default() -> Self {
        Self {
            cluster_id: Some(Str::EMPTY),
            timeout_ms: 0,
            voter_id: 0,
            voter_directory_id: Uuid::ZERO,
            listeners: Vec::new(),
            ack_when_committed: true,
        }
    }
}

impl Message for AddRaftVoterRequest {
    const NAME: &'static str = "AddRaftVoterRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let cluster_id = r.nullable_str(true, "ClusterId")?;
        let timeout_ms = r.i32("TimeoutMs")?;
        let voter_id = r.i32("VoterId")?;
        let voter_directory_id = r.uuid("VoterDirectoryId")?;
        let listeners = r.array(true, 5, "Listeners", |r| Listener::decode(r, v))?;
        let ack_when_committed = if v >= 1 { r.bool("AckWhenCommitted")? } else { true };
        r.no_tags()?;
        Ok(Self { cluster_id, timeout_ms, voter_id, voter_directory_id, listeners, ack_when_committed })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
        w.run::<24>().with(self.timeout_ms).with(self.voter_id).with(self.voter_directory_id);
        w.array(true, &self.listeners, "Listeners", |w, it| it.encode(w, v))?;
        if v >= 1 {
            w.bool(self.ack_when_committed);
        } else if !self.ack_when_committed {
            return Err(EncodeError::not_in_version("AckWhenCommitted", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AddRaftVoterRequest {
    const KEY: ApiKey = ApiKey::AddRaftVoter;
    type Response = super::AddRaftVoterResponse;
}

/// Part of [`AddRaftVoterRequest`].
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
