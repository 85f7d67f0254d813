//! A voter gives one vote in an epoch, whatever it forgot meanwhile.
//!
//! Source: Raft, section 5.2 (votedFor is on stable storage before the answer leaves); KIP-595, `quorum-state`.

use std::collections::BTreeMap;

use broker_raft::VoterKey;
use broker_types::LeaderEpoch;

use super::Truth;
use crate::cluster::message::Caller;

/// Who was asked for what, and gave what.
#[derive(Debug, Default)]
pub(super) struct Votes {
    asked: BTreeMap<Caller, (LeaderEpoch, VoterKey)>,
    given: BTreeMap<(VoterKey, LeaderEpoch), VoterKey>,
}

impl Truth {
    /// A candidate asks for a vote.
    pub(in crate::cluster) fn vote_asked(&mut self, caller: Caller, epoch: LeaderEpoch, candidate: VoterKey) {
        self.votes.asked.insert(caller, (epoch, candidate));
    }

    /// A voter says yes.
    pub(in crate::cluster) fn vote_given(&mut self, voter: VoterKey, caller: Caller) -> Result<(), String> {
        // A pre-vote binds nobody.
        let Some((epoch, candidate)) = self.votes.asked.get(&caller).copied() else { return Ok(()) };
        let known = *self.votes.given.entry((voter, epoch)).or_insert(candidate);
        if known == candidate {
            return Ok(());
        }
        Err(format!("one vote per epoch: {voter:?} votes for {known:?} and {candidate:?} in epoch {epoch}"))
    }
}
