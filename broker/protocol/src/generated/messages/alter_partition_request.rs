// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterPartitionRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `AlterPartitionRequest`, key 56, versions 2-3, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionRequest {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 0+, default -1.
    pub broker_epoch: i64,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
}

impl Default for AlterPartitionRequest {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, topics: Vec::new() }
    }
}

impl Message for AlterPartitionRequest {
    const NAME: &'static str = "AlterPartitionRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let topics = r.array(true, 18, "Topics", |r| TopicData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { broker_id, broker_epoch, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.broker_id).with(self.broker_epoch);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AlterPartitionRequest {
    const KEY: ApiKey = ApiKey::AlterPartition;
    type Response = super::AlterPartitionResponse;
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `TopicId`: versions 2+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 14, "Partitions", |r| PartitionData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `NewIsr`: versions 0-2, brokerId.
    pub new_isr: Vec<i32>,
    /// `NewIsrWithEpochs`: versions 3+.
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// `LeaderRecoveryState`: versions 1+.
    pub leader_recovery_state: i8,
    /// `PartitionEpoch`: versions 0+.
    pub partition_epoch: i32,
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let new_isr = if v <= 2 { r.fixed_array(true, "NewIsr")? } else { Vec::new() };
        let new_isr_with_epochs = if v >= 3 {
            r.array(true, 13, "NewIsrWithEpochs", |r| BrokerState::decode(r, v))?
        } else {
            Vec::new()
        };
        let leader_recovery_state = r.i8("LeaderRecoveryState")?;
        let partition_epoch = r.i32("PartitionEpoch")?;
        r.no_tags()?;
        Ok(Self {
            partition_index,
            leader_epoch,
            new_isr,
            new_isr_with_epochs,
            leader_recovery_state,
            partition_epoch,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<8>().with(self.partition_index).with(self.leader_epoch);
        if v <= 2 {
            w.fixed_array(true, &self.new_isr, "NewIsr")?;
        } else if !self.new_isr.is_empty() {
            return Err(EncodeError::not_in_version("NewIsr", v));
        }
        if v >= 3 {
            w.array(true, &self.new_isr_with_epochs, "NewIsrWithEpochs", |w, it| it.encode(w, v))?;
        } else if !self.new_isr_with_epochs.is_empty() {
            return Err(EncodeError::not_in_version("NewIsrWithEpochs", v));
        }
        w.run::<5>().with(self.leader_recovery_state).with(self.partition_epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerState {
    /// `BrokerId`: versions 3+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 3+, default -1.
    pub broker_epoch: i64,
}

impl Default for BrokerState {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1 }
    }
}

impl BrokerState {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        r.no_tags()?;
        Ok(Self { broker_id, broker_epoch })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.broker_id).with(self.broker_epoch);
        w.uvarint(0);
        Ok(())
    }
}
