//! A coordinator for traces: records are replayed as they are written, replies leave at once.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};
use core::time::Duration;

use broker_coordinator::{Outcome, Replies, Shard};
use broker_types::{
    LeaderEpoch, Mono, Now, Offset, PartitionId, Producer, ProducerEpoch, ProducerId, ReplyId, Timestamp,
    TopicName, TopicPartition, TransactionResult, TransactionVersion, TransactionalId,
};

use crate::*;

/// The epoch in which the coordinator of a trace leads.
pub(crate) const EPOCH: LeaderEpoch = LeaderEpoch::new(7);

/// Coordinator, state, clock, and the replies that were not looked at.
pub(crate) struct Run {
    pub(crate) coordinator: TransactionCoordinator,
    pub(crate) state: State,
    pub(crate) now: Now,
    pub(crate) answered: BTreeMap<u64, Response>,
    /// Everything that was written.
    pub(crate) log: Vec<TransactionRecord>,
    next_reply: u64,
    next_producer_id: i64,
}

pub(crate) fn producer(id: i64, epoch: i16) -> Producer {
    Producer { id: ProducerId::new(id), epoch: ProducerEpoch::new(epoch) }
}

pub(crate) fn partitions(all: &[(&str, i32)]) -> Partitions {
    let partition = |(topic, partition): &(&str, i32)| {
        TopicPartition::new(TopicName::new(topic), PartitionId::new(*partition))
    };
    all.iter().map(partition).collect()
}

pub(crate) fn init(id: &str) -> InitProducerId {
    InitProducerId {
        id: TransactionalId::new(id),
        timeout: Duration::from_secs(60),
        expected: None,
        two_phase_commit: false,
        keep_prepared: false,
        spare: None,
    }
}

pub(crate) fn add(
    id: &str,
    producer: Producer,
    all: &[(&str, i32)],
    client: TransactionVersion,
) -> AddPartitions {
    let partitions = partitions(all);
    AddPartitions { id: TransactionalId::new(id), producer, partitions, client_version: client }
}

pub(crate) fn end(
    id: &str,
    producer: Producer,
    result: TransactionResult,
    client: TransactionVersion,
) -> EndTransaction {
    EndTransaction { id: TransactionalId::new(id), producer, result, client_version: client, spare: None }
}

impl Run {
    /// The leader of an empty log of a cluster with the newest features, a million seconds after 1970.
    pub(crate) fn new() -> Self {
        Self::of(TransactionVersion::V2)
    }

    pub(crate) fn of(cluster: TransactionVersion) -> Self {
        let mut run = Self {
            coordinator: TransactionCoordinator::new(Settings::default(), Arc::new(cluster)),
            state: State::default(),
            now: Now { mono: Mono::ZERO, wall: Timestamp::from_millis(1_000_000_000) },
            answered: BTreeMap::new(),
            log: Vec::new(),
            next_reply: 1,
            next_producer_id: 100,
        };
        run.coordinator.became_leader(run.now, &run.state);
        run
    }

    /// Asks; gives the reply's number.
    pub(crate) fn send(&mut self, request: Request) -> u64 {
        let reply = self.next_reply;
        self.next_reply += 1;
        let outcome = self.coordinator.handle(self.now, &self.state, ReplyId::new(reply), request);
        self.take(outcome);
        reply
    }

    /// Asks what is answered at once.
    pub(crate) fn ask(&mut self, request: Request) -> Response {
        let reply = self.send(request);
        self.answered.remove(&reply).expect("an answer at once")
    }

    fn take(&mut self, outcome: Outcome<TransactionRecord, Replies<Response>>) {
        for record in outcome.records {
            self.replay(record);
        }
        for (reply, response) in outcome.response {
            let before = self.answered.insert(reply.get(), response);
            assert_eq!(before, None, "reply {reply:?} is answered once");
        }
    }

    pub(crate) fn replay(&mut self, record: TransactionRecord) {
        let offset = i64::try_from(self.log.len()).expect("a short log");
        TransactionCoordinator::replay(&mut self.state, Offset::new(offset), &record);
        self.log.push(record);
    }

