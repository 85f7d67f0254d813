//! Following: what was fetched from the leader is written as it came, and what the leader does not have is cut off.
//!
//! Invariant: nothing changes the log but in the name of the very leadership that is followed now, so that an answer that
//! comes late does no harm.

use broker_log::{AppendError, EpochEnd, Log};
use broker_node::fetcher::{self, LogState};
use broker_replication::Event;
use broker_types::{LeaderEpoch, Now, Offset};

use super::{FollowError, Partition, State};

/// What a leader answered of a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FromLeader<'a> {
    /// Whole batches, perhaps none; a cut one at the end is left out by the caller.
    pub(crate) records: &'a [u8],
    pub(crate) high_watermark: Offset,
    pub(crate) log_start: Offset,
}

impl Partition {
    /// The leadership that is followed, and the log as it is.
    pub(crate) fn following(&self) -> Option<(LeaderEpoch, LogState)> {
        let state = self.state.lock();
        let state = state.as_ref()?;
        Some((state.replica.follows()?, log_state(&state.log)))
    }

    /// Writes what the leader of `epoch` answered, and takes over its high watermark and its log's start.
    pub(crate) fn append_fetched(
        &self,
        now: Now,
        epoch: LeaderEpoch,
        fetched: FromLeader<'_>,
    ) -> Result<LogState, FollowError> {
        self.as_follower(epoch, |state| {
            if !fetched.records.is_empty() {
                let restarted = append_copy(&mut state.log, now, fetched.records);
                if let Some(at) = restarted.inspect_err(|error| self.notice(error))? {
                    state.step(now, Event::Restarted { at });
                }
            }
            let log_end = state.log.end_offset();
            let FromLeader { high_watermark, log_start, .. } = fetched;
            Ok(state.step(now, Event::Fetched { log_end, high_watermark, log_start }))
        })
    }

    /// Cuts off what the leader of `epoch` does not have: `theirs` is where it says that the two logs part.
    pub(crate) fn truncate_to_leader(
        &self,
        now: Now,
        epoch: LeaderEpoch,
        theirs: fetcher::EpochEnd,
    ) -> Result<LogState, FollowError> {
        self.as_follower(epoch, |state| {
            let own = state.log.end_offset_for_epoch(theirs.epoch);
            let own = own.map(|EpochEnd { epoch, end }| fetcher::EpochEnd { epoch, end });
            let to = fetcher::truncation_point(theirs, own, state.log.end_offset());
            self.cut(state, now, to)
        })
    }

    /// Cuts the log at `to`, where that of the leader of `epoch` ends.
    pub(crate) fn truncate_at(
        &self,
        now: Now,
        epoch: LeaderEpoch,
        to: Offset,
    ) -> Result<LogState, FollowError> {
        self.as_follower(epoch, |state| self.cut(state, now, to))
    }

    /// Throws the log away and goes on at `at`: the leader of `epoch` has nothing older.
    pub(crate) fn restart_at(
        &self,
        now: Now,
        epoch: LeaderEpoch,
        at: Offset,
    ) -> Result<LogState, FollowError> {
        self.as_follower(epoch, |state| {
            tracing::info!(partition = %self.id, %at, "the leader has nothing older: the log starts over");
            state.log.truncate_fully_and_start_at(at, now.wall).inspect_err(|e| self.directory().fail(e))?;
            Ok(state.step(now, Event::Restarted { at }))
        })
    }

    fn cut(&self, state: &mut State, now: Now, to: Offset) -> Result<bool, FollowError> {
        let (end, high_watermark) = (state.log.end_offset(), state.log.high_watermark());
        if to < high_watermark {
            // Only after an unclean election: who led since did not have what was committed.
            tracing::warn!(partition = %self.id, %to, %high_watermark, "cutting off what was committed");
        } else if to < end {
            tracing::info!(partition = %self.id, %to, %end, "cutting off what the leader does not have");
        }
        let log_end = state.log.truncate_to(to, now.wall).inspect_err(|e| self.directory().fail(e))?;
        Ok(state.step(now, Event::Truncated { log_end }))
    }

    /// Changes the log of a follower of `epoch`.
    fn as_follower(
        &self,
        epoch: LeaderEpoch,
        change: impl FnOnce(&mut State) -> Result<bool, FollowError>,
    ) -> Result<LogState, FollowError> {
        self.check_online().map_err(|()| FollowError::Offline)?;
        let (moved, log) = {
            let mut state = self.state.lock();
            let state = state.as_mut().ok_or(FollowError::NotFollower)?;
            if state.replica.follows() != Some(epoch) {
                return Err(FollowError::NotFollower);
            }
            (change(state)?, log_state(&state.log))
        };
        self.wake_if(moved);
        Ok(log)
    }
}

impl FollowError {
    /// What the fetcher does about it.
    pub(crate) fn consequence(&self) -> fetcher::WriteFailure {
        match self {
            Self::NotFollower | Self::Offline | Self::Storage(_) => fetcher::WriteFailure::Stop,
            Self::Append(AppendError::Storage(_) | AppendError::Failed) => fetcher::WriteFailure::Stop,
            // A damaged answer is fetched again, and a full volume empties.
            Self::Append(_) => fetcher::WriteFailure::TryAgain,
        }
    }
}

/// Appends whole batches of another log, which may start inside of the first one: an empty log then starts with that batch,
/// and hides the records before its start as the other one does. Gives where it starts, if that is so.
pub(super) fn append_copy(log: &mut Log, now: Now, records: &[u8]) -> Result<Option<Offset>, AppendError> {
    let outcome = log.append_as_follower(records, now.wall);
    let Err(AppendError::OutOfOrder { first, .. }) = outcome else { return outcome.map(|_| None) };
    let is_empty = log.start_offset() == log.end_offset();
    let Some(at) = Offset::from_wire(first).filter(|_| is_empty) else { return outcome.map(|_| None) };
    log.truncate_fully_and_start_at(at, now.wall).map_err(AppendError::Storage)?;
    log.append_as_follower(records, now.wall).map(|_| Some(at))
}

pub(super) fn log_state(log: &Log) -> LogState {
    LogState {
        start: log.start_offset(),
        end: log.end_offset(),
        last_epoch: log.latest_epoch(),
        high_watermark: log.high_watermark(),
    }
}
