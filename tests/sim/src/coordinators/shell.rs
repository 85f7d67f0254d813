//! What the server does between shards and partitions: markers, and the verification of transactions.
//!
//! Markers are sent to the leaders of their partitions again and again until they are there, or refused for good, or this
//! node leads the shard no longer.

use broker_coordinator::Refused;
use broker_group::Request as GroupRequest;
use broker_log::{Terms, VerificationGuard};
use broker_txn::{self as txn, AddPartitions, AwaitMarkers, MarkerNumber, MarkersWritten, TransactionRecord};
use broker_types::{LeaderEpoch, Producer, TopicPartition, TransactionVersion, TransactionalId};

use super::{
    defect::Defect,
    hosted::{Place, plain},
    message::{Answer, Ask, Caller, Mark, Of, Produce, ProduceError},
    setup::{MILLI, name, number, transactions_of},
    shards::{Groups, Transactions},
    world::{Item, World},
};

/// One marker on its way.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) at: Place,
    pub(super) epoch: LeaderEpoch,
    number: MarkerNumber,
    id: TransactionalId,
    target: usize,
    mark: Mark,
}

/// What a node does once it is answered.
#[derive(Clone, Debug)]
pub(super) enum Then {
    Marked(Job),
    /// Goes on with what was verified in this epoch of the partition's leader.
    Verified {
        ask: Box<Ask>,
        caller: Caller,
        guard: VerificationGuard,
        epoch: i32,
    },
}

/// How long a node waits for another.
const PATIENCE: u64 = 400 * MILLI;

impl World {
    /// Keeps the one request for markers at a shard.
    pub(super) fn await_markers(&mut self, at: Place) {
        let Some(host) = self.transactions.get(&(at.node, at.part)) else { return };
        let request = AwaitMarkers { epoch: host.epoch, after: host.heard };
        self.ask_shard::<Transactions>(at, Caller::Shell, txn::Request::AwaitMarkers(request), plain());
    }

    pub(super) fn shell_hears(&mut self, at: Place, response: Result<txn::Response, Refused>) {
        match response {
            // Another request waits in the place of this one.
            Ok(txn::Response::AwaitMarkers(markers)) if markers.is_empty() => {}
            Ok(txn::Response::AwaitMarkers(markers)) => {
                let Some(host) = self.transactions.get_mut(&(at.node, at.part)) else { return };
                host.heard = markers.last().map(|last| last.number).or(host.heard);
                let epoch = host.epoch;
                for pending in markers {
                    self.send_markers(at, epoch, &pending);
                }
                // Not at once: what is told with it is decided first.
                self.after(1, Item::Await { at, epoch });
            }
            Ok(_) | Err(Refused::NotLeader) => {}
            Err(_) => {
                let epoch = self.transactions.get(&(at.node, at.part)).map(|host| host.epoch);
                if let Some(epoch) = epoch {
                    self.after(50 * MILLI, Item::Await { at, epoch });
                }
            }
        }
    }

    fn send_markers(&mut self, at: Place, epoch: LeaderEpoch, pending: &txn::PendingMarkers) {
        let (mut producer, mut version) = (pending.producer, pending.client_version);
        if self.is_broken(Defect::TimedOutNotFenced)
            && let Some(host) = self.transactions.get(&(at.node, at.part))
            && let Some(known) = host.driver.committed().get(pending.id.as_str())
            && known.producer.epoch < producer.epoch
        {
            (producer, version) = (known.producer, TransactionVersion::V0);
        }
        for (topic, partition) in pending.partitions.iter() {
            let Some(target) = number(topic.as_str(), partition) else { continue };
            let coordinator_epoch = pending.coordinator_epoch.get();
            let mark = Mark { producer, result: pending.result, coordinator_epoch, version };
            let job = Job { at, epoch, number: pending.number, id: pending.id.clone(), target, mark };
            self.coverage.markers_sent += 1;
            self.send_marker(job);
        }
    }

    /// A defect: what is decided is not committed yet.
    pub(super) fn send_early(&mut self, at: Place, records: &[TransactionRecord]) {
        let Some(epoch) = self.transactions.get(&(at.node, at.part)).map(|host| host.epoch) else { return };
        for record in records {
            let Some((value, result)) = record.value.as_ref().and_then(|it| Some((it, it.ending()?))) else {
                continue;
            };
            let pending = txn::PendingMarkers {
                number: MarkerNumber::new(0),
                id: record.id.clone(),
                producer: value.producer,
                result,
                coordinator_epoch: epoch,
                client_version: value.client_version,
                partitions: value.partitions.clone(),
            };
            self.send_markers(at, epoch, &pending);
        }
    }

    /// Sends it, unless this node leads no longer.
    pub(super) fn send_marker(&mut self, job: Job) {
        let host = self.transactions.get(&(job.at.node, job.at.part));
        if host.is_none_or(|host| host.epoch != job.epoch) {
            return;
        }
        let target = &self.partitions[job.target];
        let until = target.unmarked_until;
        if until > self.now {
            self.coverage.markers_delayed += 1;
            let later = self.random.below(200 * MILLI);
            return self.at(until + later, Item::Marker(Box::new(job)));
        }
        let Some(leader) = target.leader else {
            return self.after(100 * MILLI, Item::Marker(Box::new(job)));
        };
        let ask = Ask::Mark { part: job.target, marker: job.mark };
        self.node_calls(job.at.node, leader, ask, Then::Marked(job), PATIENCE);
    }

