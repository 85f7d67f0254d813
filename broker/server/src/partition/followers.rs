//! The leader's side of replication: what other replicas read, and who of them is in sync.
//!
//! Invariant: a fetch counts as its follower's position only where it may be believed: the replica is one of the
//! partition's, its offset lies in this log, and the epoch of its last record ends there or later here.

use broker_log::{EpochEnd, ReadError, ReadSlice};
use broker_replication::{Event, FollowerPosition, IsrAnswer, Peer};
use broker_types::{LeaderEpoch, Now};

use super::{Bounds, FetchError, Partition, State, bounds};

/// What another replica asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReplicaRead {
    /// Who, and where its log ends: from there it reads.
    pub(crate) at: FollowerPosition,
    /// The leadership that it follows.
    pub(crate) known_epoch: Option<LeaderEpoch>,
    /// The epoch of its last record (KIP-595).
    pub(crate) last_fetched_epoch: Option<LeaderEpoch>,
    pub(crate) bytes_max: u32,
    /// The first batch comes whole, however large.
    pub(crate) min_one: bool,
    /// False when a parked fetch looks again: what it says is old news.
    pub(crate) is_new: bool,
    /// No more is read than what keeps a replica in sync: one that is not gets nothing now.
    pub(crate) is_throttled: bool,
}

/// What it gets.
#[derive(Debug)]
pub(crate) struct ReplicaSlice {
    pub(crate) slice: ReadSlice,
    pub(crate) bounds: Bounds,
    /// Its log went another way than this one; nothing is read then.
    pub(crate) diverging: Option<EpochEnd>,
}

impl Partition {
    /// Plans a read for another replica, up to the end of the log; first takes note of where that replica is, so that
    /// the high watermark of the answer is the newest.
    pub(crate) fn plan_replica_read(&self, now: Now, read: &ReplicaRead) -> Result<ReplicaSlice, FetchError> {
        let (planned, moved) = {
            let mut state = self.lock_as_leader(read.known_epoch)?;
            if !state.replica.has_peer(read.at.broker) {
                return Err(FetchError::UnknownReplica { names_epoch: read.known_epoch.is_some() });
            }
            let diverging = diverging(&state, read)?;
            let moved = diverging.is_none() && read.is_new && state.step(now, Event::FollowerAt(read.at));
            let end = state.log.end_offset();
            let is_held = read.is_throttled && !state.replica.isr().any(|broker| broker == read.at.broker);
            let slice = match diverging {
                Some(_) => ReadSlice::empty(end),
                None if is_held => ReadSlice::empty(read.at.log_end),
                None => state.log.read(read.at.log_end, read.bytes_max, end, read.min_one)?,
            };
            (ReplicaSlice { slice, bounds: bounds(&state), diverging }, moved)
        };
        self.wake_if(moved);
        Ok(planned)
    }

    /// The in-sync replicas as the controller last confirmed them; none unless this replica leads.
    #[cfg(test)]
    pub(crate) fn isr(&self) -> Vec<broker_types::BrokerId> {
        self.state.lock().iter().flat_map(|state| state.replica.isr()).collect()
    }

    /// A broker with a replica was fenced, unfenced, registered anew or asked to stop.
    pub(crate) fn peer_changed(&self, now: Now, peer: Peer) {
        let moved = self.change(|state| state.step(now, Event::PeerChanged(peer)));
        self.wake_if(moved);
    }

    /// What became of the ISR that the leadership of `epoch` proposed.
    pub(crate) fn isr_answered(&self, now: Now, epoch: LeaderEpoch, answer: IsrAnswer) {
        let moved = self.change(|state| {
            state.replica.leads() == Some(epoch) && state.step(now, Event::IsrAnswered(answer))
        });
        self.wake_if(moved);
    }
}

/// Whether the epoch of the replica's last record ended here before the offset that it asks for (KIP-595).
fn diverging(state: &State, read: &ReplicaRead) -> Result<Option<EpochEnd>, FetchError> {
    let (offset, start, end) = (read.at.log_end, state.log.start_offset(), state.log.end_offset());
    let out_of_range = ReadError::OutOfRange { offset, start, end };
    if offset < start {
        return Err(out_of_range.into());
    }
    let diverging = match read.last_fetched_epoch {
        None => None,
        Some(last) => match state.log.end_offset_for_epoch(last) {
            // A record of an epoch that this log has not reached: nobody can say where they part.
            None => return Err(out_of_range.into()),
            Some(known) => (known.epoch < last || known.end < offset).then_some(known),
        },
    };
    if diverging.is_none() && offset > end { Err(out_of_range.into()) } else { Ok(diverging) }
}
