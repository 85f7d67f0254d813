//! A consumer without transactions: it reads what its group gives it, and commits how far it has come.

use std::collections::BTreeMap;

use broker_group::{ByTopic, CommitDialect, OffsetCommit, Request, Response};
use broker_types::{GroupId, TopicName};

use super::{
    MEMBER, READ, WORK,
    member::{Identity, Member, committing},
    reading,
};
use crate::coordinators::{
    invariants::Commit,
    message::Answer,
    setup::{MILLI, READERS},
    world::World,
};

#[derive(Debug)]
pub(in crate::coordinators) struct Follower {
    client: usize,
    member: Member,
    reads: Option<(usize, i64, u64)>,
    next: u64,
    turn: usize,
}

impl Follower {
    pub(super) fn new(world: &mut World, client: usize) -> Self {
        let is_static = world.setup.has_statics && client < 11;
        Self { client, member: Member::new(world, client, READERS, is_static), reads: None, next: 0, turn: 0 }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        let lanes = &world.endpoints[self.client].lanes;
        let (works, is_free) = (lanes[WORK].is_busy(), !lanes[READ].is_busy());
        self.member.turn(world, !works);
        self.member.seat.is_lost = false;
        if self.member.seat.is_fenced {
            return world.replace_client(self.client);
        }
        if is_free && !self.member.fetch_offsets(world) {
            self.read(world);
        }
        if !works && world.now >= self.next && self.member.seat.giving_up.is_empty() {
            self.commit(world);
        }
    }

    fn read(&mut self, world: &mut World) {
        self.turn += 1;
        let usable: Vec<_> = self.member.usable().collect();
        if usable.is_empty() {
            return;
        }
        let (part, from) = usable[self.turn % usable.len()];
        self.reads = Some((part, from, self.member.seat.stamp));
        world.client_calls(self.client, READ, part, reading::ask(part, from, true), (500 * MILLI, false));
    }

    fn commit(&mut self, world: &mut World) {
        let Some(who) = self.member.identity() else { return };
        // Also what has not moved: a late commit of its own may have overtaken the last one.
        let moved: BTreeMap<usize, i64> = self.member.usable().collect();
        if moved.is_empty() {
            return;
        }
        self.next = world.now + 300 * MILLI;
        let mut partitions = Vec::new();
        for (part, offset) in &moved {
            let note = format!("c{}", world.unique());
            partitions.push(committing(*part, *offset, &note));
            let Identity { member, generation } = who.clone();
            world.truth.asks(note, Commit { member, epoch: generation.get(), tag: None });
        }
        let commit = OffsetCommit {
            group: GroupId::new(READERS),
            member: Some(who.member),
            instance: None,
            generation: Some(who.generation),
            retention: None,
            dialect: CommitDialect::Epochs,
            topics: vec![ByTopic { topic: TopicName::new("source"), id: None, partitions }],
        };
        self.member.seat.call(world, WORK, Request::OffsetCommit(commit), 600 * MILLI);
    }

    pub(super) fn heard(&mut self, world: &mut World, lane: usize, answer: Option<&Answer>) {
        match lane {
            MEMBER => self.member.heard(world, answer),
            READ if self.member.is_fetching() => self.member.fetched(world, answer),
            READ => self.has_read(world, answer),
            _ => Self::has_committed(world, answer),
        }
    }

    fn has_read(&mut self, world: &mut World, answer: Option<&Answer>) {
        let (Some((part, from, stamp)), Some(Answer::Fetched(fetched))) = (self.reads.take(), answer) else {
            return;
        };
        let read = reading::take(world, part, from, fetched, true);
        if stamp != self.member.seat.stamp || !self.member.usable().any(|usable| usable == (part, from)) {
            return;
        }
        for (_, value) in &read.records {
            world.truth.processed(*value);
        }
        self.member.moved_to(part, read.next);
    }

    fn has_committed(world: &mut World, answer: Option<&Answer>) {
        let Some(Answer::Group(response)) = answer else { return };
        let Response::OffsetCommit(result) = &**response else { return };
        world.coverage.commits_refused += u64::from(result.is_err());
    }

    pub(super) fn leave(&mut self, world: &mut World) {
        self.member.leave(world);
    }
}
