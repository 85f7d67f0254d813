//! The coordinator in its driver, a log, clients, and leaders of partitions; and what must hold of all of them.

use alloc::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    vec::Vec,
};
use core::time::Duration;

use broker_coordinator::{Action, Driver, Event, Refused, Unwritten};
use broker_types::{
    LeaderEpoch, Mono, Now, Offset, Producer, ProducerEpoch, ProducerId, Random, ReplyId, Timestamp,
    TransactionResult, TransactionVersion, TransactionalId,
};

mod answers;
mod covered;

use super::super::*;
use crate::{
    AwaitMarkers, EndTransaction, InitProducerId, MarkerNumber, MarkersWritten, PendingMarkers, Transaction,
    TransactionState, testing,
};

pub(super) use covered::Covered;

const IDS: [&str; 3] = ["a", "b", "c"];
const PARTITIONS: [(&str, i32); 3] = [("t", 0), ("t", 1), ("u", 0)];

/// One client of a transactional id: who it thinks it is.
#[derive(Debug, Clone)]
struct Client {
    id: usize,
    producer: Option<Producer>,
    is_open: bool,
    version: TransactionVersion,
}

/// What a reply is about.
#[derive(Debug)]
enum Asked {
    Init { client: usize, expected: Option<Producer> },
    Add { client: usize, producer: Producer, may: bool },
    End { client: usize, producer: Producer, result: TransactionResult, may: bool },
    Markers,
    Written,
}

pub(super) struct World {
    random: Random,
    driver: Driver<TransactionCoordinator>,
    cluster: TransactionVersion,
    now: Now,
    epoch: i32,
    /// Everything in the log.
    pub(super) log: Vec<TransactionRecord>,
    confirmed: usize,
    committed: usize,
    appends: VecDeque<(usize, usize)>,
    clients: Vec<Client>,
    asked: BTreeMap<u64, Asked>,
    next_reply: u64,
    next_producer_id: i64,
    /// Markers that are on their way to partitions.
    in_flight: Vec<PendingMarkers>,
    after: Option<MarkerNumber>,
    /// The newest producer that a client was told of, for each transactional id.
    granted: [Option<Producer>; 3],
    /// How every transaction of a bumped epoch ended.
    ends: BTreeMap<Producer, TransactionResult>,
    /// In the order in which producer ids took over from one another.
    ranks: BTreeMap<ProducerId, i64>,
    pub(super) covered: Covered,
}

impl World {
    pub(super) fn new(seed: u64, cluster: TransactionVersion) -> Self {
        let mut random = Random::new(seed);
        let coordinator = TransactionCoordinator::new(Settings::default(), Arc::new(cluster));
        let clients = (0..6).map(|number| Client {
            id: number % IDS.len(),
            producer: None,
            is_open: false,
            version: if random.below(4) == 0 { TransactionVersion::V0 } else { cluster },
        });
        let clients = clients.collect();
        let mut world = Self {
            random,
            driver: Driver::new(coordinator, State::default(), Offset::ZERO),
            cluster,
            now: Now { mono: Mono::ZERO, wall: Timestamp::from_millis(1_000_000) },
            epoch: 0,
            log: Vec::new(),
            confirmed: 0,
            committed: 0,
            appends: VecDeque::new(),
            clients,
            asked: BTreeMap::new(),
            next_reply: 1,
            next_producer_id: 1,
            in_flight: Vec::new(),
            after: None,
            granted: [None; 3],
            ends: BTreeMap::new(),
            ranks: BTreeMap::new(),
            covered: Covered::default(),
        };
        world.seed_log();
        world.elect();
        world
    }

    /// One of the ids is nearly exhausted from the start.
    fn seed_log(&mut self) {
        let nearly = i16::MAX - 1 - i16::try_from(self.random.below(6)).unwrap_or(0);
        let id = self.fresh_id();
        let producer = Producer { id, epoch: ProducerEpoch::new(nearly) };
        let value = Transaction { producer, ..Transaction::new(id, Duration::from_secs(60), self.now.wall) };
        self.log.push(TransactionRecord::new(TransactionalId::new(IDS[0]), value, self.cluster));
        self.granted[0] = Some(producer);
        (self.confirmed, self.committed) = (1, 1);
        let records = self.log.clone();
        self.event(Event::Replayed { first: Offset::ZERO, records });
    }

