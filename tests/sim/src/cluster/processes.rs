//! Who notices that a process is gone: whoever is connected to it, or tries to be. A machine without power tells nobody.

use broker_controller::{Probe, Request, Suspect, SuspectAction, SuspectEvent};
use broker_coordinator as coordinator;
use broker_raft as raft;
use broker_types::ReplyId;

use super::{
    message::{Caller, Message},
    node::{Call, broker, index},
    world::{Item, World},
};

/// How long a listener is tried that does not answer.
const PROBE_PATIENCE: u64 = 1_000_000;
/// How long a refusal takes to arrive, at most.
const REFUSAL: u64 = 2_000;

/// What somebody notices.
#[derive(Debug)]
pub(super) enum Notice {
    /// Nobody listens where this went.
    Refused(Caller),
    /// The connection of a broker to the active controller has ended.
    Lost { node: usize, life: u32, lost: usize },
    /// A broker's listener was tried.
    Probed { node: usize, life: u32, one: Suspect, found: Probe },
}

impl World {
    /// Whether one node learns from another's machine that its process is gone.
    fn is_refused(&self, node: usize, by: usize) -> bool {
        let gone = &self.nodes[by];
        let is_open = self.net.is_open(node, by) && self.net.is_open(by, node);
        gone.live.is_none() && !gone.is_dark && is_open
    }

    /// Whether a node that asks still waits for the answer; of a client nobody knows.
    pub(super) fn is_awaited(&self, Caller { from, life, call }: Caller) -> bool {
        let Some(node) = self.nodes.get(from) else { return true };
        node.life == life && node.live.as_ref().is_some_and(|live| live.calls.contains_key(&call))
    }

    /// A request came to a node whose process is gone.
    pub(super) fn refuse(&mut self, message: &Message) {
        if message.is_answer || !self.is_refused(message.sender, message.to) {
            return;
        }
        self.coverage.refused_connections += 1;
        let pause = self.random.below(REFUSAL);
        self.after(pause, Item::Notice(Notice::Refused(message.caller)));
    }

    /// A process ended: controllers lose its connection.
    pub(super) fn process_gone(&mut self, gone: usize) {
        for node in 0..self.nodes.len() {
            let leads = self.nodes[node].live.as_ref().is_some_and(|live| live.driver.leads().is_some());
            if leads && self.is_refused(node, gone) {
                let (pause, life) = (self.random.below(REFUSAL), self.nodes[node].life);
                self.after(pause, Item::Notice(Notice::Lost { node, life, lost: gone }));
            }
        }
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Refused(Caller { from, life, call }) => self.refused(from, life, call),
            Notice::Lost { node, life, lost } if self.nodes[node].life == life => {
                let Some(live) = self.live(node) else { return };
                let known = live.driver.committed().settled().cluster().broker(broker(lost));
                let Some(known) = known.filter(|known| !known.fenced) else { return };
                let one = Suspect { broker: known.id, epoch: known.epoch };
                self.suspects_step(node, SuspectEvent::Lost(one));
                self.settle(node);
            }
            Notice::Probed { node, life, one, found } if self.nodes[node].life == life => {
                self.suspects_step(node, SuspectEvent::Probed(one, found));
                self.settle(node);
            }
            Notice::Lost { .. } | Notice::Probed { .. } => {}
        }
    }

    fn refused(&mut self, from: usize, life: u32, call: u64) {
        if from >= self.nodes.len() {
            return self.client_gives_up(from, call);
        }
        if self.nodes[from].life != life {
            return;
        }
        let Some(given_up) = self.live(from).and_then(|live| live.calls.remove(&call)) else { return };
        match given_up {
            Call::Raft(correlation) => self.raft_step(from, raft::Event::Refused { correlation }),
            other => self.answered(from, from, call, other, None),
        }
        self.settle(from);
    }

    /// Steps the machine of suspicions and does what it wants.
    pub(super) fn suspects_step(&mut self, node: usize, event: SuspectEvent) {
        let (now, life) = (self.now_of(node), self.nodes[node].life);
        let Some(live) = self.live(node) else { return };
        let mut actions = Vec::new();
        live.suspects.step(now, event, &mut actions);
        for action in actions {
            match action {
                SuspectAction::Probe(one) => {
                    let to = index(one.broker);
                    let is_open = self.net.is_open(node, to) && self.net.is_open(to, node);
                    let (found, pause) = match &self.nodes[to].live {
                        Some(_) if is_open => (Probe::Answered, self.random.below(REFUSAL)),
                        None if self.is_refused(node, to) => (Probe::Refused, self.random.below(REFUSAL)),
                        _ => (Probe::Silent, PROBE_PATIENCE),
                    };
                    self.after(pause, Item::Notice(Notice::Probed { node, life, one, found }));
                }
                SuspectAction::Fence(one) => self.fence(node, one),
            }
        }
    }

    fn fence(&mut self, node: usize, one: Suspect) {
        self.coverage.suspects_fenced += 1;
        let Some(live) = self.live(node) else { return };
        // Nobody waits for the reply.
        let reply = ReplyId::new(live.next());
        self.driver_step(node, coordinator::Event::Request { reply, request: Request::Suspect(one) });
    }

    /// This controller leads now, and has heard from nobody yet.
    pub(super) fn suspect_all(&mut self, node: usize) {
        let Some(live) = self.live(node) else { return };
        let brokers = live.driver.committed().settled().cluster().brokers().values();
        let others = brokers.filter(|known| !known.fenced && known.id != broker(node));
        let all = others.map(|known| Suspect { broker: known.id, epoch: known.epoch }).collect();
        self.suspects_step(node, SuspectEvent::Elected(all));
    }

    /// Takes from requests to the controller what they tell of suspects.
    pub(super) fn clear_suspects(&mut self, node: usize, request: &Request) {
        let Some(live) = self.live(node) else { return };
        match request {
            Request::Heartbeat(heartbeat) => {
                let known = live.driver.committed().cluster().broker(heartbeat.broker);
                if known.is_some_and(|known| known.epoch == heartbeat.epoch) {
                    self.suspects_step(node, SuspectEvent::Heard(heartbeat.broker));
                }
            }
            Request::RegisterBroker(registration) => {
                if let Some(one) = live.suspects.replaced(live.driver.committed(), registration) {
                    self.fence(node, one);
                }
            }
            _ => {}
        }
    }
}
