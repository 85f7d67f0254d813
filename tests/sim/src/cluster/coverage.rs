//! What a run reached: what it does not reach it does not check.

use broker_raft::Role;
use broker_replication::IsrAnswer;

use super::{
    message::ProduceError,
    setup::{Durability, Setup},
};
use crate::counters::counters;

counters! {
    /// Processes that ended.
    kills,
    /// Nodes that lost power.
    power_losses,
    /// All nodes at once.
    total_crashes,
    /// The quorum's leader ended.
    leader_crashes,
    /// Batches of the metadata log that were lost unsynced, torn or rotten.
    batches_lost,
    /// Records that were lost unsynced, torn or rotten.
    records_lost,
    /// Nodes that stopped in order.
    clean_stops,
    /// Stopped processes (SIGSTOP).
    pauses,
    /// Nodes cut off from all others.
    isolations,
    /// Ways that were cut one way only.
    one_way_cuts,
    /// Networks in two parts.
    splits,
    /// Networks that lose.
    lossy,
    /// Networks that repeat.
    repeating,
    /// Networks that are slow, and overtake.
    slow_networks,
    /// Messages that were lost.
    messages_lost,
    /// Messages that came twice.
    messages_repeated,
    /// Requests to a process that was gone.
    refused_connections,
    /// Brokers that were fenced because their process was gone.
    suspects_fenced,
    /// Requests that nobody answered in time.
    timeouts,
    /// Syncs that take long.
    slow_disks,
    /// Volumes without room.
    full_disks,
    /// Followers that found no room.
    follower_disk_full,
    /// Syncs that failed.
    failed_syncs,
    /// Wall clocks that were set.
    clock_jumps,
    /// Leaders of the quorum that were asked to resign.
    asked_to_resign,
    /// Seeds whose topics are synced.
    synced_clusters,
    /// Seeds with eligible leader replicas.
    eligible_clusters,
    /// Seeds where only processes end.
    process_clusters,
    /// Seeds whose voters change.
    changing_clusters,
    /// Steps of the quorum's machine without a leader.
    unattached,
    /// Steps as one that asks whether it would be elected.
    prospective,
    /// Steps as a candidate.
    candidate,
    /// Steps as a follower.
    follower,
    /// Steps as a leader.
    leader,
    /// Steps as a leader that resigned.
    resigned,
    /// Leaders of the quorum.
    elections,
    /// Leaders that lost the lead.
    resignations,
    /// Metadata logs that were cut.
    quorum_truncations,
    /// Snapshots that were written.
    snapshots,
    /// Snapshots that were fetched.
    snapshots_installed,
    /// Sets of voters that were appended.
    voter_changes,
    /// Brokers that were unfenced.
    unfenced,
    /// Leaders of partitions.
    partition_leaders,
    /// ISRs that shrank or grew.
    isr_accepted,
    /// ISRs that were refused.
    isr_refused,
    /// ISRs that came too late.
    isr_overtaken,
    /// Partition logs that were cut.
    truncations,
    /// Replicas that went to other brokers.
    replicas_moved,
    /// Fetches that waited.
    fetches_parked,
    /// Fetches that were given up for a newer one.
    fetches_abandoned,
    /// Fetch sessions that were not known.
    sessions_refused,
    /// Fetches of an earlier life.
    stale_replicas,
    /// Records that were acknowledged.
    acknowledged,
    /// Records of which nobody knows.
    unknown,
    /// Records that were sent again and were there.
    repeats,
    /// Produce requests to one that does not lead.
    not_leader,
    /// Produce requests with too few in-sync replicas.
    not_enough_replicas,
    /// Produce requests that were not committed in time.
    not_in_time,
    /// Produce requests to a full disk.
    produce_disk_full,
    /// Records that were read.
    records_read,
    /// Topics that were created.
    topics_created,
    /// Topics that were deleted.
    topics_deleted,
    /// Configs that were set.
    configs_set,
    /// Reassignments that were begun.
    reassignments,
    /// Preferred leaders that were asked for.
    preferred_elections,
    /// Changes of voters that were asked for.
    voter_requests,
}

impl Coverage {
    pub(super) const fn setup(&mut self, setup: Setup) {
        match setup.durability {
            Durability::Synced => self.synced_clusters += 1,
            Durability::Eligible => self.eligible_clusters += 1,
            Durability::Processes => self.process_clusters += 1,
        }
        self.changing_clusters += setup.changes_voters as u64;
    }

    pub(super) const fn role(&mut self, role: Role) {
        match role {
            Role::Unattached => self.unattached += 1,
            Role::Prospective => self.prospective += 1,
            Role::Candidate => self.candidate += 1,
            Role::Follower => self.follower += 1,
            Role::Leader => self.leader += 1,
            Role::Resigned => self.resigned += 1,
        }
    }

    pub(super) const fn isr_answer(&mut self, answer: &IsrAnswer, _size: usize) {
        match answer {
            IsrAnswer::Accepted { .. } => self.isr_accepted += 1,
            IsrAnswer::Refused => self.isr_refused += 1,
            IsrAnswer::Overtaken => self.isr_overtaken += 1,
        }
    }

    pub(super) const fn refused(&mut self, error: ProduceError) {
        match error {
            ProduceError::NotLeader => self.not_leader += 1,
            ProduceError::NotEnoughReplicas => self.not_enough_replicas += 1,
            ProduceError::TimedOut => self.not_in_time += 1,
            ProduceError::DiskFull => self.produce_disk_full += 1,
            ProduceError::OutOfOrder => {}
        }
    }

    /// How many things went wrong.
    pub(super) const fn faults(&self) -> u64 {
        let ends = self.kills + self.power_losses + self.failed_syncs + self.clean_stops + self.pauses;
        let ways = self.isolations + self.one_way_cuts + self.splits;
        let quality = self.lossy + self.repeating + self.slow_networks;
        let rest = self.slow_disks + self.full_disks + self.clock_jumps + self.asked_to_resign;
        ends + ways + quality + rest
    }
}
