//! Clients: producers that want all replicas and send again, readers, and administrators.

mod admin;

use broker_node::fetcher::Key;

use self::admin::Admin;
use super::{
    message::{Body, Caller, Message, ProduceError},
    node::index,
    oracle::{Acknowledged, Oracle},
    world::{Item, World},
};

const PRODUCERS: usize = 3;
const READERS: usize = 1;
const ADMINS: usize = 2;
/// A request without an answer for so long is sent again.
const PATIENCE: u64 = 2_000_000;
/// A record that is not acknowledged by then is given up: nobody knows whether it is there.
const DELIVERY: u64 = 12_000_000;

/// All clients.
pub(super) struct Clients {
    base: usize,
    all: Vec<Client>,
    pub(super) oracle: Oracle,
    /// No new work is begun.
    pub(super) has_ended: bool,
}

struct Client {
    call: Option<u64>,
    next: u64,
    /// Where it believes the leader, or the controller, to be.
    target: Option<usize>,
    work: Work,
}

enum Work {
    Producer(Producer),
    Reader { key: Option<Key>, at: i64 },
    Admin(Admin),
}

#[derive(Default)]
struct Producer {
    key: Option<Key>,
    id: u64,
    sequence: u32,
    /// What is being sent, and since when.
    sending: Option<(u64, u64)>,
    acknowledged: u64,
}

impl Clients {
    /// Clients are endpoints behind the nodes.
    pub(super) fn new(base: usize) -> Self {
        let client = |at: usize| Client {
            call: None,
            next: 0,
            target: None,
            work: match at {
                _ if at < PRODUCERS => Work::Producer(Producer::default()),
                _ if at < PRODUCERS + READERS => Work::Reader { key: None, at: 0 },
                _ => Work::Admin(Admin::new(at)),
            },
        };
        let all = (0..PRODUCERS + READERS + ADMINS).map(client).collect();
        Self { base, all, oracle: Oracle::default(), has_ended: false }
    }

    pub(super) const fn len(&self) -> usize {
        self.all.len()
    }

    /// How many records each producer had acknowledged.
    pub(super) fn progress(&self) -> Vec<u64> {
        let of = |client: &Client| match &client.work {
            Work::Producer(producer) => Some(producer.acknowledged),
            _ => None,
        };
        self.all.iter().filter_map(of).collect()
    }
}

impl World {
    fn client_calls(&mut self, client: usize, to: usize, body: Body) {
        let from = self.clients.base + client;
        let one = &mut self.clients.all[client];
        one.next += 1;
        one.call = Some(one.next);
        let caller = Caller { from, life: 0, call: one.next };
        self.after(PATIENCE, Item::GiveUp { endpoint: from, life: 0, call: caller.call });
        self.send(Message { to, sender: from, caller, is_answer: false, body });
    }

    fn any_node(&mut self) -> usize {
        self.random.below(self.nodes.len() as u64) as usize
    }

    fn client_soon(&mut self, client: usize, within: u64) {
        let pause = 1_000 + self.random.below(within);
        self.after(pause, Item::Client { client });
    }

    /// A client does what is next.
    pub(super) fn client_turn(&mut self, client: usize) {
        if self.clients.all[client].call.is_some() {
            return;
        }
        let Some(target) = self.clients.all[client].target else {
            let node = self.any_node();
            return self.client_calls(client, node, Body::WhoLeads);
        };
        let (has_ended, unique, now) = (self.clients.has_ended, self.unique(), self.now);
        let body = match &mut self.clients.all[client].work {
            Work::Producer(Producer { key: None, .. }) | Work::Reader { key: None, .. } => Body::WhoLeads,
            Work::Producer(producer) => {
                if has_ended && producer.sending.is_none() {
                    return;
                }
                if producer.id == 0 {
                    (producer.id, producer.sequence) = (unique, 0);
                }
                let (value, _) = *producer.sending.get_or_insert((unique, now));
                let Some(key) = producer.key else { return };
                Body::Produce { key, producer: producer.id, sequence: producer.sequence, value }
            }
            Work::Reader { key: Some(key), at } => Body::Read { key: *key, from: *at },
            Work::Admin(_) => return self.admin_turn(client, target),
        };
        self.client_calls(client, target, body);
    }

