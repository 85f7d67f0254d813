//! A classic member as Kafka's consumer is one: eager ones give everything up before they join, cooperative ones what they
//! are not assigned any more, and then join again (KIP-429).

use std::{collections::BTreeSet, time::Duration};

use broker_group::{
    Generation, GroupError, Heartbeat, JoinDialect, JoinGroup, JoinRefused, Joined, LeaveGroup, Leaving,
    MemberId, Protocol, Request, Response, SyncGroup,
};
use broker_protocol::Str;
use broker_types::GroupId;

use super::{
    MEMBER,
    assigning::assign,
    consumer::client,
    embedded,
    member::{Identity, Seat},
};
use crate::coordinators::{
    message::Answer,
    setup::{MILLI, REBALANCE, SECOND, SESSION},
    world::World,
};

#[derive(Debug)]
enum Phase {
    /// It is to join.
    Out,
    Joining,
    /// It is to come for its assignment, with everybody's if it leads.
    Joined(Box<Joined>),
    Syncing,
    Stable,
}

/// A member.
#[derive(Debug)]
pub(super) struct Classic {
    is_cooperative: bool,
    member: Option<MemberId>,
    generation: i32,
    /// The generation whose assignment it has: that in which it commits.
    assigned: i32,
    phase: Phase,
    next: u64,
    /// When the coordinator was heard last.
    heard_at: u64,
}

impl Classic {
    pub(super) const fn new(is_cooperative: bool) -> Self {
        Self {
            is_cooperative,
            member: None,
            generation: -1,
            assigned: -1,
            phase: Phase::Out,
            next: 0,
            heard_at: 0,
        }
    }

    const fn protocol(&self) -> Str {
        Str::from_static(if self.is_cooperative { "cooperative-sticky" } else { "range" })
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        let generation = Generation::from_wire(self.assigned)?;
        Some(Identity { member: self.member.clone()?, generation })
    }

    pub(super) fn turn(&mut self, seat: &mut Seat, world: &mut World, is_idle: bool) {
        if world.endpoints[seat.client].lanes[MEMBER].is_busy() || world.now < self.next {
            return;
        }
        match &self.phase {
            Phase::Out => self.join(seat, world, is_idle),
            Phase::Joined(joined) => {
                let sync = self.sync(seat, joined);
                self.phase = Phase::Syncing;
                seat.call(world, MEMBER, Request::SyncGroup(sync), 8 * SECOND);
            }
            Phase::Joining | Phase::Syncing => self.phase = Phase::Out,
            Phase::Stable if !seat.giving_up.is_empty() => {
                if is_idle {
                    seat.give_up(world);
                    self.phase = Phase::Out;
                } else {
                    self.beat(seat, world);
                }
            }
            Phase::Stable => self.beat(seat, world),
        }
    }

    fn join(&mut self, seat: &mut Seat, world: &mut World, is_idle: bool) {
        if world.now - self.heard_at > SESSION.as_micros() as u64 && !seat.owned.is_empty() {
            // It stood still. Kafka's looks at its clock less strictly; fenced in a KIP-848 group, which takes it in again
            // by its old id, a cooperative one would go on where it had come.
            seat.lose(world);
            (self.generation, self.assigned) = (-1, -1);
        }
        if !self.is_cooperative && !seat.owned.is_empty() {
            seat.giving_up = seat.owned.keys().copied().collect();
            if !is_idle {
                // Its application is not ready yet, and it lives.
                return self.beat(seat, world);
            }
            seat.give_up(world);
        }
        let owned: Vec<usize> = seat.owned.keys().copied().collect();
        let metadata = embedded::subscription(owned, self.generation);
        let join = JoinGroup {
            group: GroupId::new(seat.group),
            member: self.member.clone(),
            instance: seat.instance.clone(),
            client: client(),
            protocol_type: Str::from_static("consumer"),
            protocols: vec![Protocol { name: self.protocol(), metadata }],
            session_timeout: SESSION,
            rebalance_timeout: REBALANCE,
            reason: None,
            dialect: JoinDialect::SkipsAssignment,
        };
        self.phase = Phase::Joining;
        seat.call(world, MEMBER, Request::JoinGroup(join), 8 * SECOND);
    }

