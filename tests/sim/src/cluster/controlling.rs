//! The controller on a node, and the node's own requests to whichever controller is active.

use std::{mem, sync::Arc};

use broker_controller::{Heartbeat, RegisterBroker, RegisterController, Request, Response};
use broker_coordinator::{self as coordinator, Refused};
use broker_metadata::{Delta, Endpoint, Image};
use broker_node::{self as node_machine, Failure, Standing};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_raft::{self as raft, SnapshotId};
use broker_types::{LeaderEpoch, Offset, ReplyId};

use super::{
    defect::Defect,
    message::{Body, Caller},
    metadata_log::{Batch, SnapshotFile},
    node::{Asker, Call, broker, index},
    setup,
    world::World,
};

type DriverEvent = coordinator::Event<broker_controller::Controller>;

/// A second without an answer is a failure.
const PATIENCE: u64 = 1_000_000;
/// A snapshot is due after so many records.
const SNAPSHOT_RECORDS: u64 = 120;

/// Whether publishing is worth it.
const fn is_change(record: &MetadataRecord) -> bool {
    !matches!(record, MetadataRecord::NoOp(_))
}

impl World {
    pub(super) fn driver_step(&mut self, node: usize, event: DriverEvent) {
        let now = self.now_of(node);
        let Some(live) = self.live(node) else { return };
        let mut actions = Vec::new();
        live.driver.step(now, event, &mut actions);
        for action in actions {
            match action {
                coordinator::Action::Append { epoch, records, .. } => self.append(node, epoch, records),
                coordinator::Action::Reply { reply, response } => {
                    if let Some(live) = self.live(node) {
                        live.ready.push((reply, response));
                    }
                }
            }
        }
    }

    /// Writes records as one batch.
    fn append(&mut self, node: usize, epoch: LeaderEpoch, records: Vec<MetadataRecord>) {
        let first = self.nodes[node].disk.metadata.end();
        let end = first + records.len() as i64;
        self.count_changes(node, first, &records);
        let batch = Batch { first, end, epoch, unique: self.unique(), records, voters: None };
        self.append_batch(node, Arc::new(batch));
        let (first, last) = (Offset::new(first), Offset::new(end - 1));
        self.driver_step(node, coordinator::Event::Appended { first, last });
        self.raft_step(node, raft::Event::Appended { end: Offset::new(end) });
    }

    pub(super) fn count_changes(&mut self, node: usize, first: i64, records: &[MetadataRecord]) {
        let Some(live) = self.live(node) else { return };
        live.snapshot_records += records.len() as u64;
        let changes = (first..).zip(records).filter(|(_, record)| is_change(record));
        if let Some((offset, _)) = changes.last() {
            live.last_change = live.last_change.max(Some(Offset::new(offset)));
        }
    }

    /// Publishes what is committed, then lets the replies go that rest on it, until nothing is left.
    pub(super) fn finish_metadata(&mut self, node: usize) {
        loop {
            self.publish(node);
            let Some(live) = self.live(node) else { return };
            let ready = mem::take(&mut live.ready);
            if ready.is_empty() {
                break;
            }
            for (reply, response) in ready {
                self.reply(node, reply, response);
            }
        }
        self.propose(node);
        self.snapshot_if_due(node);
    }

    fn publish(&mut self, node: usize) {
        let Some(live) = self.live(node) else { return };
        let image = live.driver.committed().settled();
        if image.last_offset() == live.published.last_offset() {
            return;
        }
        let image = image.clone();
        let delta = if live.last_change > live.published.last_offset() {
            Delta::between(&live.published, &image)
        } else {
            Delta::default()
        };
        live.published = image.clone();
        let checked = self.truth.published(node, &image);
        self.hold(checked);
        if self.live(node).is_some_and(|live| live.has_taken_up) {
            self.follow_image(node, &image, &delta);
        }
        if let Some(offset) = image.last_offset() {
            self.machine_step(node, node_machine::Event::MetadataAt(offset));
        }
    }

    fn reply(&mut self, node: usize, reply: ReplyId, response: Result<Response, Refused>) {
        let Some(asker) = self.live(node).and_then(|live| live.askers.remove(&reply)) else { return };
        match asker {
            Asker::Other(caller) => self.answer(node, caller, Body::Told(response.ok().map(Box::new))),
            Asker::Own(call) => self.controller_answered(node, &call, response.ok()),
        }
    }

    /// Somebody asks the controller of this node.
    pub(super) fn controller_asked(&mut self, node: usize, caller: Caller, request: Request) {
        if self.is_broken(Defect::AnsweredBeforeCommit)
            && let Request::IncrementalAlterConfigs(alter) = &request
            && self.live(node).is_some_and(|live| live.driver.leads().is_some())
        {
            let done = alter.resources.iter().map(|(resource, _)| (resource.clone(), Ok(()))).collect();
            self.answer(node, caller, Body::Told(Some(Box::new(Response::IncrementalAlterConfigs(done)))));
        }
        self.decide(node, Asker::Other(caller), request);
    }

    fn decide(&mut self, node: usize, asker: Asker, request: Request) {
        let request = self.falsified(node, request);
        let Some(live) = self.live(node) else { return };
        let reply = ReplyId::new(live.next());
        live.askers.insert(reply, asker);
        self.driver_step(node, coordinator::Event::Request { reply, request });
    }

    /// Asks the active controller, wherever it is.
    pub(super) fn ask_controller(&mut self, node: usize, call: Call, request: Request) {
        let Some(live) = self.live(node) else { return };
        let leader = live.raft.state().leader.map(index).filter(|leader| *leader != node);
        match leader {
            Some(leader) => {
                self.call(node, leader, call, Body::Ask(Box::new(request)), PATIENCE);
            }
            None => self.decide(node, Asker::Own(call), request),
        }
    }

