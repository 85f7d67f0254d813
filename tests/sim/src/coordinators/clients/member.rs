//! A member of a group, of either kind: what it has, and what it is about to give up.
//!
//! It gives up only when its application is idle; who is told that it is no member any more has lost everything.

use std::collections::{BTreeMap, BTreeSet};

use broker_group::{
    CommitPartition, FetchedOffset, Generation, GroupError, InstanceId, MemberId, OffsetFetch, Partitions,
    Request, Response,
};
use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicName};

use super::{MEMBER, READ, classic::Classic, consumer::Consumer};
use crate::coordinators::{
    message::{Answer, Ask},
    setup::{MILLI, SOURCE, Speech, name, number, offsets_of},
    world::World,
};

/// What is the same for both kinds.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) client: usize,
    pub(super) group: &'static str,
    pub(super) instance: Option<InstanceId>,
    /// What it has, with the offset to go on from, once that is known.
    pub(super) owned: BTreeMap<usize, Option<i64>>,
    /// What it is about to give up.
    pub(super) giving_up: BTreeSet<usize>,
    /// Changes whenever it takes or loses something.
    pub(super) stamp: u64,
    /// Everything was lost since the application looked last.
    pub(super) is_lost: bool,
    /// It was replaced by another of its name: the process ends.
    pub(super) is_fenced: bool,
}

#[derive(Debug)]
enum Way {
    Consumer(Consumer),
    Classic(Classic),
}

/// A member.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) seat: Seat,
    way: Way,
    /// The stamp when offsets were asked for.
    fetches: Option<u64>,
}

/// Who a member is when it commits.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) member: MemberId,
    pub(super) generation: Generation,
}

impl Seat {
    /// Is told that it has what it had.
    pub(super) fn keep(&self, world: &mut World, part: usize, member: &MemberId) {
        let checked = world.truth.takes(self.group, part, self.client, member);
        world.hold(checked);
    }

    /// Takes a partition.
    pub(super) fn take(&mut self, world: &mut World, part: usize, member: &MemberId) {
        self.keep(world, part, member);
        world.coverage.partitions_taken += 1;
        self.stamp = world.unique();
        self.owned.insert(part, None);
    }

    /// Gives up what it is about to.
    pub(super) fn give_up(&mut self, world: &mut World) {
        for part in std::mem::take(&mut self.giving_up) {
            if self.owned.remove(&part).is_some() {
                world.coverage.revocations += 1;
            }
            world.truth.ownership.give_up(self.group, part, self.client);
        }
    }

    /// It is no member any more.
    pub(super) fn lose(&mut self, world: &mut World) {
        world.coverage.members_fenced += 1;
        self.giving_up = std::mem::take(&mut self.owned).into_keys().collect();
        self.give_up(world);
        self.stamp = world.unique();
        self.is_lost = true;
    }

    pub(super) fn call(&self, world: &mut World, lane: usize, request: Request, patience: u64) {
        let part = offsets_of(self.group);
        let ask = Ask::Group { part, request: Box::new(request) };
        world.client_calls(self.client, lane, part, ask, (patience, lane == MEMBER));
    }
}

impl Member {
    pub(super) fn new(world: &mut World, client: usize, group: &'static str, is_static: bool) -> Self {
        let life = world.endpoints[client].life;
        let setup = world.setup;
        let speech = setup.speech_of(group, &mut world.random);
        // One that ends between the two rebalances of a cooperative group comes back with less than it had, and nobody
        // rebalances for what is left, in Kafka either.
        let is_static = is_static && speech != Speech::Cooperative;
        let instance = is_static.then(|| InstanceId::new(Str::from(format!("i{client}"))));
        world.coverage.static_returns += u64::from(is_static && life > 0);
        if life > 0 && world.setup.migrates {
            world.coverage.speech_changes += 1;
        }
        let seat = Seat {
            client,
            group,
            instance,
            owned: BTreeMap::new(),
            giving_up: BTreeSet::new(),
            stamp: 0,
            is_lost: false,
            is_fenced: false,
        };
        let way = match speech {
            Speech::Consumer => Way::Consumer(Consumer::new(client, life)),
            Speech::Eager => Way::Classic(Classic::new(false)),
            Speech::Cooperative => Way::Classic(Classic::new(true)),
        };
        Self { seat, way, fetches: None }
    }

