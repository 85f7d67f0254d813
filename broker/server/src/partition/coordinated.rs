//! A partition of an internal topic under its coordinator: what it appends, and when that is committed.

use broker_log::{AppendError, AppendInfo, AppendOrigin, Terms, VerificationGuard};
use broker_replication::Event;
use broker_types::{LeaderEpoch, Now, Offset, TransactionVersion};
use tokio::sync::watch;

use super::{FetchError, News, Partition, ProduceError};

/// Why a coordinator's batch was not appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CoordinatorAppendError {
    /// The coordinator's epoch is over.
    #[error("this broker leads the partition no longer in that epoch")]
    NotLeader,
    /// Somebody else has appended to the partition: what the coordinator knows is not all there is.
    #[error("the log ends at {end}, not at {expected}")]
    Foreign { expected: Offset, end: Offset },
    #[error(transparent)]
    Refused(#[from] ProduceError),
}

/// On what grounds a coordinator's batch belongs to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Grounds {
    /// Where it begins one: what was given before its coordinator was asked.
    pub(crate) guard: Option<VerificationGuard>,
    /// Where it ends one: the version with which it ended.
    pub(crate) marker_version: TransactionVersion,
}

impl Partition {
    /// Where the log ends for the leader of `epoch`.
    pub(crate) fn log_end_in(&self, epoch: LeaderEpoch) -> Result<Offset, FetchError> {
        Ok(self.bounds(Some(epoch))?.log_end)
    }

    /// Everything before the value is committed; it moves as the high watermark does. `None`: the partition is deleted.
    pub(crate) fn watch_committed(&self) -> Option<watch::Receiver<Offset>> {
        self.state.lock().as_mut().map(super::state::State::watch_committed)
    }

    /// Appends one batch of the coordinator that leads in `epoch`, where the log ends at `expected`.
    pub(crate) fn append_as_coordinator(
        &self,
        epoch: LeaderEpoch,
        expected: Offset,
        batch: &[u8],
        grounds: Grounds,
        now: Now,
    ) -> Result<AppendInfo, CoordinatorAppendError> {
        let Grounds { guard, marker_version } = grounds;
        let terms = Terms { origin: AppendOrigin::Coordinator, guard, marker_version };
        self.check_online().map_err(|()| ProduceError::Offline)?;
        let (appended, moved) = {
            let mut state = self.state.lock();
            let state = state.as_mut().ok_or(CoordinatorAppendError::NotLeader)?;
            if state.replica.leads() != Some(epoch) {
                return Err(CoordinatorAppendError::NotLeader);
            }
            let end = state.log.end_offset();
            if end != expected {
                return Err(CoordinatorAppendError::Foreign { expected, end });
            }
            state.replica.check_in_sync().map_err(ProduceError::from)?;
            let appended = state.log.append_as_leader(batch, epoch, now.wall, terms);
            let appended = appended.inspect_err(|error| self.notice(error)).map_err(ProduceError::from)?;
            let log_end = state.log.end_offset();
            (appended, state.step(now, Event::Appended { log_end }))
        };
        self.tell(News::of(moved));
        Ok(appended)
    }
}

impl CoordinatorAppendError {
    /// Whether the log will never take the batch.
    pub(crate) const fn is_too_large(&self) -> bool {
        matches!(self, Self::Refused(ProduceError::Append(AppendError::TooLarge { .. })))
    }
}
