//! Deliberate defects: what the simulation must find. None is in the machines; the world around them does them wrong.

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Markers are sent as soon as the end of a transaction is decided, committed or not.
    MarkersBeforeCommit,
    /// A coordinator that takes over does not send the markers of what was about to end.
    MarkersForgotten,
    /// A coordinator answers when its log has the record, replicated or not.
    AnsweredBeforeCommit,
    /// A transaction that took too long is aborted, and its producer may go on.
    TimedOutNotFenced,
    /// A partition takes the first batch of a transaction whatever the coordinator says.
    VerificationSkipped,
    /// Offsets of a transaction count before it ends.
    OffsetsBeforeMarker,
    /// The coordinator is told that a member has given up what it was asked to, whether it has or not.
    RevocationNotAwaited,
    /// A commit counts as one of the owner, whoever it comes from.
    CommitsNotFenced,
    /// Readers of committed data get everything up to the high watermark.
    StableIsHighWatermark,
    /// A coordinator that loads leaves a record out.
    ReplaySkipsRecord,
    /// Readers of committed data are not told what was aborted.
    AbortedNotTold,
}

impl Defect {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::MarkersBeforeCommit,
        Self::MarkersForgotten,
        Self::AnsweredBeforeCommit,
        Self::TimedOutNotFenced,
        Self::VerificationSkipped,
        Self::OffsetsBeforeMarker,
        Self::RevocationNotAwaited,
        Self::CommitsNotFenced,
        Self::StableIsHighWatermark,
        Self::ReplaySkipsRecord,
        Self::AbortedNotTold,
    ];
}