    /// What the application may work on, with the offset to go on from.
    pub(super) fn usable(&self) -> impl Iterator<Item = (usize, i64)> {
        let kept = self.seat.owned.iter().filter(|(part, _)| !self.seat.giving_up.contains(part));
        kept.filter_map(|(part, position)| Some((*part, (*position)?)))
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        match &self.way {
            Way::Consumer(consumer) => consumer.identity(),
            Way::Classic(classic) => classic.identity(),
        }
    }

    /// Goes on; `is_idle` says whether the application holds on to nothing.
    pub(super) fn turn(&mut self, world: &mut World, is_idle: bool) {
        match &mut self.way {
            Way::Consumer(consumer) => consumer.turn(&mut self.seat, world, is_idle),
            Way::Classic(classic) => classic.turn(&mut self.seat, world, is_idle),
        }
    }

    pub(super) fn heard(&mut self, world: &mut World, answer: Option<&Answer>) {
        match &mut self.way {
            Way::Consumer(consumer) => consumer.heard(&mut self.seat, world, answer),
            Way::Classic(classic) => classic.heard(&mut self.seat, world, answer),
        }
    }

    pub(super) fn leave(&mut self, world: &mut World) {
        match &mut self.way {
            Way::Consumer(consumer) => consumer.leave(&self.seat, world),
            Way::Classic(classic) => classic.leave(&self.seat, world),
        }
    }

    /// Asks for the committed offsets of what it has taken; says whether there is anything to ask for.
    pub(super) fn fetch_offsets(&mut self, world: &mut World) -> bool {
        let unknown = self.seat.owned.iter().filter(|(_, position)| position.is_none());
        let unknown: Vec<_> = unknown.map(|(part, _)| name(*part).partition).collect();
        if unknown.is_empty() {
            return false;
        }
        let who = match &self.way {
            Way::Consumer(consumer) => consumer.identity(),
            Way::Classic(_) => None,
        };
        let fetch = OffsetFetch {
            group: GroupId::new(self.seat.group),
            member: who.as_ref().map(|who| who.member.clone()),
            epoch: who.map(|who| who.generation),
            topics: Some(vec![Partitions { topic: TopicName::new("source"), id: None, partitions: unknown }]),
            require_stable: true,
        };
        self.fetches = Some(self.seat.stamp);
        self.seat.call(world, READ, Request::OffsetFetch(fetch), 600 * MILLI);
        true
    }

    /// Whether the answer is to the last question for offsets.
    pub(super) const fn is_fetching(&self) -> bool {
        self.fetches.is_some()
    }

    pub(super) fn fetched(&mut self, world: &mut World, answer: Option<&Answer>) {
        let is_current = self.fetches.take() == Some(self.seat.stamp);
        let Some(Answer::Group(response)) = answer.filter(|_| is_current) else { return };
        let Response::OffsetFetch(Ok(topics)) = &**response else { return };
        for topic in topics {
            for FetchedOffset { partition, result } in &topic.partitions {
                let Some(part) = number(topic.topic.as_str(), *partition) else { continue };
                let offset = match result {
                    Ok(told) => told.as_ref().map_or(0, |told| told.offset),
                    Err(GroupError::UnstableOffsetCommit) => {
                        world.coverage.unstable_offsets += 1;
                        continue;
                    }
                    Err(error) => {
                        world.fail(|| format!("an offset of {part} is refused: {error:?}"));
                        continue;
                    }
                };
                if let Some(position) = self.seat.owned.get_mut(&part) {
                    *position = Some(offset);
                }
            }
        }
    }

    /// The offsets to go on from are to be asked for again.
    pub(super) fn forget_positions(&mut self, world: &mut World) {
        self.seat.owned.values_mut().for_each(|position| *position = None);
        self.seat.stamp = world.unique();
    }

    pub(super) fn moved_to(&mut self, part: usize, offset: i64) {
        if let Some(position) = self.seat.owned.get_mut(&part) {
            *position = Some(offset);
        }
    }
}

/// An offset to commit, with a note by which it is known again.
pub(super) fn committing(part: usize, offset: i64, note: &str) -> CommitPartition {
    let partition = PartitionId::new((part - SOURCE[0]) as i32);
    CommitPartition { partition, offset, leader_epoch: None, metadata: Str::from(note) }
}
