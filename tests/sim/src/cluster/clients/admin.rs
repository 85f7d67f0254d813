//! Administrators: they create and delete topics, set configs, move replicas and leaders, change voters.

use std::time::Duration;

use broker_controller::{
    AlterReassignments, ConfigChange, ConfigOperation, CreateTopicError, CreateTopics, DeleteTopicError,
    DeleteTopics, ElectLeaders, ElectionType, FeatureUpdate, IncrementalAlterConfigs, NewTopic, Reassignment,
    Request, Response, TopicRef, UpdateFeatures, UpgradeType,
};
use broker_metadata::ConfigResource;
use broker_protocol::Str;
use broker_raft::{Request as RaftRequest, VoterRequest};

use super::{Body, Work};
use crate::cluster::{
    invariants::Effect,
    node::{broker, voter},
    setup::{Durability, ELR},
    world::World,
};

/// What is being asked.
#[derive(Clone, Debug)]
enum Asked {
    Create(String),
    Delete(String),
    Set(String, String),
    Other,
}

/// An administrator.
pub(super) struct Admin {
    number: usize,
    asked: Option<(Asked, u64)>,
}

impl Admin {
    pub(super) const fn new(number: usize) -> Self {
        Self { number, asked: None }
    }

    /// There was no answer.
    pub(super) fn nobody_knows(&mut self) {
        self.asked = None;
    }
}

fn create(name: &str, partitions: i32, factor: i16) -> Request {
    let topic = NewTopic {
        name: Str::from(name),
        partitions: Some(partitions),
        replication_factor: Some(factor),
        assignments: Vec::new(),
        configs: Vec::new(),
    };
    Request::CreateTopics(CreateTopics { topics: vec![topic], validate_only: false })
}

fn set(resource: ConfigResource, name: &'static str, value: &str) -> Request {
    let value = Some(Str::from(value));
    let change = ConfigChange { name: Str::from_static(name), operation: ConfigOperation::Set, value };
    let resources = vec![(resource, vec![change])];
    Request::IncrementalAlterConfigs(IncrementalAlterConfigs { resources, validate_only: false })
}

impl World {
    pub(super) fn admin_turn(&mut self, client: usize, target: usize) {
        if self.clients.has_ended {
            return;
        }
        let now = self.now;
        let (asked, body) = match self.first_work() {
            Some((asked, request)) => (asked, Body::Ask(Box::new(request))),
            None => self.next_work(),
        };
        if let Work::Admin(admin) = &mut self.clients.all[client].work {
            admin.asked = Some((asked, now));
        }
        self.client_calls(client, target, body);
    }

    /// What every cluster needs.
    fn first_work(&mut self) -> Option<(Asked, Request)> {
        let image = self.truth.image();
        let active = image.cluster().brokers().values().filter(|known| known.is_active()).count();
        if self.setup.durability == Durability::Eligible && image.features().level(ELR) == 0 {
            let update =
                FeatureUpdate { name: Str::from_static(ELR), level: 1, upgrade: UpgradeType::Upgrade };
            let updates = UpdateFeatures { updates: vec![update], validate_only: false };
            return Some((Asked::Other, Request::UpdateFeatures(updates)));
        }
        let missing = ["t0", "t1"].into_iter().find(|name| image.topics().find(name).is_none())?;
        (active >= 3).then(|| (Asked::Create(missing.to_owned()), create(missing, 2, 3)))
    }

    fn next_work(&mut self) -> (Asked, Body) {
        let name = format!("s{}", self.random.below(3));
        let request = match self.random.below(12) {
            0 | 1 => {
                let factor = 1 + self.random.below(3) as i16;
                return ask(Asked::Create(name.clone()), create(&name, 1, factor));
            }
            2 | 3 => {
                let topics = vec![TopicRef::Name(Str::from(&*name))];
                return ask(Asked::Delete(name), Request::DeleteTopics(DeleteTopics { topics }));
            }
            4 | 5 => {
                let value = self.unique().to_string();
                let request = set(ConfigResource::topic("t0"), "retention.ms", &value);
                return ask(Asked::Set("t0/retention.ms".to_owned(), value), request);
            }
            6 if self.setup.durability != Durability::Eligible => {
                let value = (2 + self.random.below(2)).to_string();
                set(ConfigResource::topic("t1"), "min.insync.replicas", &value)
            }
            7 => {
                self.coverage.preferred_elections += 1;
                Request::ElectLeaders(ElectLeaders { kind: ElectionType::Preferred, topics: None })
            }
            8 | 9 if self.setup.changes_voters => return self.change_voters(),
            _ => return self.reassign(),
        };
        ask(Asked::Other, request)
    }

