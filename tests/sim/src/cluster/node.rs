//! One node: what outlives its process, and the machines while it lives.

use std::collections::BTreeMap;

use broker_controller::{Controller, Response};
use broker_coordinator::{Driver, Refused};
use broker_metadata::Image;
use broker_node::{
    Node as NodeMachine,
    fetcher::{Fetcher, Key},
};
use broker_raft::{Correlation, Raft, SnapshotId, Voter, VoterKey, Voters};
use broker_replication::Replica;
use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, IncarnationId, LeaderEpoch, Mono, Offset, ReplyId, Uuid,
};

use super::{
    clock::SkewedClock,
    isr::Proposals,
    log::{Log, Record},
    message::{Caller, Payload},
    metadata_log::MetadataLog,
    serving::{Parked, Session},
    setup::{self, Rules},
};

/// What outlives the process.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    pub(super) directory: DirectoryId,
    pub(super) metadata: MetadataLog,
    pub(super) logs: BTreeMap<Key, Log>,
    /// The registration with which the last life ended cleanly.
    pub(super) clean_epoch: Option<BrokerEpoch>,
    /// A sync takes up to so many microseconds.
    pub(super) sync_time: u64,
    /// No room for records.
    pub(super) is_full: bool,
    /// The next sync fails.
    pub(super) fails: bool,
    /// Syncs end one after the other.
    pub(super) busy_until: u64,
}

/// A node.
pub(super) struct Node {
    pub(super) id: usize,
    pub(super) life: u32,
    pub(super) clock: SkewedClock,
    pub(super) disk: Disk,
    pub(super) live: Option<Live>,
    /// Stopped, not ended (SIGSTOP).
    pub(super) paused_until: u64,
    /// Lost power, or all its data, and is not in sync everywhere yet.
    pub(super) has_amnesia: bool,
}

/// What a node asked of another one.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Raft(Correlation),
    Register,
    Heartbeat,
    RegisterController,
    AlterPartition(Proposals),
    Fetch { leader: usize },
    Bounds { leader: usize, key: Key, epoch: LeaderEpoch },
}

/// Who waits for the controller's reply.
#[derive(Clone, Debug)]
pub(super) enum Asker {
    Other(Caller),
    Own(Call),
}

/// A partition's replica.
pub(super) struct Held {
    pub(super) replica: Replica,
    pub(super) min_isr: u32,
    /// Who waits for a commit, and for which offset.
    pub(super) produces: BTreeMap<ReplyId, (Caller, i64)>,
}

/// Following one leader.
pub(super) struct Following {
    pub(super) fetcher: Fetcher,
    pub(super) under_way: Option<u64>,
    pub(super) records: Vec<Vec<Record>>,
}

/// The machines of a process.
pub(super) struct Live {
    pub(super) raft: Raft,
    pub(super) driver: Driver<Controller>,
    pub(super) machine: NodeMachine,
    pub(super) published: Image,
    pub(super) last_change: Option<Offset>,
    pub(super) held: BTreeMap<u64, Payload>,
    /// The snapshot that is being fetched, and how much of it is there.
    pub(super) partial: Option<(SnapshotId, u64, Payload)>,
    /// Members of the quorum that wait for an answer.
    pub(super) asking: BTreeMap<ReplyId, Caller>,
    pub(super) askers: BTreeMap<ReplyId, Asker>,
    pub(super) ready: Vec<(ReplyId, Result<Response, Refused>)>,
    pub(super) calls: BTreeMap<u64, Call>,
    pub(super) has_taken_up: bool,
    pub(super) replicas: BTreeMap<Key, Held>,
    pub(super) leaders: BTreeMap<Key, usize>,
    pub(super) fetchers: BTreeMap<usize, Following>,
    pub(super) sessions: BTreeMap<i32, Session>,
    pub(super) parked: Vec<Parked>,
    /// Parked fetches must look again.
    pub(super) is_stirred: bool,
    pub(super) proposals: Proposals,
    pub(super) is_proposing: bool,
    pub(super) propose_after: Mono,
    pub(super) register_after: Mono,
    pub(super) snapshot_records: u64,
    pub(super) checkpoint_at: Mono,
    pub(super) incarnation: IncarnationId,
    /// For what the world checks: how far this life knows things to be committed.
    pub(super) committed: i64,
    pub(super) next: u64,
    pub(super) wakes_at: u64,
}

