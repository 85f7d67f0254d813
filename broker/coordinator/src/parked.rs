//! Replies that wait for a commit.

use alloc::collections::VecDeque;
use core::time::Duration;

use broker_types::{Mono, Offset, ReplyId};

/// Replies in the order of the offsets that they wait for.
#[derive(Debug)]
pub(crate) struct Parked<T> {
    waiting: VecDeque<Waiting<T>>,
}

/// One of them.
#[derive(Debug)]
struct Waiting<T> {
    until: Offset,
    since: Mono,
    reply: ReplyId,
    response: T,
}

impl<T> Default for Parked<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new() }
    }
}

impl<T> Parked<T> {
    /// Parks a reply until everything before `until` is committed. Neither offsets nor times go back.
    pub(crate) fn push(&mut self, until: Offset, since: Mono, reply: ReplyId, response: T) {
        debug_assert!(self.waiting.back().is_none_or(|last| last.until <= until));
        self.waiting.push_back(Waiting { until, since, reply, response });
    }

    /// The next reply that may leave when everything before `committed` is committed.
    pub(crate) fn pop(&mut self, committed: Offset) -> Option<(ReplyId, T)> {
        let first = self.waiting.pop_front_if(|first| first.until <= committed)?;
        Some((first.reply, first.response))
    }

    /// The next reply that has waited for `wait` or longer.
    pub(crate) fn pop_overdue(&mut self, now: Mono, wait: Duration) -> Option<ReplyId> {
        self.waiting.pop_front_if(|first| first.since.plus(wait) <= now).map(|first| first.reply)
    }

    /// The next reply, from the newest on, that waits for more than what lies before `end`.
    pub(crate) fn pop_beyond(&mut self, end: Offset) -> Option<ReplyId> {
        self.waiting.pop_back_if(|last| last.until > end).map(|last| last.reply)
    }

    /// Since when the one waits that waits longest.
    pub(crate) fn oldest(&self) -> Option<Mono> {
        self.waiting.front().map(|first| first.since)
    }

    /// Every reply, in order; none is left.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = ReplyId> + '_ {
        self.waiting.drain(..).map(|waiting| waiting.reply)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}
