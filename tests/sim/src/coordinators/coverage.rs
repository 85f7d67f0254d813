//! What a run reached: what it does not reach it does not check.

use broker_txn::TransactionState;

use crate::counters::counters;

counters! {
    /// Brokers that ended.
    crashes,
    /// Transactional ids that had begun nothing when their coordinator ended.
    crashes_in_empty,
    /// Open transactions whose coordinator ended.
    crashes_in_ongoing,
    /// Transactions about to be committed whose coordinator ended.
    crashes_in_prepare_commit,
    /// Transactions about to be aborted whose coordinator ended.
    crashes_in_prepare_abort,
    /// Committed transactions whose coordinator ended.
    crashes_in_complete_commit,
    /// Aborted transactions whose coordinator ended.
    crashes_in_complete_abort,
    /// Leaders of `__transaction_state` that were deposed.
    transaction_leaders_changed,
    /// Leaders of `__consumer_offsets` that were deposed.
    offset_leaders_changed,
    /// Leaders of topics that were deposed.
    data_leaders_changed,
    /// Records that were lost for they were not replicated.
    records_lost,
    /// Shards that read their logs.
    loads,
    /// Appends that partitions refused.
    appends_refused,
    /// High watermarks that stood still.
    freezes,
    /// Times in which partitions took nothing.
    refusals,
    /// Times in which markers did not arrive.
    marker_delays,
    /// Networks that lose.
    lossy,
    /// Networks that are slow.
    slow_networks,
    /// Messages that were lost.
    messages_lost,
    /// Requests that nobody answered in time.
    timeouts,
    /// Requests of connections that were given up.
    late_requests,
    /// Clients that stood still.
    pauses,
    /// Clients that stood still for longer than their sessions.
    pauses_beyond_session,
    /// Transactions whose producers stood still for longer than they may take.
    pauses_beyond_txn,
    /// Clients that ended.
    client_crashes,
    /// Transactional producers that are older than their cluster (KIP-890).
    old_producers,
    /// Second instances with a transactional id that is in use.
    twins,
    /// Members that began to speak otherwise.
    speech_changes,
    /// Classic groups that became groups of KIP-848.
    upgrades,
    /// Groups of KIP-848 that became classic ones.
    downgrades,
    /// Markers that were sent.
    markers_sent,
    /// Markers that had to wait.
    markers_delayed,
    /// Markers that were sent again.
    markers_repeated,
    /// Markers that were refused for good.
    markers_refused,
    /// Verifications that coordinators refused.
    verifications_refused,
    /// Batches that were there already.
    repeats,
    /// Transactions that were committed.
    commits,
    /// Transactions that were aborted.
    aborts,
    /// Transactions that took too long.
    timed_out,
    /// Transactions of whose end their producer did not hear.
    unknown_ends,
    /// Producers that were fenced.
    producers_fenced,
    /// Requests for a transaction that was being completed.
    concurrent_transactions,
    /// Members that were fenced.
    members_fenced,
    /// Members that gave partitions up when asked.
    revocations,
    /// Partitions that members took.
    partitions_taken,
    /// Static members that came back.
    static_returns,
    /// Generations of classic groups.
    generations,
    /// Offsets that were committed.
    offsets_committed,
    /// Commits that were refused.
    commits_refused,
    /// Offsets that went back, by their owner.
    offsets_back,
    /// Reads of offsets that a transaction held back.
    unstable_offsets,
    /// Transactions' offsets that were refused.
    txn_offsets_refused,
    /// Records that producers without transactions wrote.
    records_fed,
    /// Records that were copied.
    records_copied,
    /// Records that readers saw.
    records_read,
    /// Aborted records that readers of committed data passed over.
    records_skipped,
}

impl Coverage {
    /// A transaction coordinator ended while its transactional ids were in these states.
    pub(super) fn crashed_in(&mut self, states: impl IntoIterator<Item = TransactionState>) {
        for state in states {
            match state {
                TransactionState::Empty => self.crashes_in_empty += 1,
                TransactionState::Ongoing => self.crashes_in_ongoing += 1,
                TransactionState::PrepareCommit => self.crashes_in_prepare_commit += 1,
                TransactionState::PrepareAbort => self.crashes_in_prepare_abort += 1,
                TransactionState::CompleteCommit => self.crashes_in_complete_commit += 1,
                TransactionState::CompleteAbort => self.crashes_in_complete_abort += 1,
            }
        }
    }

    /// How many things went wrong.
    pub(super) const fn faults(&self) -> u64 {
        let leaders =
            self.transaction_leaders_changed + self.offset_leaders_changed + self.data_leaders_changed;
        let partitions = self.freezes + self.refusals + self.marker_delays;
        let clients = self.pauses + self.client_crashes + self.twins;
        self.crashes + leaders + partitions + clients + self.lossy + self.slow_networks
    }
}
