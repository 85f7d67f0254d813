// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `PartitionChangeRecord`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `PartitionChangeRecord`, key 5, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    /// `PartitionId`: versions 0+, default -1.
    pub partition_id: i32,
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Isr`: versions 0+, brokerId, tag 0, null 0+, default null.
    pub isr: Option<Vec<i32>>,
    /// `Leader`: versions 0+, brokerId, tag 1, default -2.
    pub leader: i32,
    /// `Replicas`: versions 0+, brokerId, tag 2, null 0+, default null.
    pub replicas: Option<Vec<i32>>,
    /// `RemovingReplicas`: versions 0+, brokerId, tag 3, null 0+, default null.
    pub removing_replicas: Option<Vec<i32>>,
    /// `AddingReplicas`: versions 0+, brokerId, tag 4, null 0+, default null.
    pub adding_replicas: Option<Vec<i32>>,
    /// `LeaderRecoveryState`: versions 0+, tag 5, default -1.
    pub leader_recovery_state: i8,
    /// `Directories`: versions 1+, tag 8, null 1+, default null.
    pub directories: Option<Vec<Uuid>>,
    /// `EligibleLeaderReplicas`: versions 2+, brokerId, tag 6, null 2+, default null.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`: versions 2+, brokerId, tag 7, null 2+, default null.
    pub last_known_elr: Option<Vec<i32>>,
}

impl Default for PartitionChangeRecord {
    fn default() -> Self {
        Self {
            partition_id: -1,
            topic_id: Uuid::ZERO,
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let partition_id = r.i32("PartitionId")?;
        let topic_id = r.uuid("TopicId")?;
        let mut isr = None;
        let mut leader = -2;
        let mut replicas = None;
        let mut removing_replicas = None;
        let mut adding_replicas = None;
        let mut leader_recovery_state = -1;
        let mut directories = None;
        let mut eligible_leader_replicas = None;
        let mut last_known_elr = None;
        r.tags(|r, tag| {
            match tag {
                0 => isr = r.nullable_fixed_array(true, "Isr")?,
                1 => leader = r.i32("Leader")?,
                2 => replicas = r.nullable_fixed_array(true, "Replicas")?,
                3 => removing_replicas = r.nullable_fixed_array(true, "RemovingReplicas")?,
                4 => adding_replicas = r.nullable_fixed_array(true, "AddingReplicas")?,
                5 => leader_recovery_state = r.i8("LeaderRecoveryState")?,
                6 if v >= 2 => {
                    eligible_leader_replicas = r.nullable_fixed_array(true, "EligibleLeaderReplicas")?
                }
                7 if v >= 2 => last_known_elr = r.nullable_fixed_array(true, "LastKnownElr")?,
                8 if v >= 1 => directories = r.nullable_fixed_array(true, "Directories")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            partition_id,
            topic_id,
            isr,
            leader,
            replicas,
            removing_replicas,
            adding_replicas,
            leader_recovery_state,
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
        if v < 1 && self.directories.is_some() {
            return Err(EncodeError::not_in_version("Directories", v));
        }
        if v < 2 && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::not_in_version("EligibleLeaderReplicas", v));
        }
        if v < 2 && self.last_known_elr.is_some() {
            return Err(EncodeError::not_in_version("LastKnownElr", v));
        }
        let has_isr = self.isr.is_some();
        let has_leader = self.leader != -2;
        let has_replicas = self.replicas.is_some();
        let has_removing_replicas = self.removing_replicas.is_some();
        let has_adding_replicas = self.adding_replicas.is_some();
        let has_leader_recovery_state = self.leader_recovery_state != -1;
        let has_eligible_leader_replicas = v >= 2 && self.eligible_leader_replicas.is_some();
        let has_last_known_elr = v >= 2 && self.last_known_elr.is_some();
        let has_directories = v >= 1 && self.directories.is_some();
        w.uvarint(
            u32::from(has_isr)
                + u32::from(has_leader)
                + u32::from(has_replicas)
                + u32::from(has_removing_replicas)
                + u32::from(has_adding_replicas)
                + u32::from(has_leader_recovery_state)
                + u32::from(has_eligible_leader_replicas)
                + u32::from(has_last_known_elr)
                + u32::from(has_directories),
        );
        if has_isr {
            w.tag(0, "Isr", |w| {
                w.nullable_fixed_array(true, self.isr.as_deref(), "Isr")?;
                Ok(())
            })?;
        }
        if has_leader {
            w.tag(1, "Leader", |w| {
                w.i32(self.leader);
                Ok(())
            })?;
        }
        if has_replicas {
            w.tag(2, "Replicas", |w| {
                w.nullable_fixed_array(true, self.replicas.as_deref(), "Replicas")?;
                Ok(())
            })?;
        }
        if has_removing_replicas {
            w.tag(3, "RemovingReplicas", |w| {
                w.nullable_fixed_array(true, self.removing_replicas.as_deref(), "RemovingReplicas")?;
                Ok(())
            })?;
        }
        if has_adding_replicas {
            w.tag(4, "AddingReplicas", |w| {
                w.nullable_fixed_array(true, self.adding_replicas.as_deref(), "AddingReplicas")?;
                Ok(())
            })?;
        }
        if has_leader_recovery_state {
            w.tag(5, "LeaderRecoveryState", |w| {
                w.i8(self.leader_recovery_state);
                Ok(())
            })?;
        }
        if has_eligible_leader_replicas {
            w.tag(6, "EligibleLeaderReplicas", |w| {
                w.nullable_fixed_array(
                    true,
                    self.eligible_leader_replicas.as_deref(),
                    "EligibleLeaderReplicas",
                )?;
                Ok(())
            })?;
        }
        if has_last_known_elr {
            w.tag(7, "LastKnownElr", |w| {
                w.nullable_fixed_array(true, self.last_known_elr.as_deref(), "LastKnownElr")?;
                Ok(())
            })?;
        }
        if has_directories {
            w.tag(8, "Directories", |w| {
                w.nullable_fixed_array(true, self.directories.as_deref(), "Directories")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for PartitionChangeRecord {
    const TYPE: i16 = 5;
}
