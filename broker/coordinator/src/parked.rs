//! Replies that wait for a commit.

use alloc::collections::VecDeque;

use broker_types::{Offset, ReplyId};

/// Replies in the order of the offsets that they wait for.
#[derive(Debug)]
pub(crate) struct Parked<T> {
    waiting: VecDeque<(Offset, ReplyId, T)>,
}

impl<T> Default for Parked<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new() }
    }
}

impl<T> Parked<T> {
    /// Parks a reply until everything before `until` is committed. Offsets never go back.
    pub(crate) fn push(&mut self, until: Offset, reply: ReplyId, response: T) {
        debug_assert!(self.waiting.back().is_none_or(|(last, ..)| *last <= until));
        self.waiting.push_back((until, reply, response));
    }

    /// The next reply that may leave when everything before `committed` is committed.
    pub(crate) fn pop(&mut self, committed: Offset) -> Option<(ReplyId, T)> {
        if self.waiting.front().is_some_and(|(until, ..)| *until <= committed) {
            self.waiting.pop_front().map(|(_, reply, response)| (reply, response))
        } else {
            None
        }
    }

    /// Every reply, in order; none is left.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = ReplyId> + '_ {
        self.waiting.drain(..).map(|(_, reply, _)| reply)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}
