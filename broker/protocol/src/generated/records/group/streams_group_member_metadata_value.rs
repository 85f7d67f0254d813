// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupMemberMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `StreamsGroupMemberMetadataValue`, key 19, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    /// `InstanceId`: versions 0+, null 0+.
    pub instance_id: Option<Str>,
    /// `RackId`: versions 0+, null 0+.
    pub rack_id: Option<Str>,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `RebalanceTimeoutMs`: versions 0+, default -1.
    pub rebalance_timeout_ms: i32,
    /// `TopologyEpoch`: versions 0+.
    pub topology_epoch: i32,
    /// `ProcessId`: versions 0+.
    pub process_id: Str,
    /// `UserEndpoint`: versions 0+, null 0+, default null.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`: versions 0+.
    pub client_tags: Vec<KeyValue>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Str::EMPTY),
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: Str::EMPTY,
            user_endpoint: None,
            client_tags: Vec::new(),
        }
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let instance_id = r.nullable_str(true, "InstanceId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let client_id = r.str(true, "ClientId")?;
        let client_host = r.str(true, "ClientHost")?;
        let rebalance_timeout_ms = r.i32("RebalanceTimeoutMs")?;
        let topology_epoch = r.i32("TopologyEpoch")?;
        let process_id = r.str(true, "ProcessId")?;
        let user_endpoint = r.nullable_struct("UserEndpoint", |r| Endpoint::decode(r, v))?;
        let client_tags = r.array(true, 3, "ClientTags", |r| KeyValue::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            instance_id,
            rack_id,
            client_id,
            client_host,
            rebalance_timeout_ms,
            topology_epoch,
            process_id,
            user_endpoint,
            client_tags,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.instance_id.as_ref(), "InstanceId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.str(true, &self.client_id, "ClientId")?;
        w.str(true, &self.client_host, "ClientHost")?;
        w.run::<8>().with(self.rebalance_timeout_ms).with(self.topology_epoch);
        w.str(true, &self.process_id, "ProcessId")?;
        w.nullable_struct(self.user_endpoint.as_ref(), |w, it| it.encode(w, v))?;
        w.array(true, &self.client_tags, "ClientTags", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for StreamsGroupMemberMetadataValue {
    const TYPE: i16 = 19;
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
}

impl Endpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        r.no_tags()?;
        Ok(Self { host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.host, "Host")?;
        w.u16(self.port);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValue {
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: Str,
}

impl KeyValue {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let key = r.str(true, "Key")?;
        let value = r.str(true, "Value")?;
        r.no_tags()?;
        Ok(Self { key, value })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.key, "Key")?;
        w.str(true, &self.value, "Value")?;
        w.uvarint(0);
        Ok(())
    }
}
