//! What a partition holds under its lock: the log, the replica machine that decides about it, and who waits for a decision.

use std::{collections::BTreeMap, sync::Arc};

use broker_log::Log;
use broker_replication::{Action, DeleteFailure, Durable, Event, ProduceFailure, Replica, Settings};
use broker_types::{Mono, Now, Offset, ReplyId, TopicId};
use tokio::{
    sync::{oneshot, watch},
    time::Instant,
};

use super::refusals::Refusals;
use crate::isr::{Proposal, Proposals};

/// A log and its replica.
#[derive(Debug)]
pub(super) struct State {
    pub(super) log: Log,
    pub(super) replica: Replica,
    pub(super) refusals: Refusals,
    topic_id: TopicId,
    proposals: Arc<Proposals>,
    /// Empty between steps; kept for its memory.
    actions: Vec<Action>,
    next_reply: u64,
    produces: BTreeMap<ReplyId, oneshot::Sender<Result<(), ProduceFailure>>>,
    deletions: BTreeMap<ReplyId, oneshot::Sender<Result<Offset, DeleteFailure>>>,
    /// Who wants to know of every move of the high watermark: the coordinator of an internal topic's partition.
    committed: Option<watch::Sender<Offset>>,
}

/// The decision about something that was asked for.
#[derive(Debug)]
pub(crate) enum Reply<T> {
    /// It is there.
    Now(T),
    /// It comes when the other replicas have followed, or not in time.
    Later(oneshot::Receiver<T>),
}

impl<T> Reply<T> {
    /// The decision. At `deadline` `is_late` is called once: it lets the machine see the time, which then decides.
    /// `None`: the partition is gone.
    pub(crate) async fn before(self, deadline: Instant, is_late: impl FnOnce()) -> Option<T> {
        let mut outcome = match self {
            Self::Now(decision) => return Some(decision),
            Self::Later(outcome) => outcome,
        };
        match tokio::time::timeout_at(deadline, &mut outcome).await {
            Ok(decision) => decision.ok(),
            Err(_) => {
                is_late();
                outcome.await.ok()
            }
        }
    }
}

impl State {
    pub(super) fn new(log: Log, settings: Settings, topic_id: TopicId, proposals: Arc<Proposals>) -> Self {
        Self {
            log,
            replica: Replica::new(settings),
            refusals: Refusals::default(),
            topic_id,
            proposals,
            actions: Vec::new(),
            next_reply: 0,
            produces: BTreeMap::new(),
            deletions: BTreeMap::new(),
            committed: None,
        }
    }

    /// The high watermark, as it moves.
    pub(super) fn watch_committed(&mut self) -> watch::Receiver<Offset> {
        let high_watermark = self.log.high_watermark();
        self.committed.get_or_insert_with(|| watch::Sender::new(high_watermark)).subscribe()
    }

    /// Gives the machine an event and does what it wants. Whether readers may see more now, or must look again.
    pub(super) fn step(&mut self, now: Now, event: Event) -> bool {
        self.step_for(now, event, |_| None::<()>).0
    }

    /// What of the log counts while this replica leads: where a sync is promised for every record, what is synced.
    pub(super) fn durable(&self) -> Durable {
        if self.log.config().flush_messages == Some(1) {
            Durable::Upto(self.log.recovery_point())
        } else {
            Durable::AsWritten
        }
    }

    /// Waits until everything before `offset` is on enough replicas.
    pub(super) fn committed(
        &mut self,
        now: Now,
        offset: Offset,
        deadline: Mono,
    ) -> Reply<Result<(), ProduceFailure>> {
        let id = self.next_id();
        let (_, done) =
            self.step_for(now, Event::Await { reply: id, offset, deadline }, |action| match action {
                Action::CompleteProduce { reply, result } if *reply == id => Some(*result),
                _ => None,
            });
        done.map_or_else(|| Reply::Later(park(&mut self.produces, id)), Reply::Now)
    }

    /// Deletes everything before `offset`, or before the high watermark. The answer is the lowest start of all replicas.
    pub(super) fn delete_records(
        &mut self,
        now: Now,
        offset: Option<Offset>,
        deadline: Mono,
    ) -> Reply<Result<Offset, DeleteFailure>> {
        let id = self.next_id();
        let event = Event::DeleteRecords { reply: id, offset, deadline };
        let (_, done) = self.step_for(now, event, |action| match action {
            Action::CompleteDelete { reply, result } if *reply == id => Some(*result),
            _ => None,
        });
        done.map_or_else(|| Reply::Later(park(&mut self.deletions, id)), Reply::Now)
    }

    fn next_id(&mut self) -> ReplyId {
        self.next_reply += 1;
        ReplyId::new(self.next_reply)
    }

    /// Steps; what `answers` picks out of the actions is handed back instead of being done.
    fn step_for<T>(
        &mut self,
        now: Now,
        event: Event,
        answers: impl Fn(&Action) -> Option<T>,
    ) -> (bool, Option<T>) {
        let mut actions = std::mem::take(&mut self.actions);
        let role = |replica: &Replica| (replica.leads(), replica.epoch());
        let before = role(&self.replica);
        self.replica.step(now, event, &mut actions);
        let (mut moved, mut answer) = (before != role(&self.replica), None);
        for action in actions.drain(..) {
            match answers(&action) {
                Some(found) => answer = Some(found),
                None => moved |= self.perform(action),
            }
        }
        self.actions = actions;
        (moved, answer)
    }

    fn perform(&mut self, action: Action) -> bool {
        match action {
            Action::AdvanceHighWatermark(offset) => {
                self.log.set_high_watermark(offset);
                if let Some(committed) = &self.committed {
                    committed.send_replace(offset);
                }
                return true;
            }
            Action::AdvanceLogStart(offset) => {
                if let Err(error) = self.log.advance_start_offset(offset) {
                    tracing::error!(partition = %self.log.topic_partition(), %error, "the log's start stays");
                }
            }
            // Whoever asked may be gone: a closed connection.
            Action::CompleteProduce { reply, result } => {
                let _ = self.produces.remove(&reply).map(|waiting| waiting.send(result));
            }
            Action::CompleteDelete { reply, result } => {
                let _ = self.deletions.remove(&reply).map(|waiting| waiting.send(result));
            }
            Action::ProposeIsr { epoch, partition_epoch, isr } => {
                let partition = self.log.topic_partition().partition;
                self.proposals.put(self.topic_id, partition, Proposal { epoch, partition_epoch, isr });
            }
        }
        false
    }
}

fn park<T>(waiting: &mut BTreeMap<ReplyId, oneshot::Sender<T>>, id: ReplyId) -> oneshot::Receiver<T> {
    let (sender, receiver) = oneshot::channel();
    waiting.insert(id, sender);
    receiver
}
