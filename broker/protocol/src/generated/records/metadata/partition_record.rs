// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `PartitionRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `PartitionRecord`, key 3, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    /// `PartitionId`: versions 0+, default -1.
    pub partition_id: i32,
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Replicas`: versions 0+, brokerId.
    pub replicas: Vec<i32>,
    /// `Isr`: versions 0+.
    pub isr: Vec<i32>,
    /// `RemovingReplicas`: versions 0+, brokerId.
    pub removing_replicas: Vec<i32>,
    /// `AddingReplicas`: versions 0+, brokerId.
    pub adding_replicas: Vec<i32>,
    /// `Leader`: versions 0+, brokerId, default -1.
    pub leader: i32,
    /// `LeaderRecoveryState`: versions 0+, tag 0.
    pub leader_recovery_state: i8,
    /// `LeaderEpoch`: versions 0+, default -1.
    pub leader_epoch: i32,
    /// `PartitionEpoch`: versions 0+, default -1.
    pub partition_epoch: i32,
    /// `Directories`: versions 1+.
    pub directories: Vec<Uuid>,
    /// `EligibleLeaderReplicas`: versions 2+, brokerId, tag 1, null 2+, default null.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`: versions 2+, brokerId, tag 2, null 2+, default null.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let partition_id = r.i32("PartitionId")?;
        let topic_id = r.uuid("TopicId")?;
        let replicas = r.fixed_array(true, "Replicas")?;
        let isr = r.fixed_array(true, "Isr")?;
        let removing_replicas = r.fixed_array(true, "RemovingReplicas")?;
        let adding_replicas = r.fixed_array(true, "AddingReplicas")?;
        let leader = r.i32("Leader")?;
        let mut leader_recovery_state = 0;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let partition_epoch = r.i32("PartitionEpoch")?;
        let directories = if v >= 1 { r.fixed_array(true, "Directories")? } else { Vec::new() };
        let mut eligible_leader_replicas = None;
        let mut last_known_elr = None;
        r.tags(|r, tag| {
            match tag {
                0 => leader_recovery_state = r.i8("LeaderRecoveryState")?,
                1 if v >= 2 => {
                    eligible_leader_replicas = r.nullable_fixed_array(true, "EligibleLeaderReplicas")?
                }
                2 if v >= 2 => last_known_elr = r.nullable_fixed_array(true, "LastKnownElr")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            partition_id,
            topic_id,
            replicas,
            isr,
            removing_replicas,
            adding_replicas,
            leader,
            leader_recovery_state,
            leader_epoch,
            partition_epoch,
            directories,
            eligible_leader_replicas,
            last_known_elr,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<20>().with(self.partition_id).with(self.topic_id);
        w.fixed_array(true, &self.replicas, "Replicas")?;
        w.fixed_array(true, &self.isr, "Isr")?;
        w.fixed_array(true, &self.removing_replicas, "RemovingReplicas")?;
        w.fixed_array(true, &self.adding_replicas, "AddingReplicas")?;
        w.i32(self.leader);
        w.run::<8>().with(self.leader_epoch).with(self.partition_epoch);
        if v >= 1 {
            w.fixed_array(true, &self.directories, "Directories")?;
        } else if !self.directories.is_empty() {
            return Err(EncodeError::not_in_version("Directories", v));
        }
        if v < 2 && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::not_in_version("EligibleLeaderReplicas", v));
        }
        if v < 2 && self.last_known_elr.is_some() {
            return Err(EncodeError::not_in_version("LastKnownElr", v));
        }
        let has_leader_recovery_state = self.leader_recovery_state != 0;
        let has_eligible_leader_replicas = v >= 2 && self.eligible_leader_replicas.is_some();
        let has_last_known_elr = v >= 2 && self.last_known_elr.is_some();
        w.uvarint(
            u32::from(has_leader_recovery_state)
                + u32::from(has_eligible_leader_replicas)
                + u32::from(has_last_known_elr),
        );
        if has_leader_recovery_state {
            w.tag(0, "LeaderRecoveryState", |w| {
                w.i8(self.leader_recovery_state);
                Ok(())
            })?;
        }
        if has_eligible_leader_replicas {
            w.tag(1, "EligibleLeaderReplicas", |w| {
                w.nullable_fixed_array(
                    true,
                    self.eligible_leader_replicas.as_deref(),
                    "EligibleLeaderReplicas",
                )?;
                Ok(())
            })?;
        }
        if has_last_known_elr {
            w.tag(2, "LastKnownElr", |w| {
                w.nullable_fixed_array(true, self.last_known_elr.as_deref(), "LastKnownElr")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for PartitionRecord {
    const TYPE: i16 = 3;
}
