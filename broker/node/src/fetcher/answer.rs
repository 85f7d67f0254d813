//! What an answer means for each partition.

use alloc::vec::Vec;

use broker_types::Mono;

use super::{
    Fetcher,
    message::{Action, Answer, Answered, FetchFailure, PartitionFailure, Told},
    partition::{Followed, Standing},
};

impl Fetcher {
    pub(super) fn answered(&mut self, now: Mono, answer: &Answer, actions: &mut Vec<Action>) {
        if self.under_way.is_none() {
            return;
        }
        self.end_request();
        match &answer.outcome {
            Ok(partitions) => {
                self.failures = 0;
                self.session.answered(answer.session);
                for (index, answered) in partitions.iter().enumerate() {
                    self.partition_answered(now, index, answered, actions);
                }
            }
            Err(failure) => self.refused(now, *failure),
        }
    }

    /// A session may end at any time, and the full fetch goes out at once; what is refused again waits.
    fn refused(&mut self, now: Mono, failure: FetchFailure) {
        match failure {
            FetchFailure::SessionNotFound => self.session.forget(),
            FetchFailure::SessionEpoch | FetchFailure::Other => self.session.start_over(),
        }
        self.failures = self.failures.saturating_add(1);
        if failure == FetchFailure::Other || self.failures > 1 {
            self.paused_until = Some(now.plus(self.settings.pause_after(self.failures)));
        }
    }

    fn partition_answered(
        &mut self,
        now: Mono,
        index: usize,
        answered: &Answered,
        actions: &mut Vec<Action>,
    ) {
        let partition = answered.partition;
        let asked = self.session.known(partition).copied();
        // Its leadership, or its log, may be another one than when it was asked for.
        let holds = |followed: &&mut Followed| followed.is_ready() && Some(followed.wanted()) == asked;
        let Some(followed) = self.partitions.get_mut(&partition).filter(holds) else { return };
        let epoch = followed.epoch;
        if let Ok(told) = answered.outcome {
            followed.committed = Some(told.high_watermark);
            if followed.is_throttled {
                self.session.changed(partition);
            }
        }
        let standing = match answered.outcome {
            Ok(Told { diverging: Some(theirs), .. }) => {
                actions.push(Action::Truncate { partition, epoch, theirs });
                Standing::Writing { cuts: true }
            }
            Ok(told) if told.bytes > 0 => {
                actions.push(Action::Write { partition, epoch, index, told });
                self.turns += 1;
                followed.turn = self.turns;
                Standing::Writing { cuts: false }
            }
            Ok(told) if is_news(followed, told) => {
                actions.push(Action::SetHighWatermark { partition, epoch, told });
                Standing::Writing { cuts: false }
            }
            Ok(_) => {
                followed.errors = 0;
                return;
            }
            Err(PartitionFailure::OutOfRange) => {
                actions.push(Action::AskBounds { partition, epoch });
                Standing::Asking
            }
            // The metadata will tell of the next leadership.
            Err(PartitionFailure::FencedEpoch) => Standing::Pausing(now.plus(self.settings.backoff)),
            Err(PartitionFailure::Other) => return self.pause(now, partition),
        };
        self.stand(partition, standing);
    }
}

/// Whether the leader tells more than is known here of a log of this length.
fn is_news(followed: &Followed, told: Told) -> bool {
    let committed = told.high_watermark.min(followed.log.end);
    committed > followed.log.high_watermark || told.log_start.min(committed) > followed.log.start
}
