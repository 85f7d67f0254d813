//! Brokers, network, time and faults.

use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use core::time::Duration;

use broker_replication::{
    Action as Wish, Durable, Event as Fact, Following, IsrAnswer, Leadership, Peer, Replica,
    Settings as ReplicaSettings,
};
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Mono, Now, Offset, Random, ReplyId, Timestamp};

use super::{
    super::{SETTINGS, key},
    Counters,
    controller::Metadata,
    disk::{Log, Record, index},
    network::Message,
};
use crate::fetcher::{Action, Event, Fetcher, LogBounds, Told, Wanted, truncation_point};

const BROKERS: [BrokerId; 3] = [BrokerId::new(1), BrokerId::new(2), BrokerId::new(3)];
/// So short that replicas leave the ISR when messages are lost.
const LAG_MAX: Duration = Duration::from_millis(400);

/// A broker; its log outlives its lives.
pub(super) struct Node {
    id: BrokerId,
    pub(super) is_up: bool,
    life: BrokerEpoch,
    pub(super) replica: Replica,
    pub(super) log: Log,
    follows: Option<(BrokerId, Fetcher)>,
    /// The fetch that it waits for.
    pub(super) fetch: Option<u64>,
    /// A leader's sessions by id: the next epoch, and what is asked.
    pub(super) sessions: BTreeMap<i32, (i32, Option<Wanted>)>,
    news: VecDeque<Metadata>,
    isr_answers: VecDeque<(LeaderEpoch, IsrAnswer)>,
    awaited: BTreeMap<ReplyId, (usize, Record)>,
}

pub(super) struct World {
    pub(super) random: Random,
    now: Mono,
    nodes: Vec<Node>,
    metadata: Metadata,
    pub(super) network: Vec<Message>,
    acknowledged: Vec<(usize, Record)>,
    pub(super) next: u64,
    pub(super) counters: Counters,
}

impl Node {
    fn new(id: BrokerId) -> Self {
        Self {
            id,
            is_up: true,
            life: BrokerEpoch::new(1),
            replica: replica(id),
            log: Log::default(),
            follows: None,
            fetch: None,
            sessions: BTreeMap::new(),
            news: VecDeque::new(),
            isr_answers: VecDeque::new(),
            awaited: BTreeMap::new(),
        }
    }
}

