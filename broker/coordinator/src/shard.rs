//! What a replicated machine must be able to do.

use alloc::vec::Vec;
use core::fmt::Debug;

use broker_types::{Mono, Now, Offset, ReplyId};

/// Answers, each with where it goes.
pub type Replies<T> = Vec<(ReplyId, T)>;

/// A replicated state machine: it decides, and it replays what was decided.
pub trait Shard {
    /// Hard state. Cloning must be cheap (persistent maps): there are two of it.
    type State: Clone + Debug;
    /// What is written to the log.
    type Record: Clone + Debug;
    /// What it is asked.
    type Request: Debug;
    /// What it answers.
    type Response: Debug;

    /// The most records of one append. A decision with more is appended in parts.
    const APPEND_MAX: usize = usize::MAX;

    /// What goes before and behind an atomic decision that takes several appends, so that all of it counts or none.
    /// `None`: the log has no such records, and it goes into one append whatever its size.
    fn brackets(_state: &Self::State) -> Option<(Self::Record, Self::Record)> {
        None
    }

    /// Decides. Reads the speculative `state`, may change soft state, emits records. What is answered may be this
    /// request, others that were kept before, or none: a `reply` that is not given back is kept by the shard.
    fn handle(
        &mut self,
        now: Now,
        state: &Self::State,
        reply: ReplyId,
        request: Self::Request,
    ) -> Outcome<Self::Record, Replies<Self::Response>>;

    /// Decides what time alone asks for; called when [`Shard::next_deadline`] has come.
    fn tick(&mut self, now: Now, state: &Self::State) -> Outcome<Self::Record, Replies<Self::Response>>;

    /// When [`Shard::tick`] must be called; `None` for never.
    fn next_deadline(&self) -> Option<Mono>;

    /// Takes one record into the state. The only thing that changes hard state; total and deterministic.
    fn replay(state: &mut Self::State, offset: Offset, record: &Self::Record);

    /// Leadership begins: builds soft state from what is committed.
    fn became_leader(&mut self, now: Now, state: &Self::State);

    /// Leadership is over: drops soft state. Gives the replies that were kept: they are refused.
    fn resigned(&mut self) -> Vec<ReplyId>;

    /// What was decided last could not be written: `state` is what is left. Soft state that rested on it goes; gives the
    /// replies of those who waited for it. Unless the shard knows better, it begins anew.
    fn rolled_back(&mut self, now: Now, state: &Self::State) -> Vec<ReplyId> {
        let kept = self.resigned();
        self.became_leader(now, state);
        kept
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<R, T> {
    /// What is to be written, in this order. Empty for a read.
    pub records: Vec<R>,
    /// The answer, once all of it is committed.
    pub response: T,
    /// Whether the records must be replayed all or none: they are then appended as one batch.
    pub atomic: bool,
}

impl<R, T> Outcome<R, T> {
    /// The same with the answer as the only one, to `reply`.
    pub fn to(self, reply: ReplyId) -> Outcome<R, Replies<T>> {
        let Self { records, response, atomic } = self;
        Outcome { records, response: alloc::vec![(reply, response)], atomic }
    }
}

/// Why an append was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// The log takes nothing now: too few in-sync replicas, no room, a failed disk.
    Unavailable,
    /// A batch of it is larger than the log takes.
    TooLarge,
}

/// Why a request has no answer of the shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// This node does not lead, or lost the lead before the answer was committed. In the second case the records may
    /// have been written all the same.
    #[error("this node is not the leader")]
    NotLeader,
    /// Too many replies wait for their commit; nothing was decided, it may be asked again.
    #[error("too many requests wait for their commit")]
    Busy,
    /// The log did not take the records: nothing of the decision is left.
    #[error("the log did not take the records: {0:?}")]
    NotWritten(Unwritten),
    /// The records are in the log and were not committed in time; they may be yet.
    #[error("the records were not committed in time")]
    TimedOut,
}