    fn fresh_id(&mut self) -> ProducerId {
        let id = ProducerId::new(self.next_producer_id);
        self.ranks.insert(id, self.next_producer_id);
        self.next_producer_id += 1;
        id
    }

    fn offset(at: usize) -> Offset {
        Offset::new(i64::try_from(at).expect("a short log"))
    }

    pub(super) fn step(&mut self) {
        match self.random.below(22) {
            0..=2 => self.ask_init(),
            3..=7 => self.ask_add(),
            8..=11 => self.ask_end(),
            12..=14 => self.confirm(),
            15..=17 => self.commit(),
            18 | 19 => self.answer_marker(),
            20 => self.pass(),
            _ => match self.random.below(6) {
                0 => self.lose_the_lead(),
                1 => self.fail(),
                _ => self.confirm(),
            },
        }
    }

    /// Everything works from now on: what was prepared is completed.
    pub(super) fn heal(&mut self) {
        for _ in 0..2_000 {
            self.confirm();
            self.commit();
            self.answer_marker();
            if self.random.below(20) == 0 {
                self.pass();
            }
        }
        let mut clean = State::default();
        for (at, record) in self.log.iter().enumerate() {
            TransactionCoordinator::replay(&mut clean, Self::offset(at), record);
        }
        assert_eq!(self.driver.committed(), &clean, "live and loaded are one");
        assert_eq!(clean.prepared_count(), 0, "what is prepared is completed");
        assert_eq!(clean.ongoing_count(), 0, "what nobody ends times out");
        self.check_log();
    }

    /// No epoch of a producer id goes back, no producer id comes back; an end is followed by its completion.
    fn check_log(&self) {
        let mut last: BTreeMap<&TransactionalId, &Transaction> = BTreeMap::new();
        for record in &self.log {
            let Some(value) = &record.value else { continue };
            if let Some(before) = last.insert(&record.id, value) {
                assert!(self.rank(before.producer) <= self.rank(value.producer), "{before:?} then {value:?}");
                let follows = match before.state {
                    TransactionState::PrepareCommit => value.state == TransactionState::CompleteCommit,
                    TransactionState::PrepareAbort => value.state == TransactionState::CompleteAbort,
                    TransactionState::Ongoing => !value.state.is_idle(),
                    _ => value.state != TransactionState::PrepareCommit,
                };
                assert!(follows, "{:?} then {:?}", before.state, value.state);
            }
        }
    }

    fn rank(&self, producer: Producer) -> (i64, i16) {
        (self.ranks[&producer.id], producer.epoch.get())
    }

    /// Whether a client that is `producer` has not been fenced by anybody who was told so.
    fn may(&self, id: usize, producer: Producer) -> bool {
        self.granted[id].is_none_or(|granted| self.rank(granted) <= self.rank(producer))
    }

    fn request(&mut self, asked: Asked, request: Request) {
        let reply = self.next_reply;
        self.next_reply += 1;
        self.asked.insert(reply, asked);
        self.event(Event::Request { reply: ReplyId::new(reply), request });
    }

    fn ask_init(&mut self) {
        let client = self.random.index(self.clients.len());
        let Client { id, producer, .. } = self.clients[client];
        let expected = producer.filter(|_| self.random.below(2) == 0);
        let spare = Some(self.fresh_id());
        let request = InitProducerId { expected, spare, ..testing::init(IDS[id]) };
        self.request(Asked::Init { client, expected }, Request::InitProducerId(request));
    }

    fn ask_add(&mut self) {
        let client = self.random.index(self.clients.len());
        let Client { id, producer: Some(producer), version, .. } = self.clients[client] else { return };
        let partition = PARTITIONS[self.random.index(PARTITIONS.len())];
        let may = self.may(id, producer);
        let request = testing::add(IDS[id], producer, &[partition], version);
        self.request(Asked::Add { client, producer, may }, Request::AddPartitions(request));
    }

    fn ask_end(&mut self) {
        let client = self.random.index(self.clients.len());
        let Client { id, producer: Some(producer), version, is_open } = self.clients[client] else { return };
        if !is_open && self.random.below(4) > 0 {
            return;
        }
        let result =
            if self.random.below(3) == 0 { TransactionResult::Abort } else { TransactionResult::Commit };
        self.end(client, IDS[id], producer, result, version, None);
    }

