//! Deadlines, all in one ordered queue.
//!
//! A deadline that moves back, as every heartbeat moves one, leaves its place in the queue: when that comes up, the
//! deadline goes to where it belongs. A heartbeat therefore costs no more than finding its member.

use alloc::collections::BTreeSet;

use broker_types::{GroupId, Mono};

use crate::MemberId;

/// Whose deadline it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A classic member must be heard from, or one that was given an id must join with it.
    Session(GroupId, MemberId),
    /// A join phase ends.
    Join(GroupId),
    /// Who has not come for its assignment is removed.
    Sync(GroupId),
    /// A KIP-848 member must be heard from.
    ConsumerSession(GroupId, MemberId),
    /// It must have given up what it was asked to.
    Revocation(GroupId, MemberId),
    /// A classic member of a KIP-848 group was told to join again.
    ClassicJoin(GroupId, MemberId),
    /// It must come for its assignment.
    ClassicSync(GroupId, MemberId),
    /// Offsets are looked through for those that expired.
    Expiry,
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeSet<(Mono, Timer)>,
}

/// One deadline, kept by whom it concerns.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    due: Option<Mono>,
    /// Where the queue has it; never after it is due.
    queued: Option<Mono>,
}

impl Timers {
    /// When there is something to look at; not before the first deadline is due, and perhaps for none.
    pub(crate) fn next(&self) -> Option<Mono> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the first of the queue when its time has come.
    pub(crate) fn pop(&mut self, now: Mono) -> Option<(Mono, Timer)> {
        if self.queue.first().is_some_and(|(at, _)| *at <= now) { self.queue.pop_first() } else { None }
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
    }

    #[cfg(test)]
    pub(crate) fn next_but_expiry(&self) -> Option<Mono> {
        self.queue.iter().find(|(_, timer)| *timer != Timer::Expiry).map(|(at, _)| *at)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

impl Deadline {
    /// Makes it due then, whatever it was before.
    pub(crate) fn arm(&mut self, timers: &mut Timers, at: Mono, timer: impl FnOnce() -> Timer) {
        self.due = Some(at);
        match self.queued {
            Some(queued) if queued <= at => {}
            queued => {
                let timer = timer();
                if let Some(queued) = queued {
                    timers.queue.remove(&(queued, timer.clone()));
                }
                timers.queue.insert((at, timer));
                self.queued = Some(at);
            }
        }
    }

    /// Makes it due never, and leaves nothing in the queue.
    pub(crate) fn disarm(&mut self, timers: &mut Timers, timer: impl FnOnce() -> Timer) {
        self.due = None;
        if let Some(queued) = self.queued.take() {
            timers.queue.remove(&(queued, timer()));
        }
    }

    #[cfg(test)]
    pub(crate) const fn is_armed(&self) -> bool {
        self.due.is_some() && self.queued.is_some()
    }

    /// Whether it will fire.
    pub(crate) const fn is_due(&self) -> bool {
        self.due.is_some()
    }

    /// Its place in the queue at `at` came up. Says whether it is due; otherwise it goes to its place.
    pub(crate) fn fires(&mut self, timers: &mut Timers, now: Mono, at: Mono, timer: Timer) -> bool {
        if self.queued != Some(at) {
            return false;
        }
        self.queued = None;
        match self.due {
            None => false,
            Some(due) if due <= now => {
                self.due = None;
                true
            }
            Some(due) => {
                self.arm(timers, due, || timer);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Mono {
        Mono::from_micros(micros)
    }

    /// Pops everything due at `now` and says when the one deadline fired.
    fn fired(timers: &mut Timers, deadline: &mut Deadline, now: Mono) -> usize {
        let mut fired = 0;
        while let Some((at, timer)) = timers.pop(now) {
            fired += usize::from(deadline.fires(timers, now, at, timer));
        }
        fired
    }

    #[test]
    fn a_deadline_that_moves_fires_once_and_when_it_is_due() {
        let (mut timers, mut deadline) = (Timers::default(), Deadline::default());
        deadline.arm(&mut timers, at(10), || Timer::Expiry);
        deadline.arm(&mut timers, at(30), || Timer::Expiry);
        assert_eq!(timers.next(), Some(at(10)), "it keeps its place");
        assert_eq!(fired(&mut timers, &mut deadline, at(10)), 0);
        assert_eq!(timers.next(), Some(at(30)));
        assert_eq!(fired(&mut timers, &mut deadline, at(29)), 0);
        assert_eq!(fired(&mut timers, &mut deadline, at(30)), 1);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_deadline_may_come_earlier_and_may_go() {
        let (mut timers, mut deadline) = (Timers::default(), Deadline::default());
        deadline.arm(&mut timers, at(30), || Timer::Expiry);
        deadline.arm(&mut timers, at(20), || Timer::Expiry);
        assert_eq!((timers.next(), timers.len()), (Some(at(20)), 1));
        deadline.disarm(&mut timers, || Timer::Expiry);
        assert_eq!(timers.len(), 0);
        assert_eq!(fired(&mut timers, &mut deadline, at(100)), 0);
    }
}