    /// A node is answered, or not.
    pub(super) fn node_hears(&mut self, node: usize, then: Then, answer: Option<Answer>) {
        match then {
            Then::Marked(job) => match answer {
                Some(Answer::Marked { is_written: true }) => self.written(job),
                Some(Answer::Marked { is_written: false }) => self.coverage.markers_refused += 1,
                _ => {
                    self.coverage.markers_repeated += 1;
                    let wait = 20 * MILLI + self.random.below(80 * MILLI);
                    self.after(wait, Item::Marker(Box::new(job)));
                }
            },
            Then::Verified { ask, caller, guard, epoch } => {
                self.verified(node, *ask, caller, (guard, epoch), answer);
            }
        }
    }

    fn written(&mut self, job: Job) {
        let Job { at, epoch, number, id, target, .. } = job;
        let partitions = std::iter::once(name(target)).collect();
        let request = MarkersWritten { number, epoch, id, partitions };
        let asks = txn::Request::MarkersWritten(request);
        self.ask_shard::<Transactions>(at, Caller::Nobody, asks, plain());
    }

    /// Asks the transaction's coordinator whether the partition is in it, or to take it in.
    pub(super) fn verify(
        &mut self,
        node: usize,
        ask: Ask,
        of: &Of,
        producer: Producer,
        caller: Caller,
        guard: VerificationGuard,
    ) {
        let part = match &ask {
            Ask::Produce(Produce { part, .. }) | Ask::Offsets { part, .. } => *part,
            _ => return,
        };
        let partitions = std::iter::once(name(part)).collect();
        let client_version = of.version;
        let add = AddPartitions { id: of.id.clone(), producer, partitions, client_version };
        let request = match client_version.bumps_epoch() {
            true => txn::Request::AddPartitions(add),
            false => txn::Request::VerifyPartitions(add),
        };
        let shard = transactions_of(of.id.as_str());
        let epoch = self.partitions[part].epoch;
        let Some(leader) = self.partitions[shard].leader else {
            return self.answer(node, caller, Answer::Unavailable);
        };
        if self.is_broken(Defect::VerificationSkipped) && matches!(ask, Ask::Produce(_)) {
            self.go_on(node, ask.clone(), caller, guard);
        }
        let then = Then::Verified { ask: Box::new(ask), caller, guard, epoch };
        let ask = Ask::Txn { part: shard, request: Box::new(request) };
        self.node_calls(node, leader, ask, then, PATIENCE);
    }

    fn verified(
        &mut self,
        node: usize,
        ask: Ask,
        caller: Caller,
        (guard, epoch): (VerificationGuard, i32),
        answer: Option<Answer>,
    ) {
        let refusal = match answer {
            Some(Answer::Txn(response)) => match *response {
                txn::Response::AddPartitions(Ok(())) => None,
                txn::Response::VerifyPartitions(Ok(missing)) => {
                    (!missing.is_empty()).then_some(txn::TxnError::TransactionAbortable)
                }
                txn::Response::AddPartitions(Err(error)) | txn::Response::VerifyPartitions(Err(error)) => {
                    Some(error)
                }
                _ => None,
            },
            _ => return self.answer(node, caller, Answer::Unavailable),
        };
        if let Some(error) = refusal {
            self.coverage.verifications_refused += 1;
            let answer = match ask {
                Ask::Produce(_) => Answer::Produced(Err(ProduceError::Txn(error))),
                _ => Answer::Unverified(error),
            };
            return self.answer(node, caller, answer);
        }
        let part = match &ask {
            Ask::Produce(Produce { part, .. }) | Ask::Offsets { part, .. } => *part,
            _ => return,
        };
        if self.partitions[part].epoch != epoch || self.partitions[part].leader != Some(node) {
            return self.answer(node, caller, Answer::Elsewhere);
        }
        if !(self.is_broken(Defect::VerificationSkipped) && matches!(ask, Ask::Produce(_))) {
            self.go_on(node, ask, caller, guard);
        }
    }

    fn go_on(&mut self, node: usize, ask: Ask, caller: Caller, guard: VerificationGuard) {
        match ask {
            Ask::Produce(produce) => self.append_produced(node, &produce, caller, Some(guard)),
            Ask::Offsets { part, request, .. } => {
                let terms = Terms { guard: Some(guard), ..plain() };
                self.ask_offsets(Place { node, part }, caller, *request, terms);
            }
            _ => {}
        }
    }

    pub(super) fn ask_offsets(
        &mut self,
        at: Place,
        caller: Caller,
        request: broker_group::TxnOffsetCommit,
        terms: Terms,
    ) {
        let request = GroupRequest::TxnOffsetCommit(request);
        if !self.ask_shard::<Groups>(at, caller, request, terms) {
            self.answer(at.node, caller, Answer::Elsewhere);
        }
    }

    /// Partitions by their numbers.
    pub(super) fn named(parts: &[usize]) -> txn::Partitions {
        parts.iter().map(|part| name(*part)).collect::<Vec<TopicPartition>>().into_iter().collect()
    }
}
