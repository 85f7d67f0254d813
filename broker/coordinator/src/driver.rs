//! Drives one shard: keeps its committed and its speculative state, and the replies in between.

use alloc::{collections::VecDeque, vec::Vec};

use broker_types::{LeaderEpoch, Mono, Now, Offset, ReplyId};

use crate::{
    parked::Parked,
    shard::{NotLeader, Outcome, Shard},
};

/// What happens to a shard.
#[derive(Debug)]
pub enum Event<S: Shard> {
    /// This node leads the shard's log. Everything in the log was replayed before.
    Elected {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
        /// The offset that the first append of this leadership will have.
        next: Offset,
    },
    /// This node leads no longer.
    Resigned,
    /// Somebody asks.
    Request {
        /// Where the answer goes.
        reply: ReplyId,
        /// What is asked.
        request: S::Request,
    },
    /// The oldest append that was not answered yet is in the log, at these offsets.
    Appended {
        /// Of its first record.
        first: Offset,
        /// Of its last record.
        last: Offset,
    },
    /// Everything before this offset is committed.
    Committed {
        /// The offset after the last committed record.
        upto: Offset,
    },
    /// Records of the log that this node did not decide now: while loading, or following. Committed.
    Replayed {
        /// Of the first.
        first: Offset,
        /// In order; offsets follow one another.
        records: Vec<S::Record>,
    },
    /// A snapshot takes the place of everything before `next`.
    Loaded {
        /// What the snapshot holds.
        state: S::State,
        /// The first offset that it does not cover.
        next: Offset,
    },
    /// Time has passed.
    Tick,
}

/// What a shard wants done.
#[derive(Debug)]
pub enum Action<S: Shard> {
    /// Append to the log, in this order, in this epoch; answer with [`Event::Appended`].
    Append {
        /// The epoch in which it was decided.
        epoch: LeaderEpoch,
        /// What to append; never empty.
        records: Vec<S::Record>,
        /// All in one batch.
        atomic: bool,
    },
    /// Answer a request.
    Reply {
        /// Whose.
        reply: ReplyId,
        /// With what.
        response: Result<S::Response, NotLeader>,
    },
}

/// One shard and its state.
#[derive(Debug)]
pub struct Driver<S: Shard> {
    shard: S,
    committed: S::State,
    committed_upto: Offset,
    leading: Option<Leading<S>>,
}

/// What exists only while leading.
#[derive(Debug)]
struct Leading<S: Shard> {
    epoch: LeaderEpoch,
    speculative: S::State,
    /// Appended, not yet committed.
    uncommitted: VecDeque<(Offset, S::Record)>,
    /// Decided, not yet appended; replayed into the speculative state already.
    unappended: VecDeque<Unappended<S>>,
    parked: Parked<S::Response>,
    /// The end of the log as far as it is known.
    end: Offset,
}

#[derive(Debug)]
struct Unappended<S: Shard> {
    records: Vec<S::Record>,
    reply: Option<(ReplyId, S::Response)>,
}

impl<S: Shard> Driver<S> {
    /// A shard that follows, with `state` as everything before `next` made it.
    pub fn new(shard: S, state: S::State, next: Offset) -> Self {
        Self { shard, committed: state, committed_upto: next, leading: None }
    }

    /// The committed state: what may be told.
    pub const fn committed(&self) -> &S::State {
        &self.committed
    }

    /// Everything before it is in the committed state.
    pub const fn committed_upto(&self) -> Offset {
        self.committed_upto
    }

    /// How many replies wait.
    pub fn parked(&self) -> usize {
        self.leading.as_ref().map_or(0, |leading| leading.parked.len() + leading.unappended.len())
    }

    /// The shard itself, for questions that need no state.
    pub const fn shard(&self) -> &S {
        &self.shard
    }

    /// When [`Event::Tick`] is due; `None` while there is nothing to wait for.
    pub fn next_deadline(&self) -> Option<Mono> {
        self.leading.as_ref().and_then(|_| self.shard.next_deadline())
    }

    /// Takes one event. Total: never fails, never waits.
    pub fn step(&mut self, now: Now, event: Event<S>, actions: &mut Vec<Action<S>>) {
        match event {
            Event::Elected { epoch, next } => self.elected(now, epoch, next),
            Event::Resigned => self.resigned(actions),
            Event::Request { reply, request } => self.request(now, reply, request, actions),
            Event::Appended { first, last } => self.appended(first, last),
            Event::Committed { upto } => self.commit(upto, actions),
            Event::Replayed { first, records } => self.replayed(first, &records),
            Event::Loaded { state, next } => {
                self.resigned(actions);
                self.committed = state;
                self.committed_upto = next;
            }
            Event::Tick => self.tick(now, actions),
        }
    }

