//! Copies what is committed in the source, partition by partition, in transactions with the group's offsets (KIP-447).
//!
//! Now and then a transaction also writes a record of its own to the source, which is copied in its turn.

use broker_group::{ByTopic, TxnOffsetCommit};
use broker_types::{GroupId, TopicName, TransactionResult};

use super::{
    MEMBER, READ,
    member::{Identity, Member, committing},
    reading::{self, Records},
    transactional::Transactional,
    value::Value,
};
use crate::coordinators::{
    invariants::Commit,
    message::Answer,
    setup::{COPIERS, MILLI, SINK, SOURCE},
    world::World,
};

/// How much one transaction copies at most.
const RECORDS_MAX: usize = 4;
/// Own records of copying transactions are not followed by more of them.
pub(super) const ECHO: u64 = 1 << 63;

#[derive(Debug)]
pub(in crate::coordinators) struct Copier {
    client: usize,
    member: Member,
    producer: Transactional,
    /// What is being read: the partition, from where, and the member's stamp then.
    reads: Option<(usize, i64, u64)>,
    /// The partition that is copied, where it goes on then, and the member's stamp when it began.
    copies: Option<(usize, i64, u64)>,
    turn: usize,
}

impl Copier {
    /// The twin has the transactional id of the first.
    pub(super) fn new(world: &mut World, client: usize) -> Self {
        let id = ["copier-a", "copier-b", "copier-c", "copier-a"][client - 5];
        let is_static = world.setup.has_statics && client < 7;
        Self {
            client,
            member: Member::new(world, client, COPIERS, is_static),
            producer: Transactional::new(world, client, id),
            reads: None,
            copies: None,
            turn: 0,
        }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        self.member.turn(world, !self.producer.is_open());
        if std::mem::take(&mut self.member.seat.is_lost) {
            self.producer.abort();
        }
        if self.member.seat.is_fenced {
            return world.replace_client(self.client);
        }
        self.take_ended(world);
        let is_free = !world.endpoints[self.client].lanes[READ].is_busy();
        if self.producer.is_ready() && is_free && !self.member.fetch_offsets(world) {
            self.read(world);
        }
        self.producer.turn(world);
    }

    fn take_ended(&mut self, world: &mut World) {
        let Some(ended) = self.producer.take_ended() else { return };
        match (ended, self.copies.take()) {
            // Who has lost it meanwhile, and taken it again, goes on from what is committed.
            (Some(true), Some((part, next, stamp))) if stamp == self.member.seat.stamp => {
                world.coverage.records_copied += 1;
                self.member.moved_to(part, next);
            }
            _ => self.member.forget_positions(world),
        }
    }

    fn read(&mut self, world: &mut World) {
        self.turn += 1;
        let usable: Vec<_> = self.member.usable().collect();
        if usable.is_empty() || !self.member.seat.giving_up.is_empty() {
            return;
        }
        let (part, from) = usable[self.turn % usable.len()];
        self.reads = Some((part, from, self.member.seat.stamp));
        world.client_calls(self.client, READ, part, reading::ask(part, from, true), (500 * MILLI, false));
    }

    pub(super) fn heard(&mut self, world: &mut World, lane: usize, answer: Option<&Answer>) {
        match lane {
            MEMBER => self.member.heard(world, answer),
            READ if self.member.is_fetching() => self.member.fetched(world, answer),
            READ => {
                if let (Some((part, from, stamp)), Some(Answer::Fetched(fetched))) =
                    (self.reads.take(), answer)
                {
                    let read = reading::take(world, part, from, fetched, true);
                    let is_current = stamp == self.member.seat.stamp
                        && self.member.usable().any(|usable| usable == (part, from));
                    if is_current && self.producer.is_ready() {
                        self.copy(world, part, read);
                    }
                }
            }
            _ => self.producer.heard(world, answer),
        }
    }

    fn copy(&mut self, world: &mut World, part: usize, mut read: Records) {
        if let Some((beyond, _)) = read.records.get(RECORDS_MAX) {
            read.next = *beyond;
            read.records.truncate(RECORDS_MAX);
        }
        let Some(who) = self.member.identity() else { return };
        if read.records.is_empty() {
            return self.member.moved_to(part, read.next);
        }
        let Some(producer) = self.producer.producer() else { return };
        let tag = world.unique();
        let sender = (self.client as u64) << 32 | u64::from(world.endpoints[self.client].life);
        let is_followed = !read.records.iter().any(|(_, value)| value.number & ECHO != 0);
        let copies = read.records.iter().map(|(_, value)| Value { number: value.number, tag, sender });
        let mut writes = vec![(SINK[part - SOURCE[0]], copies.collect::<Vec<_>>())];
        if is_followed && world.random.one_in(8) && !world.is_ending {
            let echo = Value { number: world.unique() | ECHO, tag, sender };
            writes.push((SOURCE[world.random.below(SOURCE.len() as u64) as usize], vec![echo]));
        }
        let note = format!("t{tag}");
        let offsets = offsets(&who, producer, part, read.next, &note);
        let Identity { member, generation } = who;
        world.truth.asks(note, Commit { member, epoch: generation.get(), tag: Some(tag) });
        let aborts = world.random.one_in(10);
        let result = if aborts { TransactionResult::Abort } else { TransactionResult::Commit };
        self.copies = Some((part, read.next, self.member.seat.stamp));
        self.producer.begin(tag, writes, Some(offsets), result);
    }

    pub(super) const fn is_in_transaction(&self) -> bool {
        self.producer.is_open()
    }

    pub(super) fn leave(&mut self, world: &mut World) {
        self.member.leave(world);
    }

    pub(super) fn is_done(&self) -> Result<(), String> {
        if self.producer.is_open() { Err(format!("a copier is not done: {self:?}")) } else { Ok(()) }
    }
}

fn offsets(
    who: &Identity,
    producer: broker_types::Producer,
    part: usize,
    next: i64,
    note: &str,
) -> TxnOffsetCommit {
    TxnOffsetCommit {
        group: GroupId::new(COPIERS),
        producer,
        member: Some(who.member.clone()),
        instance: None,
        generation: Some(who.generation),
        topics: vec![ByTopic {
            topic: TopicName::new("source"),
            id: None,
            partitions: vec![committing(part, next, note)],
        }],
    }
}
