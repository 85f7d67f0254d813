//! LeaveGroup.

use alloc::{format, vec::Vec};

use broker_protocol::Str;

use super::group::{LiveGroup, Phase};
use crate::{GroupError, Leaving, Left, MemberId, work::Work};

/// Removes members, each for itself; then the others rebalance once.
pub(crate) fn leave(group: &mut LiveGroup, work: &mut Work<'_>, leaving: Vec<Leaving>) -> Vec<Left> {
    let mut left = Vec::with_capacity(leaving.len());
    let mut reason = None;
    for Leaving { member, instance, reason: why } in leaving {
        let result = group.leave_one(work, member.as_ref(), instance.as_ref());
        if let Ok(gone) = &result {
            let why = why.unwrap_or(Str::from_static("not given"));
            reason.get_or_insert_with(|| format!("member {gone} left (its reason: {why})"));
        }
        left.push(Left { member, instance, result: result.map(|_| ()) });
    }
    if let Some(reason) = reason {
        match group.phase {
            Phase::Stable | Phase::Completing => group.prepare(work, reason),
            Phase::Preparing(_) => group.maybe_complete(work),
            Phase::Empty => {}
        }
    }
    left
}

impl LiveGroup {
    /// The id that left.
    fn leave_one(
        &mut self,
        work: &mut Work<'_>,
        member: Option<&MemberId>,
        instance: Option<&crate::InstanceId>,
    ) -> Result<MemberId, GroupError> {
        let id = match (member, instance) {
            // An administrator knows the instance only.
            (None, Some(instance)) => self.statics.get(instance).ok_or(GroupError::UnknownMember)?.clone(),
            (Some(id), _) if self.remove_pending(work, id) => return Ok(id.clone()),
            _ => self.validate(member, instance)?.clone(),
        };
        if let Some(gone) = self.remove(work, &id) {
            self.release(work, &gone, &GroupError::UnknownMember);
        }
        Ok(id)
    }
}