    /// The controller answered, or did not.
    pub(super) fn controller_answered(&mut self, node: usize, call: &Call, response: Option<Response>) {
        match call {
            Call::Register => {
                let answer = match response {
                    Some(Response::RegisterBroker(Ok(epoch))) => Ok(epoch),
                    _ => Err(Failure::Retry),
                };
                self.machine_step(node, node_machine::Event::RegistrationAnswered(answer));
            }
            Call::Heartbeat => {
                let answer = match response {
                    Some(Response::Heartbeat(Ok(reply))) => Ok(Standing {
                        caught_up: reply.caught_up,
                        fenced: reply.fenced,
                        shut_down: reply.shut_down,
                    }),
                    Some(Response::Heartbeat(Err(_))) => Err(Failure::StaleEpoch),
                    _ => Err(Failure::Retry),
                };
                self.machine_step(node, node_machine::Event::HeartbeatAnswered(answer));
            }
            Call::AlterPartition(proposed) => self.isr_answered(node, proposed, response),
            _ => {}
        }
    }

    /// Steps the machine of the node's own life.
    pub(super) fn machine_step(&mut self, node: usize, event: node_machine::Event) {
        let now = self.now_of(node);
        let Some(live) = self.live(node) else { return };
        let mut actions = Vec::new();
        live.machine.step(now, event, &mut actions);
        for action in actions {
            match action {
                node_machine::Action::SendRegistration(registration) => self.register(node, registration),
                node_machine::Action::SendHeartbeat(heartbeat) => self.heartbeat(node, heartbeat),
                node_machine::Action::CaughtUp => {
                    self.take_up(node);
                    self.machine_step(node, node_machine::Event::ReadyToServe);
                }
                node_machine::Action::BecameReady => self.coverage.unfenced += 1,
                node_machine::Action::MayStop => self.stopped(node),
                node_machine::Action::GiveUp(why) => self.fail(|| format!("node {node} gives up: {why}")),
            }
        }
    }

    fn register(&mut self, node: usize, registration: node_machine::Registration) {
        let request = RegisterBroker {
            broker: broker(node),
            cluster: setup::cluster(),
            incarnation: registration.incarnation,
            endpoints: vec![endpoint()],
            features: setup::controller(node).features,
            rack: Some(Str::from(["a", "b", "c"][node % 3])),
            log_dirs: registration.log_dirs,
            previous_epoch: registration.previous_epoch,
        };
        self.ask_controller(node, Call::Register, Request::RegisterBroker(request));
    }

    fn heartbeat(&mut self, node: usize, heartbeat: node_machine::Heartbeat) {
        let request = Heartbeat {
            broker: broker(node),
            epoch: heartbeat.epoch,
            metadata_offset: heartbeat.metadata_offset,
            want_fence: heartbeat.want_fence,
            want_shut_down: heartbeat.want_shut_down,
            offline_log_dirs: heartbeat.offline_log_dirs,
            cordoned_log_dirs: heartbeat.cordoned_log_dirs,
        };
        self.ask_controller(node, Call::Heartbeat, Request::Heartbeat(request));
    }

    /// Makes this node known as a controller, when that is due.
    pub(super) fn register_controller(&mut self, node: usize) {
        let now = self.now_of(node).mono;
        let Some(live) = self.live(node) else { return };
        if live.registration_due().is_none_or(|due| now < due) {
            return;
        }
        live.register_after = now.plus(std::time::Duration::from_secs(1));
        let request = RegisterController {
            controller: broker(node),
            incarnation: live.incarnation,
            endpoints: vec![endpoint()],
            features: setup::controller(node).features,
        };
        self.ask_controller(node, Call::RegisterController, Request::RegisterController(request));
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, node: usize) {
        let now = self.now_of(node).mono;
        let Some(live) = self.live(node) else { return };
        let (driver, machine, raft) = (
            live.driver.next_deadline().is_some_and(|due| due <= now),
            live.machine.next_deadline().is_some_and(|due| due <= now),
            live.raft.next_deadline().is_some_and(|due| due <= now),
        );
        if driver {
            self.driver_step(node, coordinator::Event::Tick);
        }
        if machine {
            self.machine_step(node, node_machine::Event::Tick);
        }
        if raft {
            self.raft_step(node, raft::Event::Tick);
        }
        self.register_controller(node);
        self.tick_replicas(node);
    }

    fn snapshot_if_due(&mut self, node: usize) {
        let omits = self.is_broken(Defect::SnapshotOmitsRecord);
        let Some(live) = self.live(node).filter(|live| live.snapshot_records >= SNAPSHOT_RECORDS) else {
            return;
        };
        let image: Image = live.published.clone();
        let Some(last) = image.last_offset() else { return };
        let end = last.next();
        let id = SnapshotId { end, epoch: live.raft.epoch_before(end) };
        let voters = live.raft.voters_before(end).clone();
        live.snapshot_records = 0;
        let Some(hash) = self.nodes[node].disk.metadata.hash_before(end.get()) else { return };
        let mut records: Vec<_> = image.to_records(image.metadata_version()).collect();
        if omits {
            records.pop();
        }
        let file = SnapshotFile { id, records, voters, hash };
        self.coverage.snapshots += 1;
        self.nodes[node].disk.metadata.snapshot_taken(Arc::new(file));
        self.raft_step(node, raft::Event::SnapshotTaken { id, log_start: end });
    }
}

fn endpoint() -> Endpoint {
    Endpoint { name: Str::from("PLAIN"), host: Str::from("host"), port: 9092, security_protocol: 0 }
}
