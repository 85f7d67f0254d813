//! A transactional producer as Kafka's is one (KIP-98, KIP-360, KIP-447, KIP-890): one step after the other, each until it is
//! answered; what cannot go on is aborted; one that was fenced begins anew.

use std::collections::{BTreeMap, VecDeque};

use broker_group::{Response as GroupResponse, TxnOffsetCommit};
use broker_txn::{AddPartitions, EndTransaction, InitProducerId, Request, Response, TxnError};
use broker_types::{Offset, Producer, Sequence, TransactionResult, TransactionVersion, TransactionalId};

use super::{WORK, produced::batch, value::Value};
use crate::coordinators::{
    message::{Answer, Ask, Of, Produce, ProduceError},
    setup::{MILLI, SECOND, TXN_TIMEOUT, offsets_of, transactions_of},
    world::World,
};

/// One thing that a transaction does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Before KIP-890 partitions are taken in first.
    Add(Vec<usize>),
    Write {
        part: usize,
        values: Vec<Value>,
    },
    Offsets(Box<TxnOffsetCommit>),
    End(TransactionResult),
}

/// A transaction.
#[derive(Debug)]
struct Open {
    tag: u64,
    steps: VecDeque<Step>,
    /// The last step was sent, and nobody knows what became of it.
    is_unsure: bool,
    /// The producer must get a new epoch before it goes on (KIP-360).
    bumps: bool,
    /// Anything may be in it.
    has_begun: bool,
}

#[derive(Debug)]
enum Phase {
    Starting { expected: Option<Producer> },
    Ready,
    Open(Open),
}

/// How a transaction ended; `None` when its producer does not know.
pub(super) type Ended = Option<bool>;

/// The producer.
#[derive(Debug)]
pub(super) struct Transactional {
    client: usize,
    id: TransactionalId,
    version: TransactionVersion,
    producer: Option<Producer>,
    sequences: BTreeMap<usize, Sequence>,
    phase: Phase,
    next: u64,
    /// Of the last transaction, until somebody asks.
    ended: Option<Ended>,
}

impl Transactional {
    pub(super) fn new(world: &mut World, client: usize, id: &str) -> Self {
        let setup = world.setup;
        let version = setup.version_of_client(&mut world.random);
        if version < setup.version {
            world.coverage.old_producers += 1;
        }
        Self {
            client,
            id: TransactionalId::new(id),
            version,
            producer: None,
            sequences: BTreeMap::new(),
            phase: Phase::Starting { expected: None },
            next: 0,
            ended: None,
        }
    }