pub(super) const fn broker(node: usize) -> BrokerId {
    BrokerId::new(node as i32)
}

pub(super) const fn index(broker: BrokerId) -> usize {
    broker.get() as usize
}

/// A directory's id: of which node, the how-manieth.
pub(super) const fn directory(node: usize, generation: u8) -> DirectoryId {
    let mut bytes = [0xd0; 16];
    bytes[0] = node as u8;
    bytes[1] = generation;
    DirectoryId::new(Uuid::from_bytes(bytes))
}

pub(super) const fn voter(node: usize, directory: DirectoryId) -> Voter {
    Voter { key: VoterKey { id: broker(node), directory }, endpoints: Vec::new(), kraft_versions: (0, 1) }
}

impl Node {
    pub(super) fn new(id: usize, clock: SkewedClock, bootstrap: Option<Voters>) -> Self {
        let disk = Disk {
            directory: directory(id, 1),
            metadata: MetadataLog::formatted(bootstrap),
            logs: BTreeMap::new(),
            clean_epoch: None,
            sync_time: 3_000,
            is_full: false,
            fails: false,
            busy_until: 0,
        };
        Self { id, life: 0, clock, disk, live: None, paused_until: 0, has_amnesia: false }
    }

    pub(super) const fn key(&self) -> VoterKey {
        VoterKey { id: broker(self.id), directory: self.disk.directory }
    }

    /// A new life, from what the disk has.
    pub(super) fn begin(&mut self, seed: u64) {
        self.life += 1;
        let durable = self.disk.metadata.durable();
        let snapshot = self.disk.metadata.snapshot.as_ref();
        let image = snapshot.map_or_else(Image::default, |file| file.image());
        let next = snapshot.map_or(Offset::ZERO, |file| file.id.end);
        let raft = Raft::new(voter(self.id, self.disk.directory), durable, setup::raft(), seed);
        let controller =
            Controller::new(setup::controller(self.id), Box::new(Rules), [seed, seed ^ 1, seed ^ 2, 3]);
        let mut incarnation = [0xe0; 16];
        incarnation[0] = self.id as u8;
        incarnation[1..5].copy_from_slice(&self.life.to_be_bytes());
        self.live = Some(Live {
            raft,
            published: image.clone(),
            driver: Driver::new(controller, image, next),
            machine: NodeMachine::new(setup::node(), seed),
            last_change: None,
            held: BTreeMap::new(),
            partial: None,
            asking: BTreeMap::new(),
            askers: BTreeMap::new(),
            ready: Vec::new(),
            calls: BTreeMap::new(),
            has_taken_up: false,
            replicas: BTreeMap::new(),
            leaders: BTreeMap::new(),
            fetchers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            parked: Vec::new(),
            is_stirred: false,
            proposals: Proposals::new(),
            is_proposing: false,
            propose_after: Mono::ZERO,
            register_after: Mono::ZERO,
            snapshot_records: 0,
            checkpoint_at: Mono::ZERO,
            incarnation: IncarnationId::new(Uuid::from_bytes(incarnation)),
            committed: next.get(),
            next: 0,
            wakes_at: u64::MAX,
        });
    }
}

impl Live {
    pub(super) fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// When something is due.
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        let replicas = self.replicas.values().filter_map(|held| held.replica.next_deadline());
        let fetchers = self.fetchers.values().filter_map(|following| following.fetcher.next_deadline());
        let parked = self.parked.iter().map(|parked| parked.until);
        let proposals = (!self.proposals.is_empty() && !self.is_proposing).then_some(self.propose_after);
        let machines = [self.raft.next_deadline(), self.driver.next_deadline(), self.machine.next_deadline()];
        let own = [proposals, Some(self.checkpoint_at), self.registration_due()];
        let all = machines.into_iter().chain(own).flatten();
        all.chain(replicas).chain(fetchers).chain(parked).min()
    }

    /// When this node must make itself known as a controller, if it must.
    pub(super) fn registration_due(&self) -> Option<Mono> {
        let known = self.published.cluster().controllers().values();
        let mut known = known.filter(|known| known.incarnation == self.incarnation);
        (known.next().is_none() && self.raft.state().leader.is_some()).then_some(self.register_after)
    }
}
