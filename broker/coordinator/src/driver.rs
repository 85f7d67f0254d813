//! Drives one shard: keeps its committed and its speculative state, and the replies in between.

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use broker_types::{LeaderEpoch, Mono, Now, Offset, ReplyId};

use crate::{
    parked::Parked,
    shard::{Outcome, Refused, Replies, Shard, Unwritten},
};

/// How many replies wait for their commit at most, unless [`Driver::with_parked_max`] says otherwise.
const PARKED_MAX: usize = 10_000;

/// What happens to a shard.
#[derive(Debug)]
pub enum Event<S: Shard> {
    /// This node leads the shard's log, and everything before `next` was replayed: the log's own leader says so only
    /// when the record that opened its epoch is committed.
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
    /// The oldest append that was not confirmed yet is in the log, at these offsets.
    Appended {
        /// Of its first record.
        first: Offset,
        /// Of its last record.
        last: Offset,
    },
    /// The oldest append that was not confirmed yet was not made, and those after it will not be either: what they
    /// decided is taken back.
    Failed(Unwritten),
    /// The log's leader put control records of its own into the log, after all appends that were asked for so far.
    Skipped {
        /// The offset that the next append will have.
        next: Offset,
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
        response: Result<S::Response, Refused>,
    },
}

/// One shard and its state.
#[derive(Debug)]
pub struct Driver<S: Shard> {
    shard: S,
    committed: S::State,
    committed_upto: Offset,
    parked_max: usize,
    commit_timeout: Option<Duration>,
    leading: Option<Leading<S>>,
}

/// What exists only while leading.
#[derive(Debug)]
struct Leading<S: Shard> {
    epoch: LeaderEpoch,
    speculative: S::State,
    /// Decided, not yet committed. Their offsets are known at once, for nobody but this leader appends.
    uncommitted: VecDeque<(Offset, S::Record)>,
    /// The first and the last offset of every append that the log did not confirm yet.
    unconfirmed: VecDeque<(Offset, Offset)>,
    parked: Parked<S::Response>,
    /// The offset that the next record decided will have.
    next: Offset,
}

impl<S: Shard> Driver<S> {
    /// A shard that follows, with `state` as everything before `next` made it.
    pub fn new(shard: S, state: S::State, next: Offset) -> Self {
        Self {
            shard,
            committed: state,
            committed_upto: next,
            parked_max: PARKED_MAX,
            commit_timeout: None,
            leading: None,
        }
    }

    /// Bounds how long a reply waits for its commit: then it is refused with [`Refused::TimedOut`].
    #[must_use]
    pub const fn with_commit_timeout(mut self, timeout: Duration) -> Self {
        self.commit_timeout = Some(timeout);
        self
    }

    /// Bounds the replies that wait: a request beyond it is refused with [`Refused::Busy`] and changes nothing.
    #[must_use]
    pub const fn with_parked_max(mut self, replies: usize) -> Self {
        self.parked_max = replies;
        self
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
        self.leading.as_ref().map_or(0, |leading| leading.parked.len())
    }

    /// The epoch in which this node leads the shard; `None` while it does not.
    pub fn leads(&self) -> Option<LeaderEpoch> {
        self.leading.as_ref().map(|leading| leading.epoch)
    }

    /// The shard itself, for questions that need no state.
    pub const fn shard(&self) -> &S {
        &self.shard
    }

    /// When [`Event::Tick`] is due; `None` while there is nothing to wait for.
    pub fn next_deadline(&self) -> Option<Mono> {
        let leading = self.leading.as_ref()?;
        let commit = leading.parked.oldest().zip(self.commit_timeout).map(|(oldest, wait)| oldest.plus(wait));
        [self.shard.next_deadline(), commit].into_iter().flatten().min()
    }

