//! Getting a snapshot from the leader, part by part, when its log does not go back far enough (KIP-630).

use broker_types::{LeaderEpoch, Mono};

use crate::{
    epochs::EpochHistory,
    event::{Action, PeerAction},
    message::{Correlation, HeldBytes, Outcome, Refusal},
    raft::Raft,
    role::{State, Work},
    snapshot::{Snapshot, SnapshotId},
    voters::{VoterKey, Voters},
};

impl Raft {
    pub(crate) fn snapshot_requested(
        &mut self,
        now: Mono,
        epoch: LeaderEpoch,
        replica: VoterKey,
        id: SnapshotId,
        position: u64,
    ) -> Outcome {
        if let Some(refusal) = self.refusal_of_epoch(epoch) {
            return Outcome::Refused(refusal);
        }
        let (me, every) = (self.me.key, self.check_every());
        if let State::Leader(leadership) = &mut self.state {
            leadership.heard(replica, self.voters.latest(), me, now, every);
        }
        if self.snapshot == Some(id) {
            Outcome::SnapshotChunk { id, position }
        } else {
            Outcome::Refused(Refusal::SnapshotNotFound)
        }
    }

    pub(crate) fn snapshot_offered(&mut self, now: Mono, id: SnapshotId) {
        if matches!(self.state, State::Follower(_)) && matches!(self.work, Work::None) {
            self.leader_answered(now);
            if id.end > self.committed {
                self.work = Work::Download { id, position: 0 };
            }
        }
    }

    /// The leader has a newer one by now: the next fetch tells which.
    pub(crate) fn snapshot_refused(&mut self) {
        if matches!(self.work, Work::Download { .. }) {
            self.work = Work::None;
        }
    }

    pub(crate) fn snapshot_chunk(
        &mut self,
        now: Mono,
        correlation: Correlation,
        bytes: HeldBytes,
        (length, size): (u64, u64),
    ) {
        let to = self.requests.answered(correlation);
        let (Some(to), Work::Download { id, position }) = (to, &self.work) else {
            self.drop_bytes(bytes);
            return;
        };
        let (id, position) = (*id, *position);
        let next = position.saturating_add(length);
        if length == 0 && next < size {
            self.drop_bytes(bytes);
            self.requests.pause(to, now, self.timing.retry_backoff);
            return;
        }
        self.leader_answered(now);
        self.work = Work::WritingChunk { id, position: next, is_last: next >= size };
        self.push(Action::Peer(PeerAction::WriteSnapshotChunk { id, position, bytes }));
    }

    pub(crate) fn snapshot_chunk_written(&mut self) {
        match self.work {
            Work::WritingChunk { id, is_last: true, .. } => {
                self.work = Work::Installing { id };
                self.push(Action::Peer(PeerAction::InstallSnapshot { id }));
            }
            Work::WritingChunk { id, position, is_last: false } => {
                self.work = Work::Download { id, position };
            }
            Work::Abandoned => self.work = Work::None,
            _ => {}
        }
    }

    pub(crate) fn snapshot_installed(&mut self, voters: Voters) {
        let Work::Installing { id } = self.work else { return };
        self.work = Work::None;
        self.appended = id.end;
        self.flushed = id.end;
        self.flush_asked = id.end;
        self.committed = self.committed.max(id.end);
        self.epochs = EpochHistory::behind(id);
        self.voters.installed(id, &Snapshot { voters, values: alloc::vec![] });
        self.snapshot = Some(id);
        self.log_start = id.end;
    }
}