    fn reassign(&mut self) -> (Asked, Body) {
        let topic = if self.random.one_in(2) { "t0" } else { "t1" };
        let partition = broker_types::PartitionId::new(self.random.below(2) as i32);
        let mut nodes: Vec<i32> = (0..self.nodes.len() as i32).collect();
        for last in (1..nodes.len()).rev() {
            nodes.swap(last, self.random.below(last as u64 + 1) as usize);
        }
        nodes.truncate(3);
        let replicas = if self.random.one_in(5) { None } else { Some(nodes) };
        self.coverage.reassignments += 1;
        let topics = vec![(Str::from(topic), vec![Reassignment { partition, replicas }])];
        let request = AlterReassignments { topics, allow_replication_factor_change: false };
        ask(Asked::Other, Request::AlterReassignments(request))
    }

    fn change_voters(&mut self) -> (Asked, Body) {
        self.coverage.voter_requests += 1;
        let node = self.any_node();
        let voter = voter(node, self.nodes[node].disk.directory);
        let timeout = Duration::from_secs(2);
        let lead = self.nodes.iter().filter_map(|node| node.live.as_ref());
        let voters = lead.map(|live| live.raft.voters()).find(|voters| !voters.is_empty());
        let (is_voter, count) =
            voters.map_or((false, 0), |voters| (voters.get(broker(node)).is_some(), voters.len()));
        let request = if is_voter && count > 3 {
            VoterRequest::Remove { voter: voter.key, timeout }
        } else {
            VoterRequest::Add { voter, timeout, ack_when_committed: self.random.one_in(2) }
        };
        (Asked::Other, Body::Raft(RaftRequest::Voters(request)))
    }

    pub(super) fn admin_answered(&mut self, client: usize, _from: usize, body: Body) {
        let now = self.now;
        let one = &mut self.clients.all[client];
        let Work::Admin(admin) = &mut one.work else { return };
        let pause = 400_000 * admin.number as u64;
        let Some((asked, since)) = admin.asked.take() else { return };
        match body {
            Body::Told(Some(response)) => {
                if let Some(effect) = effect(&asked, &response) {
                    match &effect {
                        Effect::Created(_) => self.coverage.topics_created += 1,
                        Effect::Deleted(_) => self.coverage.topics_deleted += 1,
                        Effect::Set(..) => self.coverage.configs_set += 1,
                        Effect::WasThere(_) | Effect::WasNotThere(_) => {}
                    }
                    let checked = self.truth.told(&effect, since, now);
                    self.hold(checked);
                }
            }
            Body::RaftAnswer(..) => {}
            _ => one.target = None,
        }
        if !self.clients.has_ended {
            self.client_soon(client, pause);
        }
    }
}

fn ask(asked: Asked, request: Request) -> (Asked, Body) {
    (asked, Body::Ask(Box::new(request)))
}

/// What an answer says about the past.
fn effect(asked: &Asked, response: &Response) -> Option<Effect> {
    match (asked, response) {
        (Asked::Create(name), Response::CreateTopics(results)) => match &results.first()?.1 {
            Ok(_) => Some(Effect::Created(name.clone())),
            Err(CreateTopicError::Exists(_)) => Some(Effect::WasThere(name.clone())),
            Err(_) => None,
        },
        (Asked::Delete(name), Response::DeleteTopics(results)) => match &results.first()?.result {
            Ok(()) => Some(Effect::Deleted(name.clone())),
            Err(DeleteTopicError::UnknownName) => Some(Effect::WasNotThere(name.clone())),
            Err(_) => None,
        },
        (Asked::Set(place, value), Response::IncrementalAlterConfigs(results)) => {
            let is_done = results.first()?.1.is_ok();
            is_done.then(|| Effect::Set(place.clone(), value.clone()))
        }
        _ => None,
    }
}
