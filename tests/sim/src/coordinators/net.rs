//! The network: connections that keep their order, and clients that open another when they have waited too long.
//!
//! What was sent over the old one may still arrive, and its answer is heard by nobody.

use std::collections::BTreeMap;

use super::{
    message::{Answer, Ask, Caller},
    setup::MILLI,
    shell::Then,
    world::{Item, Request, World},
};

pub(super) const LANES: usize = 3;

/// How bad the network is.
#[derive(Debug, Default)]
pub(super) struct Net {
    /// One in so many is lost; none when 0.
    pub(super) lost_of: u64,
    /// What messages take longer at most.
    pub(super) slow: u64,
}

/// A client as the network knows it.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    pub(super) is_up: bool,
    pub(super) life: u32,
    pub(super) paused_until: u64,
    calls: u64,
    pub(super) lanes: [Lane; LANES],
    /// Where it takes the leaders of partitions to be.
    leaders: BTreeMap<usize, usize>,
}

/// One request at a time.
#[derive(Debug, Default)]
pub(super) struct Lane {
    call: Option<u64>,
    part: usize,
    to: usize,
    connections: BTreeMap<usize, Connection>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Connection {
    number: u64,
    /// When the last request over it arrives.
    arrives: u64,
}

impl Lane {
    pub(super) const fn is_busy(&self) -> bool {
        self.call.is_some()
    }

    /// The number of the connection to a node.
    pub(super) fn connection(&self, node: usize) -> u64 {
        self.connections.get(&node).map_or(0, |connection| connection.number)
    }
}

impl Endpoint {
    /// The process begins anew.
    pub(super) fn restart(&mut self) {
        self.life += 1;
        self.leaders.clear();
        for lane in &mut self.lanes {
            lane.call = None;
            for connection in lane.connections.values_mut() {
                *connection = Connection { number: connection.number + 1, arrives: 0 };
            }
        }
    }

    /// Whether this is what a lane waits for; it then waits no longer.
    pub(super) fn hears(&mut self, life: u32, lane: usize, call: u64, answer: Option<&Answer>) -> bool {
        let lane = &mut self.lanes[lane];
        if self.life != life || lane.call != Some(call) || !self.is_up {
            return false;
        }
        lane.call = None;
        if matches!(answer, None | Some(Answer::Elsewhere)) {
            self.leaders.remove(&lane.part);
        }
        if answer.is_none()
            && let Some(connection) = lane.connections.get_mut(&lane.to)
        {
            *connection = Connection { number: connection.number + 1, arrives: 0 };
        }
        true
    }
}

impl World {
    fn delay(&mut self) -> u64 {
        let slow = self.net.slow;
        100 + self.random.below(3_000) + self.random.below(slow.max(1))
    }

    fn is_lost(&mut self) -> bool {
        let of = self.net.lost_of;
        let lost = of > 0 && self.random.one_in(of);
        self.coverage.messages_lost += u64::from(lost);
        lost
    }

    /// Sends a client's request to the leader of a partition.
    pub(super) fn client_calls(
        &mut self,
        client: usize,
        lane: usize,
        part: usize,
        ask: Ask,
        (patience, is_strict): (u64, bool),
    ) {
        let leader = self.partitions[part].leader;
        let endpoint = &mut self.endpoints[client];
        endpoint.calls += 1;
        let (call, life) = (endpoint.calls, endpoint.life);
        let caller = Caller::Client { client, life, lane, call };
        let to = endpoint.leaders.get(&part).copied().or(leader);
        let waiting = &mut endpoint.lanes[lane];
        (waiting.call, waiting.part) = (Some(call), part);
        let Some(to) = to else { return self.after(50 * MILLI, Item::GiveUp { caller }) };
        waiting.to = to;
        endpoint.leaders.insert(part, to);
        let (delay, is_lost, now) = (self.delay(), self.is_lost(), self.now);
        let connection = self.endpoints[client].lanes[lane].connections.entry(to).or_default();
        let arrives = (connection.arrives + 1).max(now + delay);
        connection.arrives = arrives;
        let connection = connection.number;
        if !is_lost {
            let request = Request { to, caller, connection, is_strict, ask };
            self.at(arrives, Item::Deliver(Box::new(request)));
        }
        self.after(patience, Item::GiveUp { caller });
    }

    /// Sends a node's request to another, or itself.
    pub(super) fn node_calls(&mut self, node: usize, to: usize, ask: Ask, then: Then, patience: u64) {
        let call = self.unique();
        let life = self.nodes[node].life;
        self.nodes[node].calls.insert(call, then);
        let caller = Caller::Node { node, life, call };
        let delay = self.delay();
        let is_strict = matches!(&ask, Ask::Mark { marker, .. } if !marker.version.bumps_epoch());
        if !self.is_lost() {
            let request = Request { to, caller, connection: 0, is_strict, ask };
            self.after(delay, Item::Deliver(Box::new(request)));
        }
        self.after(patience, Item::GiveUp { caller });
    }

    pub(super) fn answer(&mut self, _: usize, caller: Caller, answer: Answer) {
        let delay = self.delay();
        if !matches!(caller, Caller::Shell | Caller::Nobody) && !self.is_lost() {
            self.after(delay, Item::Answered { caller, answer: Box::new(answer) });
        }
    }
}
