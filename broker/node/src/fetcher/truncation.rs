//! Where a follower's log is cut when its leader's went another way (KIP-279, KIP-595).

use broker_types::Offset;

use super::message::EpochEnd;

/// Where to cut. `theirs` is the leader's largest epoch not beyond that of the follower's last record, and its end;
/// `own` is the follower's largest epoch not beyond `theirs`, and its end, if it has one.
///
/// In one epoch all logs hold the same records, as far as they go: up to the shorter end both are equal. Where the
/// follower lacks the leader's epoch, all that it has of later ones goes, and the leader is asked about the epoch before.
/// Everything that every in-sync replica has lies before, so no committed record is cut after a clean election.
#[must_use]
pub fn truncation_point(theirs: EpochEnd, own: Option<EpochEnd>, log_end: Offset) -> Offset {
    let parting = match own {
        Some(own) if own.epoch == theirs.epoch => own.end.min(theirs.end),
        Some(own) => own.end,
        None => theirs.end,
    };
    parting.min(log_end)
}
