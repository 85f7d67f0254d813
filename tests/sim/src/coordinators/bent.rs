//! A shard whose decisions a defect bends.

use broker_coordinator::{Outcome, Replies, Shard};
use broker_group::{ConsumerHeartbeat, GroupCoordinator, GroupRecord, Request};
use broker_txn::{TransactionCoordinator, TransactionRecord, TransactionState};
use broker_types::{Mono, Now, Offset, ProducerEpoch, ReplyId};

use super::defect::Defect;

/// What a defect may do to a decision.
pub(super) trait Bend: Shard {
    /// Before.
    fn bend_request(_: Defect, _: &Self::State, request: Self::Request) -> Self::Request {
        request
    }

    /// After.
    fn bend_records(defect: Defect, state: &Self::State, is_tick: bool, records: &mut [Self::Record]);
}

/// The shard.
#[derive(Debug)]
pub(super) struct Bent<S> {
    pub(super) inner: S,
    pub(super) defect: Option<Defect>,
}

impl<S: Bend> Bent<S> {
    fn bend(
        &self,
        state: &S::State,
        is_tick: bool,
        mut outcome: Outcome<S::Record, Replies<S::Response>>,
    ) -> Outcome<S::Record, Replies<S::Response>> {
        if let Some(defect) = self.defect {
            S::bend_records(defect, state, is_tick, &mut outcome.records);
        }
        outcome
    }
}

impl<S: Bend> Shard for Bent<S> {
    type State = S::State;
    type Record = S::Record;
    type Request = S::Request;
    type Response = S::Response;

    const APPEND_MAX: usize = S::APPEND_MAX;

    fn handle(
        &mut self,
        now: Now,
        state: &Self::State,
        reply: ReplyId,
        request: Self::Request,
    ) -> Outcome<Self::Record, Replies<Self::Response>> {
        let request = match self.defect {
            Some(defect) => S::bend_request(defect, state, request),
            None => request,
        };
        let outcome = self.inner.handle(now, state, reply, request);
        self.bend(state, false, outcome)
    }

    fn tick(&mut self, now: Now, state: &Self::State) -> Outcome<Self::Record, Replies<Self::Response>> {
        let outcome = self.inner.tick(now, state);
        self.bend(state, true, outcome)
    }

    fn next_deadline(&self) -> Option<Mono> {
        self.inner.next_deadline()
    }

    fn replay(state: &mut Self::State, offset: Offset, record: &Self::Record) {
        S::replay(state, offset, record);
    }

    fn became_leader(&mut self, now: Now, state: &Self::State) {
        self.inner.became_leader(now, state);
    }

    fn resigned(&mut self) -> Vec<ReplyId> {
        self.inner.resigned()
    }

    fn rolled_back(&mut self, now: Now, state: &Self::State) -> Vec<ReplyId> {
        self.inner.rolled_back(now, state)
    }
}

impl Bend for GroupCoordinator {
    fn bend_request(defect: Defect, state: &Self::State, request: Request) -> Request {
        match (defect, request) {
            (Defect::RevocationNotAwaited, Request::ConsumerHeartbeat(heartbeat)) if heartbeat.epoch > 0 => {
                Request::ConsumerHeartbeat(ConsumerHeartbeat { owned: Some(Vec::new()), ..heartbeat })
            }
            (Defect::CommitsNotFenced, Request::OffsetCommit(mut commit)) => {
                if let Some(broker_group::Group::Consumer(group)) = state.group(commit.group.as_str())
                    && let Some((member, known)) = group.members.iter().next()
                {
                    commit.member = Some(member.clone());
                    let epoch = known.current.as_ref().map_or(0, |current| current.member_epoch);
                    commit.generation = broker_group::Generation::from_wire(epoch);
                }
                Request::OffsetCommit(commit)
            }
            (_, request) => request,
        }
    }

    fn bend_records(defect: Defect, _: &Self::State, _: bool, records: &mut [GroupRecord]) {
        if defect != Defect::OffsetsBeforeMarker {
            return;
        }
        for record in records {
            if let GroupRecord::Offset { producer, .. } = record {
                *producer = None;
            }
        }
    }
}

impl Bend for TransactionCoordinator {
    fn bend_records(defect: Defect, state: &Self::State, is_tick: bool, records: &mut [TransactionRecord]) {
        if defect != Defect::TimedOutNotFenced {
            return;
        }
        for TransactionRecord { id, value, .. } in records {
            let Some(before) = state.get(id.as_str()) else { continue };
            let Some(after) = value.as_mut() else { continue };
            let is_bumped = after.producer.id == before.producer.id
                && after.producer.epoch.get() == before.producer.epoch.get() + 1;
            let ends = is_tick && after.state == TransactionState::PrepareAbort
                || after.state == TransactionState::CompleteAbort && before.ending().is_some();
            if is_bumped && ends {
                let epoch = ProducerEpoch::new(before.producer.epoch.get());
                std::sync::Arc::make_mut(after).producer.epoch = epoch;
            }
        }
    }
}
