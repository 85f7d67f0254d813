//! What a replicated machine must be able to do.

use alloc::vec::Vec;
use core::fmt::Debug;

use broker_types::{Mono, Now, Offset};

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

    /// Decides. Reads the speculative `state`, may change soft state, emits records.
    fn handle(
        &mut self,
        now: Now,
        state: &Self::State,
        request: Self::Request,
    ) -> Outcome<Self::Record, Self::Response>;

    /// Decides what time alone asks for; called when [`Shard::next_deadline`] has come.
    fn tick(&mut self, now: Now, state: &Self::State) -> Outcome<Self::Record, ()>;

    /// When [`Shard::tick`] must be called; `None` for never.
    fn next_deadline(&self) -> Option<Mono>;

    /// Takes one record into the state. The only thing that changes hard state; total and deterministic.
    fn replay(state: &mut Self::State, offset: Offset, record: &Self::Record);

    /// Leadership begins: builds soft state from what is committed.
    fn became_leader(&mut self, now: Now, state: &Self::State);

    /// Leadership is over: drops soft state.
    fn resigned(&mut self);
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
}
