// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupTargetAssignmentMemberValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `StreamsGroupTargetAssignmentMemberValue`, key 21, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTargetAssignmentMemberValue {
    /// `ActiveTasks`: versions 0+.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`: versions 0+.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`: versions 0+.
    pub warmup_tasks: Vec<TaskIds>,
}

impl Message for StreamsGroupTargetAssignmentMemberValue {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMemberValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let active_tasks = r.array(true, 3, "ActiveTasks", |r| TaskIds::decode(r, v))?;
        let standby_tasks = r.array(true, 3, "StandbyTasks", |r| TaskIds::decode(r, v))?;
        let warmup_tasks = r.array(true, 3, "WarmupTasks", |r| TaskIds::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { active_tasks, standby_tasks, warmup_tasks })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.active_tasks, "ActiveTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.standby_tasks, "StandbyTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.warmup_tasks, "WarmupTasks", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for StreamsGroupTargetAssignmentMemberValue {
    const TYPE: i16 = 21;
}

/// Part of [`StreamsGroupTargetAssignmentMemberValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIds {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TaskIds {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { subtopology_id, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}