    /// Puts a value into the log as another coordinator would have, and leads anew.
    pub(crate) fn load(&mut self, id: &str, value: Transaction) {
        self.replay(TransactionRecord::new(TransactionalId::new(id), value, TransactionVersion::V2));
        self.lead_anew();
    }

    pub(crate) fn lead_anew(&mut self) -> Vec<ReplyId> {
        let kept = self.coordinator.resigned();
        self.coordinator.became_leader(self.now, &self.state);
        kept
    }

    /// What was written since, in short.
    pub(crate) fn written(&self, since: usize) -> Vec<String> {
        self.log[since..].iter().map(short).collect()
    }

    /// Lets time pass, with a tick whenever one is due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.mono.plus(time);
        while let Some(at) = self.coordinator.next_deadline().filter(|at| *at <= end) {
            self.advance(at.max(self.now.mono));
            let outcome = self.coordinator.tick(self.now, &self.state);
            self.take(outcome);
        }
        self.advance(end);
    }

    fn advance(&mut self, to: Mono) {
        let by = to.since(self.now.mono);
        self.now = Now { mono: to, wall: self.now.wall.plus(by) };
    }

    pub(crate) fn init_with(&mut self, request: InitProducerId) -> Result<Producer, TxnError> {
        match self.ask(Request::InitProducerId(request)) {
            Response::InitProducerId(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// `InitProducerId` with a spare id, as the shell asks: 100, 101, …
    pub(crate) fn init(&mut self, id: &str, expected: Option<Producer>) -> Result<Producer, TxnError> {
        let spare = Some(ProducerId::new(self.next_producer_id));
        self.next_producer_id += 1;
        self.init_with(InitProducerId { expected, spare, ..init(id) })
    }

    pub(crate) fn add_with(&mut self, request: AddPartitions) -> Result<(), TxnError> {
        match self.ask(Request::AddPartitions(request)) {
            Response::AddPartitions(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Adds partitions as a client of KIP-890.
    pub(crate) fn add(&mut self, id: &str, producer: Producer, all: &[(&str, i32)]) -> Result<(), TxnError> {
        self.add_with(add(id, producer, all, TransactionVersion::V2))
    }

    pub(crate) fn end_with(&mut self, request: EndTransaction) -> Result<Producer, TxnError> {
        match self.ask(Request::EndTransaction(request)) {
            Response::EndTransaction(result) => result,
            other => panic!("{other:?}"),
        }
    }

    /// Ends a transaction as a client of KIP-890.
    pub(crate) fn end(
        &mut self,
        id: &str,
        producer: Producer,
        result: TransactionResult,
    ) -> Result<Producer, TxnError> {
        self.end_with(end(id, producer, result, TransactionVersion::V2))
    }

    /// The markers behind `after`; there must be some.
    pub(crate) fn markers(&mut self, after: Option<MarkerNumber>) -> Vec<PendingMarkers> {
        match self.ask(Request::AwaitMarkers(AwaitMarkers { epoch: EPOCH, after })) {
            Response::AwaitMarkers(markers) => markers,
            other => panic!("{other:?}"),
        }
    }

    /// All of these markers are written.
    pub(crate) fn write_markers(&mut self, markers: &PendingMarkers) {
        self.write_some(markers, markers.partitions.clone());
    }

    pub(crate) fn write_some(&mut self, markers: &PendingMarkers, partitions: Partitions) {
        let PendingMarkers { number, id, coordinator_epoch, .. } = markers.clone();
        let written = MarkersWritten { number, epoch: coordinator_epoch, id, partitions };
        assert_eq!(self.ask(Request::MarkersWritten(written)), Response::MarkersWritten);
    }

    pub(crate) fn get(&self, id: &str) -> &Transaction {
        self.state.get(id).expect("the transactional id")
    }
}

/// A record in short: id, state, producer, partitions.
fn short(record: &TransactionRecord) -> String {
    let Some(value) = &record.value else { return alloc::format!("{} -", record.id) };
    let Producer { id, epoch } = value.producer;
    let next = value.next_producer_id.map(|next| alloc::format!(" then {}", next.get()));
    let partitions: Vec<_> = (&value.partitions).into();
    alloc::format!(
        "{} {} {}/{}{} {partitions:?}",
        record.id,
        value.state.name(),
        id.get(),
        epoch.get(),
        next.unwrap_or_default()
    )
}
