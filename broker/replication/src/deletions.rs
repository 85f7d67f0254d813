//! Deleting records before an offset, on the leader and then on every live replica (KIP-107).

use alloc::vec::Vec;

use broker_types::{Mono, Offset, ReplyId};

use crate::{
    event::{Action, DeleteFailure},
    leader::Leader,
    waiting::Waiting,
};

/// Who waits for replicas to delete.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deletions {
    waiting: Waiting,
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deletion {
    pub(crate) reply: ReplyId,
    pub(crate) offset: Option<Offset>,
    pub(crate) deadline: Mono,
}

impl Deletions {
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.waiting.next_deadline()
    }

    /// Starts a deletion: at once here, then the reply waits for the others.
    pub(crate) fn begin(
        &mut self,
        deletion: Deletion,
        leader: &Leader,
        log_start: &mut Offset,
        waiting_max: usize,
        actions: &mut Vec<Action>,
    ) {
        let Deletion { reply, offset, deadline } = deletion;
        let high_watermark = leader.high_watermark;
        let offset = offset.unwrap_or(high_watermark);
        let refusal = if offset > high_watermark {
            Some(DeleteFailure::OutOfRange { high_watermark })
        } else if self.waiting.len() >= waiting_max {
            Some(DeleteFailure::TooManyWaiting)
        } else {
            None
        };
        if let Some(failure) = refusal {
            actions.push(Action::CompleteDelete { reply, result: Err(failure) });
            return;
        }
        if offset > *log_start {
            *log_start = offset;
            actions.push(Action::AdvanceLogStart(offset));
        }
        self.waiting.park(reply, offset, deadline);
        self.settle(leader, *log_start, actions);
    }

    /// Answers those whose offset every live replica has reached.
    pub(crate) fn settle(&mut self, leader: &Leader, log_start: Offset, actions: &mut Vec<Action>) {
        if self.waiting.len() == 0 {
            return;
        }
        let low = leader.low_watermark(log_start);
        while let Some(reply) = self.waiting.reached(low) {
            actions.push(Action::CompleteDelete { reply, result: Ok(low) });
        }
    }

    pub(crate) fn expire(&mut self, now: Mono, actions: &mut Vec<Action>) {
        while let Some(reply) = self.waiting.expired(now) {
            actions.push(Action::CompleteDelete { reply, result: Err(DeleteFailure::TimedOut) });
        }
    }

    pub(crate) fn fail(&mut self, failure: DeleteFailure, actions: &mut Vec<Action>) {
        while let Some(reply) = self.waiting.any() {
            actions.push(Action::CompleteDelete { reply, result: Err(failure) });
        }
    }
}
