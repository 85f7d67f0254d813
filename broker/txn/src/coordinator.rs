//! The machine: requests and ticks in, records and replies out.

use alloc::{sync::Arc, vec::Vec};

use broker_coordinator::{Outcome, Replies, Shard};
use broker_types::{Mono, Now, Offset, ReplyId};

use crate::{
    Features, MarkersWritten, Request, Response, Settings, State, TransactionRecord,
    add::missing_partitions,
    former::Former,
    list::{describe, list},
    markers::Markers,
    sweep::Sweeps,
    work::Work,
};

/// The coordinator of the transactional ids of one partition of `__transaction_state`. Its hard state is [`State`]; what
/// it holds itself dies with its leadership.
#[derive(Debug)]
pub struct TransactionCoordinator {
    settings: Settings,
    features: Arc<dyn Features>,
    markers: Markers,
    former: Former,
    sweeps: Sweeps,
}

impl TransactionCoordinator {
    /// A coordinator that does not lead.
    #[must_use]
    pub fn new(settings: Settings, features: Arc<dyn Features>) -> Self {
        Self {
            settings,
            features,
            markers: Markers::default(),
            former: Former::default(),
            sweeps: Sweeps::default(),
        }
    }

    /// The settings that it was made with.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    fn work(&mut self, now: Now) -> (Work<'_>, &mut Sweeps) {
        let work = Work {
            now,
            settings: &self.settings,
            version: self.features.transaction_version(),
            markers: &mut self.markers,
            former: &mut self.former,
            records: Vec::new(),
            replies: Vec::new(),
        };
        (work, &mut self.sweeps)
    }

    /// Whatever is prepared has its markers pending. Costs a look at all of it: not for production.
    fn check(&self, state: &State) {
        debug_assert!(
            state.prepared().all(|(id, _)| self.markers.contains(id.as_str())),
            "what is prepared is on its way to completion"
        );
    }
}

impl Work<'_> {
    /// Answers now, or keeps the reply.
    fn answer(&mut self, state: &State, reply: ReplyId, request: Request) {
        let response = match request {
            Request::InitProducerId(request) => {
                Response::InitProducerId(self.init_producer_id(state, &request))
            }
            Request::AddPartitions(request) => Response::AddPartitions(self.add_partitions(state, &request)),
            Request::VerifyPartitions(request) => {
                Response::VerifyPartitions(missing_partitions(state, &request))
            }
            Request::EndTransaction(request) => {
                Response::EndTransaction(self.end_transaction(state, &request))
            }
            Request::Describe(ids) => Response::Describe(describe(state, ids)),
            Request::List(request) => Response::List(list(state, self.now.wall, &request)),
            Request::AwaitMarkers(request) => {
                return self.markers.wait(reply, request, &mut self.replies);
            }
            Request::MarkersWritten(request) => {
                self.markers_written(&request);
                Response::MarkersWritten
            }
        };
        self.reply(reply, response);
    }

    fn markers_written(&mut self, request: &MarkersWritten) {
        if let Some(prepared) = self.markers.written(request) {
            self.complete(&request.id, &prepared);
        }
    }
}

impl Shard for TransactionCoordinator {
    type State = State;
    type Record = TransactionRecord;
    type Request = Request;
    type Response = Response;

    /// No decision is of more than two records but those of a tick, which need not be one batch; and a record may be
    /// large.
    const APPEND_MAX: usize = 16;

    fn handle(
        &mut self,
        now: Now,
        state: &State,
        reply: ReplyId,
        request: Request,
    ) -> Outcome<TransactionRecord, Replies<Response>> {
        self.check(state);
        let (mut work, _) = self.work(now);
        work.answer(state, reply, request);
        work.outcome()
    }

    fn tick(&mut self, now: Now, state: &State) -> Outcome<TransactionRecord, Replies<Response>> {
        self.check(state);
        let (mut work, sweeps) = self.work(now);
        for (id, prepared) in work.markers.retry(now.mono) {
            work.complete(&id, &prepared);
        }
        sweeps.run(&mut work, state);
        work.outcome()
    }

    fn next_deadline(&self) -> Option<Mono> {
        [self.sweeps.next_deadline(), self.markers.next_deadline()].into_iter().flatten().min()
    }

    fn replay(state: &mut State, offset: Offset, record: &TransactionRecord) {
        state.replay(offset, record);
    }

    fn became_leader(&mut self, now: Now, state: &State) {
        self.resigned();
        self.markers.load(now.mono, state);
        let (work, sweeps) = self.work(now);
        sweeps.start(&work);
    }

    fn resigned(&mut self) -> Vec<ReplyId> {
        self.former.clear();
        self.sweeps = Sweeps::default();
        self.markers.clear().into_iter().collect()
    }

    fn rolled_back(&mut self, now: Now, state: &State) -> Vec<ReplyId> {
        self.markers.roll_back(now.mono, state);
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
