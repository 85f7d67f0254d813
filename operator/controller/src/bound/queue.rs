//! Who of thousands is looked at next.
//!
//! ```text
//! ask(News)  -> news  --+
//! ask(Turn)  -> turns --+-> take -> looked at -> done: rests, has a time, or is asked for again
//! due(now)   -> turns --+
//! ```
//! Invariants: one is looked at once at a time; what is asked for while it is looked at is looked at again; news comes before
//! turns, first come first served, and turns never take up all looks; nobody is asked for twice at a time.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use operator_plan::claims::ObjectName;
use tokio::time::Instant;

/// How many are looked at at a time: so many of them go into few requests to their clusters.
const LOOKS_MAX: usize = 256;
/// How many of these are there for their turn alone: news finds room.
const TURNS_MAX: usize = 192;

/// Why one is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Something about it changed.
    News,
    /// It was there at the start, its cluster changed, or its time has come: so did that of many others.
    Turn,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Asked(Why),
    At(Instant),
    LookedAt {
        /// Who asked since it began.
        again: Option<Why>,
        is_gone: bool,
    },
}

/// Who is to be looked at, and who is.
#[derive(Debug, Default)]
pub(super) struct Queue {
    news: VecDeque<Arc<ObjectName>>,
    /// May have names that were taken as news meanwhile.
    turns: VecDeque<Arc<ObjectName>>,
    times: BTreeSet<(Instant, Arc<ObjectName>)>,
    /// Whoever rests is not among them.
    states: HashMap<Arc<ObjectName>, State>,
    looks: usize,
    looks_by_turn: usize,
}

impl Queue {
    /// Asks for a look.
    pub(super) fn ask(&mut self, name: &Arc<ObjectName>, why: Why) {
        match self.states.get_mut(name) {
            Some(State::LookedAt { again, is_gone }) => {
                *again = Some(if *again == Some(Why::News) { Why::News } else { why });
                *is_gone = false;
                return;
            }
            Some(State::Asked(asked)) if *asked == why || *asked == Why::News => return,
            Some(State::At(at)) => {
                let at = *at;
                self.times.remove(&(at, name.clone()));
            }
            Some(State::Asked(_)) | None => {}
        }
        self.states.insert(name.clone(), State::Asked(why));
        match why {
            Why::News => self.news.push_back(name.clone()),
            Why::Turn => self.turns.push_back(name.clone()),
        }
    }

    /// Asks for those whose time has come.
    pub(super) fn due(&mut self, now: Instant) {
        while let Some((at, name)) = self.times.first().cloned()
            && at <= now
        {
            self.ask(&name, Why::Turn);
        }
    }

    /// When the next one has its time.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.times.first().map(|(at, _)| *at)
    }

    /// The next one to be looked at, where there is room for a look.
    pub(super) fn take(&mut self) -> Option<(Arc<ObjectName>, Why)> {
        if self.looks >= LOOKS_MAX {
            return None;
        }
        let mut next = self.pop(Why::News);
        if next.is_none() && self.looks_by_turn < TURNS_MAX {
            next = self.pop(Why::Turn);
        }
        let (name, why) = next?;
        self.states.insert(name.clone(), State::LookedAt { again: None, is_gone: false });
        self.looks += 1;
        self.looks_by_turn += usize::from(why == Why::Turn);
        Some((name, why))
    }

    fn pop(&mut self, why: Why) -> Option<(Arc<ObjectName>, Why)> {
        let queue = match why {
            Why::News => &mut self.news,
            Why::Turn => &mut self.turns,
        };
        while let Some(name) = queue.pop_front() {
            if matches!(self.states.get(&name), Some(State::Asked(asked)) if *asked == why) {
                return Some((name, why));
            }
        }
        None
    }

    /// A look has ended, and the next one is at that time, or when it is asked for.
    pub(super) fn done(&mut self, name: &Arc<ObjectName>, why: Why, at: Option<Instant>) {
        self.looks -= 1;
        self.looks_by_turn -= usize::from(why == Why::Turn);
        let Some(State::LookedAt { again, is_gone }) = self.states.remove(name) else { return };
        match (is_gone, again, at) {
            (true, ..) => {}
            (false, Some(why), _) => self.ask(name, why),
            (false, None, Some(at)) => {
                self.times.insert((at, name.clone()));
                self.states.insert(name.clone(), State::At(at));
            }
            (false, None, None) => {}
        }
    }

    /// Forgets one that is gone.
    pub(super) fn forget(&mut self, name: &Arc<ObjectName>) {
        if let Some(State::LookedAt { again, is_gone }) = self.states.get_mut(name) {
            (*again, *is_gone) = (None, true);
        } else if let Some(State::At(at)) = self.states.remove(name) {
            self.times.remove(&(at, name.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