    pub(super) fn client_gives_up(&mut self, endpoint: usize, call: u64) {
        let client = endpoint - self.clients.base;
        let one = &mut self.clients.all[client];
        if one.call != Some(call) {
            return;
        }
        one.call = None;
        one.target = None;
        if let Work::Admin(admin) = &mut one.work {
            admin.nobody_knows();
        }
        self.give_up_record(client);
        self.client_soon(client, 50_000);
    }

    /// A record that takes too long is given up; what follows comes from a new producer.
    fn give_up_record(&mut self, client: usize) {
        let now = self.now;
        if let Work::Producer(producer) = &mut self.clients.all[client].work
            && producer.sending.is_some_and(|(_, since)| now - since > DELIVERY)
        {
            (producer.id, producer.key, producer.sending) = (0, None, None);
            self.coverage.unknown += 1;
        }
    }

    /// A client is answered.
    pub(super) fn client_hears(&mut self, endpoint: usize, caller: Caller, from: usize, body: Body) {
        let client = endpoint - self.clients.base;
        if self.clients.all[client].call != Some(caller.call) {
            return;
        }
        self.clients.all[client].call = None;
        match body {
            Body::Leaders { leaders, controller } => {
                let leaders: Vec<_> = leaders.into_iter().filter(|(key, _)| self.is_stable(*key)).collect();
                let chosen = self.random.below(leaders.len() as u64) as usize;
                let one = &mut self.clients.all[client];
                one.target = match &mut one.work {
                    Work::Admin(_) => controller.map(index),
                    Work::Producer(Producer { key, .. }) | Work::Reader { key, .. } => {
                        *key = key.or(leaders.get(chosen).map(|(key, _)| *key));
                        let known = leaders.iter().find(|(known, _)| Some(*known) == *key);
                        known.and_then(|(_, leader)| *leader).map(index)
                    }
                };
                self.client_soon(client, 40_000);
            }
            Body::Produced(result) => self.produce_answered(client, result),
            Body::ReadAnswer(read) => self.read_answered(client, read),
            other => self.admin_answered(client, from, other),
        }
    }

    /// Whether it is of a topic that is never deleted.
    pub(super) fn is_stable(&self, key: Key) -> bool {
        let topic = self.truth.image().topics().get(key.topic);
        topic.is_some_and(|topic| topic.name().as_str().starts_with('t'))
    }

    fn produce_answered(&mut self, client: usize, result: Result<i64, ProduceError>) {
        let one = &mut self.clients.all[client];
        let Work::Producer(producer) = &mut one.work else { return };
        let (Some(key), Some((value, _))) = (producer.key, producer.sending) else { return };
        match result {
            Ok(offset) => {
                let (id, sequence) = (producer.id, producer.sequence);
                producer.sending = None;
                producer.sequence += 1;
                producer.acknowledged += 1;
                let told = Acknowledged { key, offset, producer: id, sequence, value };
                self.coverage.acknowledged += 1;
                let checked = self.clients.oracle.acknowledge(&self.truth, told);
                self.hold(checked);
                // Now and then another partition, by another producer.
                if self.random.one_in(20)
                    && let Work::Producer(producer) = &mut self.clients.all[client].work
                {
                    (producer.id, producer.key) = (0, None);
                }
                self.client_soon(client, 250_000);
            }
            Err(ProduceError::OutOfOrder) => {
                self.fail(|| format!("oracle: what {key:?} acknowledged before is not known any more"));
            }
            Err(_) => {
                one.target = None;
                self.give_up_record(client);
                self.client_soon(client, 100_000);
            }
        }
    }

    fn read_answered(&mut self, client: usize, read: Option<(Vec<super::log::Record>, i64)>) {
        let one = &mut self.clients.all[client];
        let Work::Reader { key, at } = &mut one.work else { return };
        match read {
            None => one.target = None,
            Some((records, _)) if records.is_empty() => {
                if self.random.one_in(10) {
                    (*key, *at, one.target) = (None, 0, None);
                }
            }
            Some((records, _)) => {
                *at += records.len() as i64;
                self.coverage.records_read += records.len() as u64;
            }
        }
        if !self.clients.has_ended {
            self.client_soon(client, 400_000);
        }
    }

    pub(super) fn leaders_asked(&mut self, node: usize, caller: Caller) {
        let Some(live) = self.live(node) else { return };
        let partitions = live.published.topics().partitions();
        let leaders = partitions
            .map(|(topic, partition, known)| (Key { topic: topic.id(), partition }, known.leader))
            .collect();
        let controller = live.raft.state().leader;
        self.answer(node, caller, Body::Leaders { leaders, controller });
    }
}