fn replica(me: BrokerId) -> Replica {
    Replica::new(ReplicaSettings { me, lag_max: LAG_MAX, waiting_max: 1_000 })
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            random: Random::new(seed),
            now: Mono::from_micros(1_000_000),
            nodes: BROKERS.into_iter().map(Node::new).collect(),
            metadata: Metadata::new(&BROKERS),
            network: Vec::new(),
            acknowledged: Vec::new(),
            next: 0,
            counters: Counters::default(),
        };
        world.publish();
        world
    }

    fn now(&self) -> Now {
        Now { mono: self.now, wall: Timestamp::default() }
    }

    pub(super) fn at(&mut self, id: BrokerId) -> &mut Node {
        self.nodes.iter_mut().find(|node| node.id == id).unwrap()
    }

    fn publish(&mut self) {
        for node in self.nodes.iter_mut().filter(|node| node.is_up) {
            node.news.push_back(self.metadata.clone());
        }
    }

    /// Something happens to somebody.
    pub(super) fn step(&mut self) {
        let id = BROKERS[self.random.index(BROKERS.len())];
        match self.random.below(1_000) {
            0..350 => self.deliver(),
            350..550 => self.produce(id),
            550..700 => self.hear_news(id),
            700..780 => self.hear_controller(id),
            780..950 => {
                let millis = 1 + self.random.below(150);
                self.pass_time(Duration::from_millis(millis));
            }
            950..965 => self.lose(),
            965..980 => {
                self.metadata.elect();
                self.counters.elections += 1;
                self.publish();
            }
            980..988 => self.crash(id),
            _ => self.restart(id),
        }
    }

    fn produce(&mut self, id: BrokerId) {
        self.next += 1;
        let (now, value) = (self.now(), self.next);
        let node = self.at(id);
        let Some(epoch) = node.replica.leads().filter(|_| node.is_up) else { return };
        if node.replica.check_in_sync().is_err() {
            return;
        }
        let record = Record { epoch, value };
        node.log.append(record);
        let (reply, log_end) = (ReplyId::new(value), node.log.end());
        node.awaited.insert(reply, (node.log.records.len() - 1, record));
        self.tell(id, Fact::Appended { log_end });
        let deadline = now.mono.plus(Duration::from_secs(5));
        self.tell(id, Fact::Await { reply, offset: log_end, deadline });
    }

    /// An event for a broker's replica.
    pub(super) fn tell(&mut self, id: BrokerId, fact: Fact) {
        let now = self.now();
        let mut wishes = Vec::new();
        self.at(id).replica.step(now, fact, &mut wishes);
        for wish in wishes {
            let node = self.nodes.iter_mut().find(|node| node.id == id).unwrap();
            match wish {
                Wish::AdvanceHighWatermark(offset) => {
                    assert!(offset <= node.log.end(), "nobody knows more to be committed than it has");
                    node.log.high_watermark = offset;
                }
                Wish::CompleteProduce { reply, result } => {
                    let record = node.awaited.remove(&reply).unwrap();
                    if result.is_ok() {
                        self.acknowledged.push(record);
                        self.counters.acknowledged += 1;
                    }
                }
                Wish::ProposeIsr { epoch, partition_epoch, isr } => {
                    let before = self.metadata.isr.len();
                    let answer = self.metadata.proposed(epoch, partition_epoch, &isr, id);
                    let after = self.metadata.isr.len();
                    self.counters.shrinks += u64::from(after < before);
                    self.counters.expansions += u64::from(after > before);
                    if matches!(answer, IsrAnswer::Accepted { .. }) {
                        self.publish();
                    }
                    self.at(id).isr_answers.push_back((epoch, answer));
                }
                Wish::AdvanceLogStart(_) | Wish::CompleteDelete { .. } => unreachable!("nothing is deleted"),
            }
        }
    }

    fn hear_controller(&mut self, id: BrokerId) {
        let node = self.at(id);
        let Some((epoch, answer)) = node.isr_answers.pop_front() else { return };
        if node.replica.leads() == Some(epoch) {
            self.tell(id, Fact::IsrAnswered(answer));
        }
    }

    fn hear_news(&mut self, id: BrokerId) {
        let Some(news) = self.at(id).news.pop_front() else { return };
        let node = self.at(id);
        let (log_end, high_watermark, log_start) = (node.log.end(), node.log.high_watermark, Offset::ZERO);
        if news.leader == Some(id) {
            let is_new = node.replica.leads() != Some(news.epoch);
            if is_new {
                node.log.assign(news.epoch);
                node.sessions.clear();
            }
            node.follows = None;
            node.fetch = None;
            let peer = |other: &BrokerId| Peer { broker: *other, eligible: news.alive.get(other).copied() };
            let peers = BROKERS.iter().filter(|other| **other != id).map(peer).collect();
            let leadership = Leadership {
                epoch: news.epoch,
                partition_epoch: news.partition_epoch,
                isr: news.isr,
                peers,
                min_isr: 2,
                log_end,
                log_start,
                high_watermark,
                durable: Durable::AsWritten,
            };
            return self.tell(id, Fact::BecomeLeader(leadership));
        }
        let following = Following { epoch: news.epoch, log_end, log_start, high_watermark };
        self.tell(id, Fact::BecomeFollower(following));
        let node = self.at(id);
        let Some(leader) = news.leader else {
            node.follows = None;
            return;
        };
        if node.follows.as_ref().is_none_or(|(known, _)| *known != leader) {
            node.follows = Some((leader, Fetcher::new(SETTINGS)));
            node.fetch = None;
        }
        let log = node.log.state();
        self.drive(id, Event::Followed { partition: key(0), epoch: news.epoch, log }, &[]);
    }

    /// An event for a broker's fetcher, with the records of an answer.
    pub(super) fn drive(&mut self, id: BrokerId, event: Event, records: &[Record]) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.now();
            let Some((leader, fetcher)) = self.at(id).follows.as_mut() else { return };
            let (leader, mut actions) = (*leader, Vec::new());
            fetcher.step(now, event, &mut actions);
            for action in actions {
                events.extend(self.perform(id, leader, action, records));
            }
        }
    }

    fn perform(
        &mut self,
        id: BrokerId,
        leader: BrokerId,
        action: Action,
        records: &[Record],
    ) -> Option<Event> {
        let (partition, epoch) = (key(0), self.at(id).replica.follows());
        match action {
            Action::SendFetch(request) => {
                self.next += 1;
                let fetch = self.next;
                let node = self.at(id);
                node.fetch = Some(fetch);
                let life = node.life;
                self.network.push(Message::Fetch { from: id, life, to: leader, id: fetch, request });
                return None;
            }
            Action::Abandon => {
                self.at(id).fetch = None;
                return None;
            }
            Action::AskBounds { epoch, .. } => {
                let log = &self.at(leader).log;
                let bounds = Some(LogBounds { start: Offset::ZERO, end: log.end() });
                return Some(Event::Bounds { partition, epoch, bounds });
            }
            Action::Write { told, epoch: of, .. } => {
                assert_eq!(Some(of), epoch);
                records.iter().for_each(|record| self.at(id).log.append(*record));
                self.fetched(id, told);
            }
            Action::SetHighWatermark { told, .. } => self.fetched(id, told),
            Action::Truncate { theirs, .. } => {
                let log = &self.at(id).log;
                let to = truncation_point(theirs, log.end_for(theirs.epoch), log.end());
                self.cut(id, to);
            }
            Action::TruncateAt { to, .. } => self.cut(id, to),
            Action::Restart { .. } => unreachable!("logs start at 0"),
        }
        let log = self.at(id).log.state();
        epoch.map(|epoch| Event::Written { partition, epoch, log })
    }

    fn fetched(&mut self, id: BrokerId, told: Told) {
        let log_end = self.at(id).log.end();
        let (high_watermark, log_start) = (told.high_watermark, told.log_start);
        self.tell(id, Fact::Fetched { log_end, high_watermark, log_start });
    }

    fn cut(&mut self, id: BrokerId, to: Offset) {
        let node = self.at(id);
        assert!(to >= node.log.high_watermark, "cut at {to}, committed to {}", node.log.high_watermark);
        let is_cut = to < node.log.end();
        node.log.truncate(to);
        self.counters.cuts += u64::from(is_cut);
        self.tell(id, Fact::Truncated { log_end: to });
    }

    fn pass_time(&mut self, by: Duration) {
        self.now = self.now.plus(by);
        for id in BROKERS {
            if self.at(id).is_up {
                self.tell(id, Fact::Tick);
                self.drive(id, Event::Tick, &[]);
            }
        }
    }

    /// The process ends; its log stays, the high watermark is the last that was written down.
    fn crash(&mut self, id: BrokerId) {
        let written_down = self.random.below(3);
        let node = self.at(id);
        if !node.is_up {
            return;
        }
        node.is_up = false;
        node.replica = replica(id);
        (node.follows, node.fetch) = (None, None);
        node.sessions.clear();
        node.news.clear();
        node.isr_answers.clear();
        node.awaited.clear();
        if written_down == 0 {
            node.log.high_watermark = Offset::ZERO;
        }
        self.counters.crashes += 1;
        self.metadata.died(id);
        self.publish();
    }

    fn restart(&mut self, id: BrokerId) {
        let node = self.at(id);
        if node.is_up {
            return;
        }
        node.is_up = true;
        node.life = BrokerEpoch::new(node.life.get() + 1);
        let life = node.life;
        self.metadata.born(id, life);
        self.publish();
    }

    pub(super) fn check(&self) {
        let node = |id: &BrokerId| self.nodes.iter().find(|node| node.id == *id).unwrap();
        for id in &self.metadata.isr {
            let log = &node(id).log.records;
            for (at, record) in &self.acknowledged {
                assert_eq!(log.get(*at), Some(record), "broker {id} is in sync");
            }
        }
        let Some(leader) = self.metadata.leader.map(|leader| node(&leader)) else { return };
        if leader.replica.leads() != Some(self.metadata.epoch) {
            return;
        }
        let committed = &leader.log.records[..index(leader.log.high_watermark)];
        for id in &self.metadata.isr {
            assert!(node(id).log.records.starts_with(committed), "broker {id} is in sync");
        }
    }

    /// No more faults: after a while all logs are equal and committed.
    pub(super) fn heal(&mut self) {
        BROKERS.iter().for_each(|id| self.restart(*id));
        for _ in 0..400 {
            for id in BROKERS {
                self.hear_news(id);
                self.hear_controller(id);
            }
            (0..4).for_each(|_| self.deliver());
            self.pass_time(Duration::from_millis(50));
            self.check();
        }
        let leader = self.metadata.leader.unwrap();
        let log = self.at(leader).log.clone();
        assert_eq!(self.metadata.isr.len(), BROKERS.len(), "all are in sync");
        for id in BROKERS {
            let other = self.at(id).log.clone();
            assert_eq!(
                (other.records, other.high_watermark),
                (log.records.clone(), log.end()),
                "broker {id}"
            );
        }
    }
}
