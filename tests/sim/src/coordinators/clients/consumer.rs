//! A KIP-848 member as Kafka's consumer is one: what it is asked to give up it gives up first, then it says so; then it takes
//! what it was given, and says that; fenced, it drops everything and joins again.

use std::{collections::BTreeSet, net::Ipv4Addr, time::Duration};

use broker_group::{
    Client, ConsumerAssignment, ConsumerHeartbeat, Generation, GroupError, MemberId, OwnedPartitions, Reader,
    Request, Response,
};
use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicName};

use super::{
    MEMBER,
    member::{Identity, Seat},
};
use crate::coordinators::{
    message::Answer,
    setup::{MILLI, REBALANCE, SOURCE, topic_id},
    world::World,
};

/// A member.
#[derive(Debug)]
pub(super) struct Consumer {
    member: MemberId,
    /// 0 before it has joined.
    epoch: i32,
    target: Option<BTreeSet<usize>>,
    /// Says everything, for it does not know what was heard.
    says_all: bool,
    /// What it last said that it has.
    said: Option<BTreeSet<usize>>,
    next: u64,
}

const LEAVES: i32 = -1;
const LEAVES_FOR_A_WHILE: i32 = -2;

pub(super) fn client() -> Client {
    Client { id: Str::from_static("client"), host: Str::from_static("/127.0.0.1") }
}

impl Consumer {
    pub(super) fn new(client: usize, life: u32) -> Self {
        Self {
            member: MemberId::new(Str::from(format!("m{client}-{life}"))),
            epoch: 0,
            target: None,
            says_all: true,
            said: None,
            next: 0,
        }
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        let generation = Generation::from_wire(self.epoch).filter(|_| self.epoch > 0)?;
        Some(Identity { member: self.member.clone(), generation })
    }

    pub(super) fn turn(&mut self, seat: &mut Seat, world: &mut World, is_idle: bool) {
        let is_changed = self.reconcile(seat, world, is_idle);
        if is_changed {
            self.next = world.now;
        }
        if world.endpoints[seat.client].lanes[MEMBER].is_busy() || world.now < self.next {
            return;
        }
        let owned: BTreeSet<usize> = seat.owned.keys().copied().collect();
        let all = self.says_all || self.epoch == 0;
        let says_owned = all || self.said.as_ref() != Some(&owned);
        let heartbeat = ConsumerHeartbeat {
            topics: all.then(|| vec![TopicName::new("source")]),
            rebalance_timeout: all.then_some(REBALANCE),
            owned: says_owned.then(|| by_topic(&owned)),
            ..self.heartbeat(seat, self.epoch)
        };
        self.said = Some(owned);
        seat.call(world, MEMBER, Request::ConsumerHeartbeat(heartbeat), 700 * MILLI);
    }

    fn heartbeat(&self, seat: &Seat, epoch: i32) -> ConsumerHeartbeat {
        ConsumerHeartbeat {
            group: GroupId::new(seat.group),
            member: Some(self.member.clone()),
            epoch,
            instance: seat.instance.clone(),
            rack: None,
            rebalance_timeout: None,
            topics: None,
            regex: None,
            assignor: None,
            owned: None,
            client: client(),
            reader: Reader { principal: Str::from_static("anyone"), address: Ipv4Addr::LOCALHOST.into() },
            draws_member_id: true,
        }
    }

    /// One step towards the target; says whether there is something to say.
    fn reconcile(&mut self, seat: &mut Seat, world: &mut World, is_idle: bool) -> bool {
        let Some(target) = &self.target else { return false };
        seat.giving_up = seat.owned.keys().filter(|part| !target.contains(part)).copied().collect();
        if !seat.giving_up.is_empty() {
            if !is_idle {
                return false;
            }
            seat.give_up(world);
        }
        let target = self.target.take().unwrap_or_default();
        for part in target {
            if !seat.owned.contains_key(&part) {
                seat.take(world, part, &self.member);
            }
        }
        true
    }

    pub(super) fn heard(&mut self, seat: &mut Seat, world: &mut World, answer: Option<&Answer>) {
        let response = match answer {
            Some(Answer::Group(response)) => match &**response {
                Response::ConsumerHeartbeat(result) => Some(result),
                _ => None,
            },
            _ => None,
        };
        match response {
            Some(Ok(told)) => self.told(told, world),
            Some(Err(error)) => self.refused(seat, world, error),
            None => {
                self.says_all = true;
                self.next = world.now + 50 * MILLI;
            }
        }
    }

    fn told(&mut self, told: &ConsumerAssignment, world: &World) {
        self.epoch = told.epoch;
        self.says_all = false;
        let interval = told.heartbeat_interval.min(Duration::from_secs(1));
        self.next = world.now + interval.as_micros() as u64;
        if let Some(assignment) = &told.assignment {
            let parts = assignment.iter().flat_map(|owned| owned.partitions.iter());
            self.target = Some(parts.map(|partition| SOURCE[0] + partition.get() as usize).collect());
        }
    }

    fn refused(&mut self, seat: &mut Seat, world: &mut World, error: &GroupError) {
        match error {
            GroupError::FencedMemberEpoch(_)
            | GroupError::UnknownConsumerMember(_)
            | GroupError::UnknownMember
            | GroupError::GroupIdNotFound(_) => {
                if self.epoch > 0 {
                    seat.lose(world);
                }
                self.epoch = 0;
                self.target = None;
                self.says_all = true;
                self.next = world.now + 20 * MILLI;
            }
            GroupError::FencedConsumerInstance(_) | GroupError::FencedInstance => {
                seat.lose(world);
                seat.is_fenced = true;
            }
            GroupError::UnreleasedInstance(_) => self.next = world.now + 300 * MILLI,
            error => {
                let why = format!("a heartbeat of {} is refused: {error:?}", self.member);
                world.fail(|| why);
            }
        }
    }

    pub(super) fn leave(&self, seat: &Seat, world: &mut World) {
        if self.epoch > 0 {
            let epoch = if seat.instance.is_some() { LEAVES_FOR_A_WHILE } else { LEAVES };
            let request = Request::ConsumerHeartbeat(self.heartbeat(seat, epoch));
            seat.call(world, MEMBER, request, MILLI);
        }
    }
}

fn by_topic(parts: &BTreeSet<usize>) -> Vec<OwnedPartitions> {
    if parts.is_empty() {
        return Vec::new();
    }
    let partitions = parts.iter().map(|part| PartitionId::new((part - SOURCE[0]) as i32)).collect();
    vec![OwnedPartitions { topic: topic_id("source"), partitions }]
}