    pub(super) const fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready)
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// How the last transaction ended, once.
    pub(super) const fn take_ended(&mut self) -> Option<Ended> {
        self.ended.take()
    }

    /// Who it is; `None` before it has begun.
    pub(super) const fn producer(&self) -> Option<Producer> {
        self.producer
    }

    /// Begins a transaction: partitions with what is written there, offsets, and how it is to end.
    pub(super) fn begin(
        &mut self,
        tag: u64,
        writes: Vec<(usize, Vec<Value>)>,
        offsets: Option<TxnOffsetCommit>,
        result: TransactionResult,
    ) {
        let mut steps = VecDeque::new();
        let is_old = !self.version.bumps_epoch();
        if is_old {
            steps.push_back(Step::Add(writes.iter().map(|(part, _)| *part).collect()));
        }
        steps.extend(writes.into_iter().map(|(part, values)| Step::Write { part, values }));
        if let Some(offsets) = offsets {
            if is_old {
                steps.push_back(Step::Add(vec![offsets_of(offsets.group.as_str())]));
            }
            steps.push_back(Step::Offsets(Box::new(offsets)));
        }
        steps.push_back(Step::End(result));
        self.phase = Phase::Open(Open { tag, steps, is_unsure: false, bumps: false, has_begun: false });
    }

    /// What is open is to be aborted, unless it is about to be committed.
    pub(super) fn abort(&mut self) {
        if let Phase::Open(open) = &mut self.phase
            && !matches!(open.steps.front(), Some(Step::End(_)))
        {
            open.give_up();
        }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        if world.endpoints[self.client].lanes[WORK].is_busy() || world.now < self.next {
            return;
        }
        match &mut self.phase {
            Phase::Ready => {}
            Phase::Starting { expected } => {
                let expected = *expected;
                let request = InitProducerId {
                    id: self.id.clone(),
                    timeout: TXN_TIMEOUT,
                    expected,
                    two_phase_commit: false,
                    keep_prepared: false,
                    spare: Some(world.fresh_id()),
                };
                self.ask(world, Request::InitProducerId(request));
            }
            Phase::Open(open) => {
                let Some(step) = open.steps.front().cloned() else { return };
                if matches!(step, Step::End(_)) && !open.has_begun && !self.version.bumps_epoch() {
                    // Nothing was taken in: there is nothing to end.
                    return self.over(Some(false));
                }
                open.is_unsure = true;
                open.has_begun = true;
                self.send(world, step);
            }
        }
    }

    fn send(&mut self, world: &mut World, step: Step) {
        let Some(producer) = self.producer else { return };
        let (id, client_version) = (self.id.clone(), self.version);
        let of = Of { id: id.clone(), version: client_version };
        match step {
            Step::Add(parts) => {
                let partitions = World::named(&parts);
                let client_version = TransactionVersion::V0;
                let add = AddPartitions { id, producer, partitions, client_version };
                self.ask(world, Request::AddPartitions(add));
            }
            Step::Write { part, values } => {
                let first = self.sequences.get(&part).copied().unwrap_or(Sequence::ZERO);
                let tag = values.first().map(|value| value.tag);
                let bytes = batch(&values, producer, first, tag, world.now);
                let produce = Produce { part, bytes, producer, first, of: Some(of) };
                self.call(world, part, Ask::Produce(produce));
            }
            Step::Offsets(commit) => {
                let part = offsets_of(commit.group.as_str());
                let request = Box::new(TxnOffsetCommit { producer, ..*commit });
                self.call(world, part, Ask::Offsets { part, request, of });
            }
            Step::End(result) => {
                let spare = Some(world.fresh_id());
                let end = EndTransaction { id, producer, result, client_version, spare };
                self.ask(world, Request::EndTransaction(end));
            }
        }
    }

    fn ask(&self, world: &mut World, request: Request) {
        let part = transactions_of(self.id.as_str());
        self.call(world, part, Ask::Txn { part, request: Box::new(request) });
    }

    fn call(&self, world: &mut World, part: usize, ask: Ask) {
        let is_strict = !self.version.bumps_epoch();
        world.client_calls(self.client, WORK, part, ask, (800 * MILLI, is_strict));
    }

    pub(super) fn heard(&mut self, world: &mut World, answer: Option<&Answer>) {
        let step = match &self.phase {
            Phase::Open(open) => open.steps.front().cloned(),
            _ => None,
        };
        match (answer, step) {
            (Some(Answer::Txn(response)), step) => match (&**response, step) {
                (Response::InitProducerId(result), _) => self.started(world, *result),
                (Response::AddPartitions(Ok(())), Some(Step::Add(_))) => self.stepped(world),
                (Response::AddPartitions(Err(error)), Some(Step::Add(_))) => self.refused(world, *error),
                (Response::EndTransaction(result), Some(Step::End(end))) => self.end(world, *result, end),
                _ => {}
            },
            (Some(Answer::Produced(result)), Some(Step::Write { part, values })) => {
                self.written(world, *result, part, &values);
            }
            (Some(Answer::Unverified(error)), Some(Step::Offsets(_))) => self.refused(world, *error),
            (Some(Answer::Group(response)), Some(Step::Offsets(_))) => match &**response {
                GroupResponse::TxnOffsetCommit(Ok(_)) => self.stepped(world),
                _ => {
                    world.coverage.txn_offsets_refused += 1;
                    self.give_up();
                }
            },
            _ => self.next = world.now + 30 * MILLI,
        }
    }

    fn started(&mut self, world: &mut World, result: Result<Producer, TxnError>) {
        match result {
            Ok(producer) => {
                self.producer = Some(producer);
                self.sequences.clear();
                self.phase = Phase::Ready;
            }
            Err(TxnError::ConcurrentTransactions | TxnError::NeedsProducerId) => {
                world.coverage.concurrent_transactions += 1;
                self.next = world.now + 30 * MILLI;
            }
            Err(_) => self.fenced(world),
        }
    }

    fn written(
        &mut self,
        world: &mut World,
        result: Result<Offset, ProduceError>,
        part: usize,
        values: &[Value],
    ) {
        match result {
            Ok(offset) => {
                for (value, at) in values.iter().zip(0..) {
                    let checked = world.truth.acknowledged(part, offset.plus(at), *value);
                    world.hold(checked);
                }
                let sequence = self.sequences.entry(part).or_insert(Sequence::ZERO);
                *sequence = sequence.plus(values.len() as i32);
                self.stepped(world);
            }
            Err(ProduceError::Txn(error)) => self.refused(world, error),
            Err(ProduceError::OutOfOrder | ProduceError::Fenced | ProduceError::Invalid) => {
                if let Phase::Open(open) = &mut self.phase {
                    open.bumps = true;
                }
                self.give_up();
            }
        }
    }

    /// A step is done; the next may take its time.
    fn stepped(&mut self, world: &mut World) {
        if let Phase::Open(open) = &mut self.phase {
            open.steps.pop_front();
            open.is_unsure = false;
        }
        let is_slow = world.has_faults && world.random.one_in(60);
        let longest = if is_slow { 7 * SECOND } else { 20 * MILLI };
        self.next = world.now + world.random.below(longest);
    }

    fn refused(&mut self, world: &mut World, error: TxnError) {
        match error {
            TxnError::ConcurrentTransactions | TxnError::NeedsProducerId => {
                world.coverage.concurrent_transactions += 1;
                self.next = world.now + 20 * MILLI;
            }
            TxnError::ProducerFenced | TxnError::InvalidProducerIdMapping => self.fenced(world),
            _ => self.give_up(),
        }
    }

    fn end(&mut self, world: &mut World, result: Result<Producer, TxnError>, end: TransactionResult) {
        match result {
            Ok(producer) => {
                let is_commit = end == TransactionResult::Commit;
                if let Phase::Open(open) = &self.phase {
                    let checked = world.truth.told_end(open.tag, is_commit);
                    world.hold(checked);
                }
                if self.version.bumps_epoch() {
                    self.producer = Some(producer);
                    self.sequences.clear();
                }
                self.over(Some(is_commit));
            }
            Err(TxnError::ConcurrentTransactions | TxnError::NeedsProducerId) => {
                world.coverage.concurrent_transactions += 1;
                self.next = world.now + 20 * MILLI;
            }
            Err(_) => self.fenced(world),
        }
    }

    fn give_up(&mut self) {
        if let Phase::Open(open) = &mut self.phase {
            open.give_up();
        }
    }

    /// Another has the transactional id, or the coordinator gave up on this one: it begins anew.
    fn fenced(&mut self, world: &mut World) {
        world.coverage.producers_fenced += 1;
        if self.is_open() {
            world.coverage.unknown_ends += 1;
            self.ended = Some(None);
        }
        self.phase = Phase::Starting { expected: None };
        self.next = world.now + 50 * MILLI;
    }

    fn over(&mut self, ended: Ended) {
        let bumps = matches!(&self.phase, Phase::Open(open) if open.bumps);
        self.ended = Some(ended);
        self.phase = match self.producer.filter(|_| bumps && !self.version.bumps_epoch()) {
            Some(producer) => Phase::Starting { expected: Some(producer) },
            None => Phase::Ready,
        };
    }
}

impl Open {
    fn give_up(&mut self) {
        self.bumps |= self.is_unsure;
        self.steps = VecDeque::from([Step::End(TransactionResult::Abort)]);
    }
}
