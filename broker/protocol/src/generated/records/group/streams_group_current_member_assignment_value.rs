// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupCurrentMemberAssignmentValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `StreamsGroupCurrentMemberAssignmentValue`, key 22, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `PreviousMemberEpoch`: versions 0+.
    pub previous_member_epoch: i32,
    /// `State`: versions 0+.
    pub state: i8,
    /// `ActiveTasks`: versions 0+.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`: versions 0+.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`: versions 0+.
    pub warmup_tasks: Vec<TaskIds>,
    /// `ActiveTasksPendingRevocation`: versions 0+.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// `StandbyTasksPendingRevocation`: versions 0+.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// `WarmupTasksPendingRevocation`: versions 0+.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let member_epoch = r.i32("MemberEpoch")?;
        let previous_member_epoch = r.i32("PreviousMemberEpoch")?;
        let state = r.i8("State")?;
        let active_tasks = r.array(true, 3, "ActiveTasks", |r| TaskIds::decode(r, v))?;
        let standby_tasks = r.array(true, 3, "StandbyTasks", |r| TaskIds::decode(r, v))?;
        let warmup_tasks = r.array(true, 3, "WarmupTasks", |r| TaskIds::decode(r, v))?;
        let active_tasks_pending_revocation =
            r.array(true, 3, "ActiveTasksPendingRevocation", |r| TaskIds::decode(r, v))?;
        let standby_tasks_pending_revocation =
            r.array(true, 3, "StandbyTasksPendingRevocation", |r| TaskIds::decode(r, v))?;
        let warmup_tasks_pending_revocation =
            r.array(true, 3, "WarmupTasksPendingRevocation", |r| TaskIds::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            member_epoch,
            previous_member_epoch,
            state,
            active_tasks,
            standby_tasks,
            warmup_tasks,
            active_tasks_pending_revocation,
            standby_tasks_pending_revocation,
            warmup_tasks_pending_revocation,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<9>().with(self.member_epoch).with(self.previous_member_epoch).with(self.state);
        w.array(true, &self.active_tasks, "ActiveTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.standby_tasks, "StandbyTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.warmup_tasks, "WarmupTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.active_tasks_pending_revocation, "ActiveTasksPendingRevocation", |w, it| {
            it.encode(w, v)
        })?;
        w.array(true, &self.standby_tasks_pending_revocation, "StandbyTasksPendingRevocation", |w, it| {
            it.encode(w, v)
        })?;
        w.array(true, &self.warmup_tasks_pending_revocation, "WarmupTasksPendingRevocation", |w, it| {
            it.encode(w, v)
        })?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for StreamsGroupCurrentMemberAssignmentValue {
    const TYPE: i16 = 22;
}

/// Part of [`StreamsGroupCurrentMemberAssignmentValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
    /// `AssignmentEpochs`: versions 0+, tag 0, null 0+.
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self { subtopology_id: Str::EMPTY, partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TaskIds {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        let mut assignment_epochs = Some(Vec::new());
        r.tags(|r, tag| {
            match tag {
                0 => assignment_epochs = r.nullable_fixed_array(true, "AssignmentEpochs")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { subtopology_id, partitions, assignment_epochs })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        let has_assignment_epochs = self.assignment_epochs.as_ref().is_none_or(|it| !it.is_empty());
        w.uvarint(u32::from(has_assignment_epochs));
        if has_assignment_epochs {
            w.tag(0, "AssignmentEpochs", |w| {
                w.nullable_fixed_array(true, self.assignment_epochs.as_deref(), "AssignmentEpochs")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