    fn elected(&mut self, now: Now, epoch: LeaderEpoch, next: Offset) {
        self.leading = Some(Leading {
            epoch,
            speculative: self.committed.clone(),
            uncommitted: VecDeque::new(),
            unappended: VecDeque::new(),
            parked: Parked::default(),
            end: next,
        });
        self.shard.became_leader(now, &self.committed);
    }

    fn resigned(&mut self, actions: &mut Vec<Action<S>>) {
        let Some(mut leading) = self.leading.take() else { return };
        self.shard.resigned();
        let refuse = |reply| Action::Reply { reply, response: Err(NotLeader) };
        actions.extend(leading.parked.drain().map(refuse));
        actions.extend(
            leading.unappended.into_iter().filter_map(|one| one.reply).map(|(reply, _)| refuse(reply)),
        );
    }

    fn request(&mut self, now: Now, reply: ReplyId, request: S::Request, actions: &mut Vec<Action<S>>) {
        let Some(leading) = &mut self.leading else {
            actions.push(Action::Reply { reply, response: Err(NotLeader) });
            return;
        };
        let outcome = self.shard.handle(now, &leading.speculative, request);
        let Outcome { records, response, atomic } = outcome;
        leading.decided(records, atomic, Some((reply, response)), actions);
        self.answer(actions);
    }

    fn tick(&mut self, now: Now, actions: &mut Vec<Action<S>>) {
        let Some(leading) = &mut self.leading else { return };
        let Outcome { records, response: (), atomic } = self.shard.tick(now, &leading.speculative);
        leading.decided(records, atomic, None, actions);
    }

    fn appended(&mut self, first: Offset, last: Offset) {
        let Some(leading) = &mut self.leading else { return };
        let Some(appended) = leading.unappended.pop_front() else { return };
        assert_eq!(first, leading.end, "nobody but the leader appends");
        assert_eq!(
            usize::try_from(last.next().since(first)),
            Ok(appended.records.len()),
            "an append has as many offsets as records"
        );
        let mut offset = first;
        for record in appended.records {
            leading.uncommitted.push_back((offset, record));
            offset = offset.next();
        }
        leading.end = last.next();
        if let Some((reply, response)) = appended.reply {
            leading.parked.push(leading.end, reply, response);
        }
        // Reads that were decided after it wait for it alone.
        while let Some(read) = leading.unappended.pop_front_if(|next| next.records.is_empty()) {
            if let Some((reply, response)) = read.reply {
                leading.parked.push(leading.end, reply, response);
            }
        }
    }

    fn commit(&mut self, upto: Offset, actions: &mut Vec<Action<S>>) {
        if upto <= self.committed_upto {
            return;
        }
        if let Some(leading) = &mut self.leading {
            while let Some((offset, record)) = leading.uncommitted.pop_front_if(|(offset, _)| *offset < upto)
            {
                S::replay(&mut self.committed, offset, &record);
            }
        }
        self.committed_upto = upto;
        self.answer(actions);
    }

    fn answer(&mut self, actions: &mut Vec<Action<S>>) {
        let Some(leading) = &mut self.leading else { return };
        while let Some((reply, response)) = leading.parked.pop(self.committed_upto) {
            actions.push(Action::Reply { reply, response: Ok(response) });
        }
    }

    fn replayed(&mut self, first: Offset, records: &[S::Record]) {
        assert!(self.leading.is_none(), "a leader replays only what it decided");
        let mut offset = first;
        for record in records {
            if offset >= self.committed_upto {
                S::replay(&mut self.committed, offset, record);
            }
            offset = offset.next();
        }
        self.committed_upto = self.committed_upto.max(offset);
    }
}

impl<S: Shard> Leading<S> {
    /// Replays a decision into the speculative state at once, so that the next one sees it; its offsets are those
    /// that it will get, for nobody else appends to the log while this node leads.
    fn decided(
        &mut self,
        records: Vec<S::Record>,
        atomic: bool,
        reply: Option<(ReplyId, S::Response)>,
        actions: &mut Vec<Action<S>>,
    ) {
        let mut offset = self.expected_end();
        if records.is_empty() {
            if let Some((reply, response)) = reply {
                self.park_read(offset, reply, response);
            }
            return;
        }
        for record in &records {
            S::replay(&mut self.speculative, offset, record);
            offset = offset.next();
        }
        actions.push(Action::Append { epoch: self.epoch, records: records.clone(), atomic });
        self.unappended.push_back(Unappended { records, reply });
    }

    /// A read may rest on what is not committed yet: it waits for everything decided before it.
    fn park_read(&mut self, until: Offset, reply: ReplyId, response: S::Response) {
        if self.unappended.is_empty() {
            self.parked.push(until, reply, response);
        } else {
            self.unappended.push_back(Unappended { records: Vec::new(), reply: Some((reply, response)) });
        }
    }

    fn expected_end(&self) -> Offset {
        let unappended: usize = self.unappended.iter().map(|one| one.records.len()).sum();
        self.end.plus(i64::try_from(unappended).unwrap_or(i64::MAX))
    }
}
