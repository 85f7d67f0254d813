//! The batch that opens a leadership (KIP-595), with the quorum's version and voters when the log has none (KIP-853).

use alloc::vec::Vec;

use broker_protocol::records::control::{
    KRaftVersionRecord, LeaderChangeMessage, leader_change_message::Voter as LeaderChangeVoter,
};
use broker_records::{ControlBatch, ControlType};
use broker_types::{BrokerId, LeaderEpoch, Offset, Timestamp};
use bytes::Bytes;

use crate::{
    raft::Raft,
    role::State,
    snapshot::{DYNAMIC, SnapshotTooLarge, VERSION, encoded},
    voters::Voters,
};

/// What the batch says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) leader: BrokerId,
    pub(crate) epoch: LeaderEpoch,
    /// Who may vote, and who did for this leader.
    pub(crate) voters: &'a Voters,
    pub(crate) granting: &'a [BrokerId],
    /// Whether the set itself goes into the log.
    pub(crate) with_voters: bool,
}

/// The batch at `offset`. Apache Kafka writes and reads version 0 of the leader's message whatever the quorum's
/// version is, so a newer one would stop it from taking the log over.
pub(crate) fn batch(
    opening: &Opening<'_>,
    offset: Offset,
    now: Timestamp,
) -> Result<Bytes, SnapshotTooLarge> {
    let voter = |id: BrokerId| LeaderChangeVoter { voter_id: id.get(), ..LeaderChangeVoter::default() };
    let message = LeaderChangeMessage {
        version: VERSION,
        leader_id: opening.leader.get(),
        voters: opening.voters.iter().map(|one| voter(one.key.id)).collect(),
        granting_voters: opening.granting.iter().map(|id| voter(*id)).collect::<Vec<_>>(),
    };
    let mut batch = ControlBatch::quorum(offset, opening.epoch, now);
    batch.append(ControlType::LeaderChange, &encoded(&message)?)?;
    if opening.with_voters {
        let version = KRaftVersionRecord { version: VERSION, kraft_version: DYNAMIC };
        batch.append(ControlType::KRaftVersion, &encoded(&version)?)?;
        batch.append(ControlType::KRaftVoters, &encoded(&opening.voters.to_record())?)?;
    }
    Ok(batch.build())
}

impl Raft {
    /// The batch that [`Action::AppendLeaderChange`] asks for: who leads, and the voters when the log does not have
    /// them, or not as they can be reached now.
    ///
    /// # Errors
    /// When the voter set does not fit a batch.
    pub fn opening_batch(&self, offset: Offset, now: Timestamp) -> Result<Bytes, SnapshotTooLarge> {
        let granting: Vec<BrokerId> = match &self.state {
            State::Leader(leadership) => leadership.granting.iter().copied().collect(),
            _ => Vec::new(),
        };
        let opening = Opening {
            leader: self.me.key.id,
            epoch: self.quorum.epoch,
            voters: self.voters_to_log.as_ref().unwrap_or_else(|| self.voters()),
            granting: &granting,
            with_voters: self.voters_to_log.is_some(),
        };
        batch(&opening, offset, now)
    }
}