    fn end(
        &mut self,
        client: usize,
        id: &str,
        producer: Producer,
        result: TransactionResult,
        version: TransactionVersion,
        spare: Option<ProducerId>,
    ) {
        let may = self.may(self.clients[client].id, producer);
        let request = EndTransaction { spare, ..testing::end(id, producer, result, version) };
        self.request(Asked::End { client, producer, result, may }, Request::EndTransaction(request));
    }

    fn confirm(&mut self) {
        let Some((first, last)) = self.appends.pop_front() else { return };
        self.confirmed = last + 1;
        self.event(Event::Appended { first: Self::offset(first), last: Self::offset(last) });
    }

    fn commit(&mut self) {
        self.committed = self.confirmed;
        self.event(Event::Committed { upto: Self::offset(self.committed) });
    }

    fn fail(&mut self) {
        if self.appends.is_empty() {
            return;
        }
        self.covered.saw("rolled back");
        self.appends.clear();
        self.log.truncate(self.confirmed);
        self.event(Event::Failed(Unwritten::Unavailable));
    }

    /// What was not committed may be lost or not; whoever leads next is this node again.
    fn lose_the_lead(&mut self) {
        self.covered.saw("lead lost");
        let kept = self.committed + self.random.index(self.log.len() - self.committed + 1);
        self.log.truncate(kept);
        self.appends.clear();
        self.event(Event::Resigned);
        let first = Self::offset(self.committed);
        let records = self.log[self.committed..].to_vec();
        self.event(Event::Replayed { first, records });
        (self.confirmed, self.committed) = (kept, kept);
        self.elect();
    }

    fn elect(&mut self) {
        self.epoch += 1;
        let next = Self::offset(self.log.len());
        self.event(Event::Elected { epoch: LeaderEpoch::new(self.epoch), next });
        self.after = None;
        self.await_markers();
    }

    fn await_markers(&mut self) {
        let request = AwaitMarkers { epoch: LeaderEpoch::new(self.epoch), after: self.after };
        self.request(Asked::Markers, Request::AwaitMarkers(request));
    }

    /// A leader of partitions answers: some have their markers, and answers of former epochs come too.
    fn answer_marker(&mut self) {
        if self.in_flight.is_empty() {
            return;
        }
        let at = self.random.index(self.in_flight.len());
        let PendingMarkers { number, id, coordinator_epoch, partitions, .. } = self.in_flight[at].clone();
        let some: Vec<_> = Vec::from(&partitions);
        let some = some.into_iter().filter(|_| self.random.below(3) > 0).collect();
        let written = MarkersWritten { number, epoch: coordinator_epoch, id, partitions: some };
        for (topic, partition) in written.partitions.iter() {
            self.in_flight[at].partitions.remove(topic, partition);
        }
        if self.in_flight[at].partitions.is_empty() {
            self.in_flight.swap_remove(at);
        }
        self.request(Asked::Written, Request::MarkersWritten(written));
    }

    fn pass(&mut self) {
        let by = Duration::from_secs(self.random.below(40));
        self.now = Now { mono: self.now.mono.plus(by), wall: self.now.wall.plus(by) };
        while self.driver.next_deadline().is_some_and(|due| due <= self.now.mono) {
            let before = self.log.len();
            self.event(Event::Tick);
            for record in &self.log[before..] {
                if record.value.as_ref().is_some_and(|value| value.state == TransactionState::PrepareAbort) {
                    self.covered.saw("timeout");
                }
            }
        }
    }

    fn event(&mut self, event: Event<TransactionCoordinator>) {
        let mut actions = Vec::new();
        self.driver.step(self.now, event, &mut actions);
        let mut replies = Vec::new();
        for action in actions {
            match action {
                Action::Append { records, .. } => {
                    let first = self.log.len();
                    self.log.extend(records);
                    self.appends.push_back((first, self.log.len() - 1));
                }
                Action::Reply { reply, response } => replies.push((reply, response)),
            }
        }
        for (reply, response) in replies {
            let asked = self.asked.remove(&reply.get()).expect("a reply to something asked, once");
            match response {
                Ok(response) => self.answered(asked, response),
                // A lost lead is followed by an election, which asks anew.
                Err(Refused::NotLeader) => {}
                Err(_) if matches!(asked, Asked::Markers) => self.await_markers(),
                Err(_) => {}
            }
        }
    }
}
