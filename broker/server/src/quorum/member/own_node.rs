//! The node that this member lives on: its machine's requests go to the controller as anybody's would, its news to the broker.

use broker_controller::{Heartbeat, RegisterBroker, Request};
use broker_coordinator as coordinator;
use broker_node as node;
use broker_types::ReplyId;

use super::{Events, Member};
use crate::quorum::{NodeNews, NodeRequest, QuorumDiskError};

/// Replies to the node's own requests; others count up from below.
pub(super) const NODE_REGISTRATION: ReplyId = ReplyId::new(u64::MAX);
pub(super) const NODE_HEARTBEAT: ReplyId = ReplyId::new(u64::MAX - 1);

impl<E: Events> Member<E> {
    /// Steps the node's machine and does what it wants.
    pub(super) fn node_step(&mut self, event: node::Event) -> Result<(), QuorumDiskError> {
        let mut actions = Vec::new();
        self.node.step(self.clock.now(), event, &mut actions);
        for action in actions {
            match action {
                node::Action::SendRegistration(registration) => self.register(registration)?,
                node::Action::SendHeartbeat(heartbeat) => self.heartbeat(heartbeat)?,
                node::Action::CaughtUp => {
                    if let Some(epoch) = self.node.epoch() {
                        // Returns when the partitions are open.
                        self.events.node(NodeNews::CaughtUp(epoch));
                        self.node_step(node::Event::ReadyToServe)?;
                    }
                }
                node::Action::BecameReady => self.events.node(NodeNews::Ready),
                node::Action::MayStop => self.events.node(NodeNews::MayStop),
                node::Action::GiveUp(why) => {
                    tracing::error!(%why, "this broker cannot go on");
                    self.events.node(NodeNews::GaveUp);
                }
            }
        }
        Ok(())
    }

    fn register(&mut self, registration: node::Registration) -> Result<(), QuorumDiskError> {
        let register = RegisterBroker {
            broker: self.id(),
            cluster: self.settings.cluster.clone(),
            incarnation: registration.incarnation,
            endpoints: self.settings.endpoints.clone(),
            features: self.settings.features.clone(),
            rack: self.settings.rack.clone(),
            log_dirs: registration.log_dirs,
            previous_epoch: registration.previous_epoch,
        };
        match self.other_controller() {
            Some(address) => self.controller.ask(&address, NodeRequest::Register(Box::new(register))),
            None => {
                let request = Request::RegisterBroker(register);
                self.driver_step(coordinator::Event::Request { reply: NODE_REGISTRATION, request })?;
            }
        }
        Ok(())
    }

    fn heartbeat(&mut self, heartbeat: node::Heartbeat) -> Result<(), QuorumDiskError> {
        let heartbeat = Heartbeat {
            broker: self.id(),
            epoch: heartbeat.epoch,
            metadata_offset: heartbeat.metadata_offset,
            want_fence: heartbeat.want_fence,
            want_shut_down: heartbeat.want_shut_down,
            offline_log_dirs: heartbeat.offline_log_dirs,
            cordoned_log_dirs: heartbeat.cordoned_log_dirs,
        };
        match self.other_controller() {
            Some(address) => self.controller.ask(&address, NodeRequest::Heartbeat(heartbeat)),
            None => {
                let request = Request::Heartbeat(heartbeat);
                self.driver_step(coordinator::Event::Request { reply: NODE_HEARTBEAT, request })?;
            }
        }
        Ok(())
    }

    /// Where the active controller is, when it is another node. Without one the own controller refuses, and the node's
    /// machine tries again.
    pub(super) fn other_controller(&self) -> Option<String> {
        let leader = self.raft.state().leader.filter(|leader| *leader != self.id())?;
        self.peers.address(leader).map(str::to_owned)
    }
}