    /// Takes one event. Total: never fails, never waits.
    pub fn step(&mut self, now: Now, event: Event<S>, actions: &mut Vec<Action<S>>) {
        match event {
            Event::Elected { epoch, next } => self.elected(now, epoch, next),
            Event::Resigned => self.resigned(actions),
            Event::Request { reply, request } => self.request(now, reply, request, actions),
            Event::Appended { first, last } => self.appended(first, last),
            Event::Failed(why) => self.failed(now, why, actions),
            Event::Skipped { next } => self.skipped(next),
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

    /// Lets time pass as far as a request `came` that is stepped only now, as if whoever is late had been on time: what was
    /// due by then is done before the request, and what the requests behind it put off is not.
    pub fn pass_until(&mut self, came: Mono, now: Now, actions: &mut Vec<Action<S>>) {
        if self.next_deadline().is_some_and(|due| due <= came) {
            self.step(Now { mono: came, ..now }, Event::Tick, actions);
        }
    }

    fn elected(&mut self, now: Now, epoch: LeaderEpoch, next: Offset) {
        assert!(self.committed_upto <= next, "what is committed lies before what is appended");
        self.committed_upto = next;
        self.leading = Some(Leading {
            epoch,
            speculative: self.committed.clone(),
            uncommitted: VecDeque::new(),
            unconfirmed: VecDeque::new(),
            parked: Parked::default(),
            next,
        });
        self.shard.became_leader(now, &self.committed);
    }

    fn resigned(&mut self, actions: &mut Vec<Action<S>>) {
        let Some(mut leading) = self.leading.take() else { return };
        let refuse = |reply| Action::Reply { reply, response: Err(Refused::NotLeader) };
        actions.extend(leading.parked.drain().map(refuse));
        actions.extend(self.shard.resigned().into_iter().map(refuse));
    }

    fn failed(&mut self, now: Now, why: Unwritten, actions: &mut Vec<Action<S>>) {
        let Some(leading) = &mut self.leading else { return };
        let Some((end, _)) = leading.unconfirmed.front().copied() else { return };
        leading.take_back(end, &self.committed);
        let refuse = |reply| Action::Reply { reply, response: Err(Refused::NotWritten(why)) };
        while let Some(reply) = leading.parked.pop_beyond(end) {
            actions.push(refuse(reply));
        }
        actions.extend(self.shard.rolled_back(now, &leading.speculative).into_iter().map(refuse));
    }

    fn request(&mut self, now: Now, reply: ReplyId, request: S::Request, actions: &mut Vec<Action<S>>) {
        let refusal = match &self.leading {
            None => Some(Refused::NotLeader),
            Some(leading) if leading.parked.len() >= self.parked_max => Some(Refused::Busy),
            Some(_) => None,
        };
        if let Some(refused) = refusal {
            actions.push(Action::Reply { reply, response: Err(refused) });
            return;
        }
        let Some(leading) = &mut self.leading else { return };
        let outcome = self.shard.handle(now, &leading.speculative, reply, request);
        leading.decided(now, outcome, actions);
        self.answer(actions);
    }

    fn tick(&mut self, now: Now, actions: &mut Vec<Action<S>>) {
        let Some(leading) = &mut self.leading else { return };
        if let Some(wait) = self.commit_timeout {
            while let Some(reply) = leading.parked.pop_overdue(now.mono, wait) {
                actions.push(Action::Reply { reply, response: Err(Refused::TimedOut) });
            }
        }
        let outcome = self.shard.tick(now, &leading.speculative);
        leading.decided(now, outcome, actions);
        self.answer(actions);
    }

    fn appended(&mut self, first: Offset, last: Offset) {
        let Some(leading) = &mut self.leading else { return };
        let expected = leading.unconfirmed.pop_front();
        assert_eq!(expected, Some((first, last)), "an append gets the offsets that were replayed for it");
    }

    fn skipped(&mut self, next: Offset) {
        let Some(leading) = &mut self.leading else { return };
        assert!(leading.next <= next, "a log grows");
        leading.next = next;
    }

    fn commit(&mut self, upto: Offset, actions: &mut Vec<Action<S>>) {
        // A follower's commits come as [`Event::Replayed`]: there is nothing here to commit.
        let Some(leading) = &mut self.leading else { return };
        if upto <= self.committed_upto {
            return;
        }
        assert!(upto <= leading.next, "what is committed was decided before");
        while let Some((offset, record)) = leading.uncommitted.pop_front_if(|(offset, _)| *offset < upto) {
            S::replay(&mut self.committed, offset, &record);
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
    /// Takes a decision into the speculative state at once, so that the next one sees it, and parks its answers.
    fn decided(
        &mut self,
        now: Now,
        outcome: Outcome<S::Record, Replies<S::Response>>,
        actions: &mut Vec<Action<S>>,
    ) {
        self.write(outcome.records, outcome.atomic, actions);
        // A read may rest on what is not committed yet: it too waits for everything decided before it.
        for (reply, response) in outcome.response {
            self.parked.push(self.next, now.mono, reply, response);
        }
    }

    /// Takes back everything from `end` on.
    fn take_back(&mut self, end: Offset, committed: &S::State) {
        self.unconfirmed.clear();
        while self.uncommitted.pop_back_if(|(offset, _)| *offset >= end).is_some() {}
        self.speculative = committed.clone();
        for (offset, record) in &self.uncommitted {
            S::replay(&mut self.speculative, *offset, record);
        }
        self.next = end;
    }

    fn write(&mut self, mut records: Vec<S::Record>, atomic: bool, actions: &mut Vec<Action<S>>) {
        if atomic && records.len() > S::APPEND_MAX {
            match S::brackets(&self.speculative) {
                Some((begin, end)) => {
                    records.insert(0, begin);
                    records.push(end);
                }
                None => return self.append(records, atomic, actions),
            }
        }
        while !records.is_empty() {
            let rest = records.split_off(records.len().min(S::APPEND_MAX));
            self.append(core::mem::replace(&mut records, rest), atomic, actions);
        }
    }

    /// One append.
    fn append(&mut self, records: Vec<S::Record>, atomic: bool, actions: &mut Vec<Action<S>>) {
        let first = self.next;
        let mut last = first;
        for record in &records {
            last = self.next;
            S::replay(&mut self.speculative, last, record);
            self.uncommitted.push_back((last, record.clone()));
            self.next = last.next();
        }
        self.unconfirmed.push_back((first, last));
        actions.push(Action::Append { epoch: self.epoch, records, atomic });
    }
}