    fn sync(&self, seat: &Seat, joined: &Joined) -> SyncGroup {
        let leads = joined.leader.as_ref() == self.member.as_ref() && !joined.skip_assignment;
        SyncGroup {
            group: GroupId::new(seat.group),
            member: self.member.clone(),
            instance: seat.instance.clone(),
            generation: Some(joined.generation),
            protocol_type: Some(Str::from_static("consumer")),
            protocol: joined.protocol.clone(),
            assignments: if leads { assign(&joined.members) } else { Vec::new() },
        }
    }

    fn beat(&mut self, seat: &Seat, world: &mut World) {
        let heartbeat = Heartbeat {
            group: GroupId::new(seat.group),
            member: self.member.clone(),
            instance: seat.instance.clone(),
            generation: Generation::from_wire(self.generation),
        };
        let interval = Duration::from_millis(400);
        self.next = world.now + interval.as_micros() as u64;
        seat.call(world, MEMBER, Request::Heartbeat(heartbeat), 700 * MILLI);
    }

    pub(super) fn heard(&mut self, seat: &mut Seat, world: &mut World, answer: Option<&Answer>) {
        let response = match answer {
            Some(Answer::Group(response)) => Some(&**response),
            _ => None,
        };
        if response.is_some() {
            self.heard_at = world.now;
        }
        match response {
            Some(Response::JoinGroup(Ok(joined))) => {
                self.member = Some(joined.member.clone());
                self.generation = joined.generation.get();
                self.phase = Phase::Joined(Box::new(joined.clone()));
            }
            Some(Response::JoinGroup(Err(JoinRefused { error, member }))) => {
                self.phase = Phase::Out;
                if *error == GroupError::MemberIdRequired {
                    self.member = member.clone();
                } else {
                    self.refused(seat, world, error);
                }
            }
            Some(Response::SyncGroup(Ok(synced))) => {
                let parts = embedded::assigned(&synced.assignment).collect();
                self.synced(seat, world, &parts);
            }
            Some(Response::SyncGroup(Err(error)) | Response::Heartbeat(Err(error))) => {
                self.phase = Phase::Out;
                self.refused(seat, world, error);
            }
            Some(_) => {}
            None => {
                if !matches!(self.phase, Phase::Stable) {
                    self.phase = Phase::Out;
                }
                self.next = world.now + 50 * MILLI;
            }
        }
    }

    fn synced(&mut self, seat: &mut Seat, world: &mut World, parts: &BTreeSet<usize>) {
        self.phase = Phase::Stable;
        self.next = world.now;
        self.assigned = self.generation;
        seat.giving_up = seat.owned.keys().filter(|part| !parts.contains(part)).copied().collect();
        let Some(member) = self.member.clone() else { return };
        for part in parts {
            if seat.owned.contains_key(part) {
                seat.keep(world, *part, &member);
            } else {
                seat.take(world, *part, &member);
            }
        }
    }

    fn refused(&mut self, seat: &mut Seat, world: &mut World, error: &GroupError) {
        self.next = world.now + 20 * MILLI;
        match error {
            GroupError::RebalanceInProgress => {}
            GroupError::UnknownMember | GroupError::UnknownConsumerMember(_) => {
                seat.lose(world);
                (self.member, self.generation, self.assigned) = (None, -1, -1);
            }
            GroupError::IllegalGeneration
            | GroupError::IllegalConsumerGeneration(_)
            | GroupError::FencedMemberEpoch(_) => {
                seat.lose(world);
                (self.generation, self.assigned) = (-1, -1);
            }
            GroupError::FencedInstance | GroupError::FencedConsumerInstance(_) => {
                seat.lose(world);
                seat.is_fenced = true;
            }
            GroupError::UnreleasedInstance(_) | GroupError::InconsistentProtocol => {
                self.next = world.now + 300 * MILLI;
            }
            error => {
                let why = format!("a classic member is refused: {error:?}, {self:?}");
                world.fail(|| why);
            }
        }
    }

    pub(super) fn leave(&self, seat: &Seat, world: &mut World) {
        // A static member goes without a word (KIP-345).
        if seat.instance.is_none() && self.member.is_some() {
            let leaving = Leaving { member: self.member.clone(), instance: None, reason: None };
            let leave = LeaveGroup { group: GroupId::new(seat.group), members: vec![leaving] };
            seat.call(world, MEMBER, Request::LeaveGroup(leave), MILLI);
        }
    }
}
