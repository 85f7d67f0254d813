//! Moving a replica from one log directory to another of the same broker (KIP-113, KIP-858).
//!
//! ```text
//! logs ─► RestartAt | TruncateTo   the copy has what the log does not (KIP-101)
//!      ─► Copy | WaitUntil         the copy is behind
//!      ─► Announce                 it has everything, and the controller knows the replica elsewhere
//!      ─► Swap                     it has everything, and the controller knows the replica where it goes
//! ```
//! Invariant: the replica is served from the log, and the copy is nobody's, until the controller has been told where the
//! replica goes. If it heard of that later, a directory that fails in between would go unnoticed, and a leader be lost
//! with it. Nothing is remembered between two looks: a start in the middle goes on with what it finds.

use broker_types::{Mono, Offset};

use crate::fetcher::{EpochEnd, LogState, truncation_point};

/// The two logs at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logs {
    /// The one in use.
    pub current: LogState,
    /// The copy.
    pub future: LogState,
    /// The largest epoch in the log in use that is not beyond the copy's last one, and its end there.
    pub theirs: Option<EpochEnd>,
    /// The largest epoch in the copy that is not beyond that one, and its end there.
    pub own: Option<EpochEnd>,
}

/// Where the controller knows the replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It keeps no account of directories: an older metadata version.
    Nowhere,
    /// In the directory that it goes to.
    Target,
    /// In another one, or it does not know in which.
    Elsewhere,
}

/// What is to be done next. After each but [`Step::Swap`] one looks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Throw the copy away and begin it where the log starts.
    RestartAt(Offset),
    /// Cut the copy.
    TruncateTo(Offset),
    /// Copy from here on.
    Copy(Offset),
    /// Copy no more before that time.
    WaitUntil(Mono),
    /// Tell the controller where the replica goes; look again when it knows, or when the log has more.
    Announce,
    /// Make the copy the log.
    Swap,
}

/// What is to be done next. `exceeded_until`: the quota of moves is used up
/// (`replica.alter.log.dirs.io.max.bytes.per.second`).
#[must_use]
pub fn next_step(logs: &Logs, registered: Registered, exceeded_until: Option<Mono>) -> Step {
    let (current, future) = (&logs.current, &logs.future);
    if future.end < current.start {
        return Step::RestartAt(current.start);
    }
    let parting = parting(logs);
    if parting < future.end {
        // What was deleted at the log's start cannot be told apart any more.
        let is_gone = parting < current.start || parting < future.start;
        return if is_gone { Step::RestartAt(current.start) } else { Step::TruncateTo(parting) };
    }
    if future.end < current.end {
        return exceeded_until.map_or(Step::Copy(future.end), Step::WaitUntil);
    }
    match registered {
        Registered::Elsewhere => Step::Announce,
        Registered::Target | Registered::Nowhere => Step::Swap,
    }
}

/// Up to where the copy holds what the log holds, as far as the epochs tell.
fn parting(logs: &Logs) -> Offset {
    let future = &logs.future;
    let by_epochs = match (logs.theirs, future.last_epoch) {
        (Some(theirs), Some(last)) if theirs.epoch < last || theirs.end < future.end => {
            truncation_point(theirs, logs.own, future.end)
        }
        _ => future.end,
    };
    by_epochs.min(logs.current.end)
}

#[cfg(test)]
mod tests {
    use broker_types::LeaderEpoch;

    use super::*;

    fn at(offset: i64) -> Offset {
        Offset::new(offset)
    }

    fn log(start: i64, end: i64, last_epoch: i32) -> LogState {
        LogState {
            start: at(start),
            end: at(end),
            last_epoch: LeaderEpoch::from_wire(last_epoch),
            high_watermark: at(start),
        }
    }

    fn epoch_end(epoch: i32, end: i64) -> Option<EpochEnd> {
        Some(EpochEnd { epoch: LeaderEpoch::new(epoch), end: at(end) })
    }

    /// A log [5, 20) whose last epoch is 4, and a copy up to `end` of the same records.
    fn copied_to(end: i64) -> Logs {
        let theirs = if end > 5 { epoch_end(4, 20) } else { None };
        let own = if end > 5 { epoch_end(4, end) } else { None };
        let last_epoch = if end > 5 { 4 } else { -1 };
        Logs { current: log(5, 20, 4), future: log(end.min(5), end, last_epoch), theirs, own }
    }

    fn step(logs: &Logs) -> Step {
        next_step(logs, Registered::Elsewhere, None)
    }

    #[test]
    fn a_copy_begins_where_the_log_starts_and_goes_on_to_its_end() {
        assert_eq!(step(&copied_to(0)), Step::RestartAt(at(5)));
        assert_eq!(step(&copied_to(5)), Step::Copy(at(5)));
        assert_eq!(step(&copied_to(12)), Step::Copy(at(12)));
        let until = Mono::from_micros(7);
        assert_eq!(next_step(&copied_to(12), Registered::Elsewhere, Some(until)), Step::WaitUntil(until));
    }

    #[test]
    fn with_everything_the_controller_is_told_first_and_then_they_are_swapped() {
        let whole = copied_to(20);
        let until = Some(Mono::from_micros(7));
        assert_eq!(next_step(&whole, Registered::Elsewhere, until), Step::Announce);
        assert_eq!(next_step(&whole, Registered::Target, until), Step::Swap);
        assert_eq!(next_step(&whole, Registered::Nowhere, None), Step::Swap);
        let behind = copied_to(19);
        assert_eq!(
            next_step(&behind, Registered::Target, None),
            Step::Copy(at(19)),
            "the log has more by now"
        );
    }

    #[test]
    fn what_the_log_cut_off_goes_from_the_copy_too() {
        // Epoch 4 ends at 10 in the log, which went on in epoch 6; the copy has more of epoch 4.
        let parted = Logs {
            current: log(0, 30, 6),
            future: log(0, 15, 4),
            theirs: epoch_end(4, 10),
            own: epoch_end(4, 15),
        };
        assert_eq!(step(&parted), Step::TruncateTo(at(10)));
        // The copy has an epoch that the log has not, after 8.
        let parted = Logs {
            current: log(0, 30, 6),
            future: log(0, 15, 5),
            theirs: epoch_end(3, 12),
            own: epoch_end(3, 8),
        };
        assert_eq!(step(&parted), Step::TruncateTo(at(8)));
        // The log ends before the copy, in the same epoch.
        let longer = Logs {
            current: log(0, 12, 4),
            future: log(0, 15, 4),
            theirs: epoch_end(4, 12),
            own: epoch_end(4, 15),
        };
        assert_eq!(step(&longer), Step::TruncateTo(at(12)));
        let without_epochs =
            Logs { current: log(0, 12, -1), future: log(0, 15, -1), theirs: None, own: None };
        assert_eq!(step(&without_epochs), Step::TruncateTo(at(12)));
    }

    #[test]
    fn where_the_common_part_was_deleted_the_copy_begins_anew() {
        let parted = Logs {
            current: log(12, 30, 6),
            future: log(0, 15, 4),
            theirs: epoch_end(3, 12),
            own: epoch_end(3, 8),
        };
        assert_eq!(step(&parted), Step::RestartAt(at(12)));
        let behind = Logs { current: log(20, 30, 6), ..copied_to(15) };
        assert_eq!(step(&behind), Step::RestartAt(at(20)));
    }
}
