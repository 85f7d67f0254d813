//! Deliberate defects: what the simulation must find. None is in the machines; the world around them does them wrong.

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The quorum's log counts as durable without a sync.
    FlushSkipped,
    /// Votes and epochs count without being written: a node votes twice in one epoch after a crash.
    StateNotWritten,
    /// The high watermark is one too far.
    HighWatermarkOffByOne,
    /// The controller takes an ISR whatever leadership, registration or life of a broker it rests on.
    IsrWithoutEpochs,
    /// A leader does not say where the logs part: a follower keeps what its leader does not have.
    TruncationOmitted,
    /// A producer is answered when its leader has the record.
    AcknowledgedBeforeCommit,
    /// A producer's repeated record is appended again.
    RepeatsNotNoticed,
    /// What a leader sends counts as what its follower has.
    SentCountsAsWritten,
    /// A snapshot lacks its last record.
    SnapshotOmitsRecord,
    /// The controller answers before its records are committed.
    AnsweredBeforeCommit,
    /// Topics that promise a sync before the answer are not synced.
    DataSyncSkipped,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::FlushSkipped,
        Self::StateNotWritten,
        Self::HighWatermarkOffByOne,
        Self::TruncationOmitted,
        Self::AcknowledgedBeforeCommit,
        Self::RepeatsNotNoticed,
        Self::SentCountsAsWritten,
        Self::SnapshotOmitsRecord,
        Self::AnsweredBeforeCommit,
        Self::DataSyncSkipped,
    ];
}
