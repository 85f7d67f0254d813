//! Replies that wait for an offset, each with a deadline.
//!
//! Invariant: both orders hold the same replies.

use alloc::collections::BTreeMap;

use broker_types::{Mono, Offset, ReplyId};

/// Replies by the offset that they wait for, and by when they give up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    by_offset: BTreeMap<(Offset, ReplyId), Mono>,
    by_deadline: BTreeMap<(Mono, ReplyId), Offset>,
}

impl Waiting {
    pub(crate) fn len(&self) -> usize {
        self.by_offset.len()
    }

    pub(crate) fn park(&mut self, reply: ReplyId, offset: Offset, deadline: Mono) {
        self.by_offset.insert((offset, reply), deadline);
        self.by_deadline.insert((deadline, reply), offset);
    }

    /// The next reply whose offset is reached.
    pub(crate) fn reached(&mut self, offset: Offset) -> Option<ReplyId> {
        let entry = self.by_offset.first_entry().filter(|entry| entry.key().0 <= offset)?;
        let ((_, reply), deadline) = entry.remove_entry();
        self.by_deadline.remove(&(deadline, reply));
        Some(reply)
    }

    /// The next reply that gives up.
    pub(crate) fn expired(&mut self, now: Mono) -> Option<ReplyId> {
        let entry = self.by_deadline.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((_, reply), offset) = entry.remove_entry();
        self.by_offset.remove(&(offset, reply));
        Some(reply)
    }

    /// Any reply: the lowest offset first.
    pub(crate) fn any(&mut self) -> Option<ReplyId> {
        self.reached(Offset::MAX)
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.by_deadline.first_key_value().map(|((deadline, _), _)| *deadline)
    }
}
