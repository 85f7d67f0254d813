//! Following the leaders: the fetchers of a node, one for each broker that leads something of it.

use broker_node::fetcher::{Action, Event, Fetcher, Key, LogState, Told, WriteFailure, truncation_point};
use broker_replication::Event as ReplicaEvent;
use broker_types::{LeaderEpoch, Offset};

use super::{
    log::Record,
    message::Body,
    node::{Call, Following, broker},
    setup::{self, Durability},
    world::{Done, Item, World},
};

/// A fetch without an answer for so long has failed.
const PATIENCE: u64 = 1_500_000;

impl World {
    /// Gives a fetcher events, and does what it wants until it waits.
    pub(super) fn drive(&mut self, node: usize, leader: usize, mut events: Vec<Event>) {
        let mut actions = Vec::new();
        while !events.is_empty() {
            let mut synced = Vec::new();
            for event in std::mem::take(&mut events) {
                let now = self.now_of(node);
                let Some(live) = self.live(node) else { return };
                let following = live.fetchers.entry(leader).or_insert_with(|| Following {
                    fetcher: Fetcher::new(setup::fetcher()),
                    under_way: None,
                    records: Vec::new(),
                });
                following.fetcher.step(now, event, &mut actions);
            }
            for action in std::mem::take(&mut actions) {
                events.extend(self.fetcher_wants(node, leader, action, &mut synced));
            }
            if self.setup.durability == Durability::Synced && !synced.is_empty() {
                // What the leader is told next must be durable first.
                let (due, life) = (self.sync_ends(node), self.nodes[node].life);
                let done = Done::Followed { leader, synced, events: std::mem::take(&mut events) };
                self.at(due, Item::Done { node, life, done });
            }
        }
        if let Some(live) = self.live(node) {
            live.fetchers
                .retain(|_, following| !following.fetcher.is_empty() || following.under_way.is_some());
        }
    }

    fn fetcher_wants(
        &mut self,
        node: usize,
        leader: usize,
        action: Action,
        synced: &mut Vec<(Key, i64)>,
    ) -> Option<Event> {
        match action {
            Action::SendFetch(request) => {
                let epoch = self.live(node)?.machine.epoch();
                let body = Body::Fetch { replica: broker(node), epoch, request };
                let call = self.call(node, leader, Call::Fetch { leader }, body, PATIENCE);
                self.live(node)?.fetchers.get_mut(&leader)?.under_way = Some(call);
                None
            }
            Action::Abandon => {
                self.coverage.fetches_abandoned += 1;
                let live = self.live(node)?;
                let call = live.fetchers.get_mut(&leader)?.under_way.take()?;
                live.calls.remove(&call);
                None
            }
            Action::AskBounds { partition, epoch } => {
                let body = Body::Bounds { key: partition, epoch };
                self.call(node, leader, Call::Bounds { leader, key: partition, epoch }, body, PATIENCE);
                None
            }
            Action::Write { partition, epoch, index, told } => {
                let following = self.live(node)?.fetchers.get_mut(&leader)?;
                let records = following.records.get(index).cloned().unwrap_or_default();
                Some(self.write_fetched(node, partition, epoch, &records, told, synced))
            }
            Action::SetHighWatermark { partition, epoch, told } => {
                Some(self.write_fetched(node, partition, epoch, &[], told, synced))
            }
            Action::Truncate { partition, epoch, theirs } => {
                let log = self.nodes[node].disk.logs.get(&partition)?;
                let to = truncation_point(theirs, log.end_for(theirs.epoch), Offset::new(log.end()));
                Some(self.cut(node, partition, epoch, to))
            }
            Action::TruncateAt { partition, epoch, to } => Some(self.cut(node, partition, epoch, to)),
            Action::Restart { .. } => {
                self.fail(|| "a log starts past 0, and nobody deleted anything".to_owned());
                None
            }
        }
    }

    /// Whether this very leadership is followed still.
    fn follows(&self, node: usize, key: Key, epoch: LeaderEpoch) -> bool {
        let held = self.nodes[node].live.as_ref().and_then(|live| live.replicas.get(&key));
        held.is_some_and(|held| held.replica.follows() == Some(epoch))
    }

    fn write_fetched(
        &mut self,
        node: usize,
        key: Key,
        epoch: LeaderEpoch,
        records: &[Record],
        told: Told,
        synced: &mut Vec<(Key, i64)>,
    ) -> Event {
        let refused = |failure| Event::NotWritten { partition: key, epoch, failure };
        if !self.follows(node, key, epoch) {
            return refused(WriteFailure::Stop);
        }
        if self.nodes[node].disk.is_full && !records.is_empty() {
            self.coverage.follower_disk_full += 1;
            return refused(WriteFailure::TryAgain);
        }
        for record in records {
            let Some(log) = self.nodes[node].disk.logs.get_mut(&key) else { break };
            let offset = log.end();
            log.append(*record);
            let checked = self.truth.record_written(node, key, offset, *record);
            self.hold(checked);
        }
        let state = self.log_state(node, key);
        if !records.is_empty() {
            synced.push((key, state.end.get()));
        }
        let fetched = ReplicaEvent::Fetched {
            log_end: state.end,
            high_watermark: told.high_watermark,
            log_start: told.log_start,
        };
        self.replica_step(node, key, fetched);
        Event::Written { partition: key, epoch, log: self.log_state(node, key) }
    }

    fn log_state(&self, node: usize, key: Key) -> LogState {
        let log = self.nodes[node].disk.logs.get(&key);
        log.map_or_else(|| super::log::Log::default().state(), super::log::Log::state)
    }

    fn cut(&mut self, node: usize, key: Key, epoch: LeaderEpoch, to: Offset) -> Event {
        if !self.follows(node, key, epoch) {
            return Event::NotWritten { partition: key, epoch, failure: WriteFailure::Stop };
        }
        if let Some(log) = self.nodes[node].disk.logs.get_mut(&key) {
            if to.get() < log.end() {
                self.coverage.truncations += 1;
            }
            log.truncate(to.get());
        }
        self.replica_step(node, key, ReplicaEvent::Truncated { log_end: to });
        Event::Written { partition: key, epoch, log: self.log_state(node, key) }
    }

    /// A leader answered a fetch, or did not.
    pub(super) fn fetch_answered(&mut self, node: usize, leader: usize, id: u64, body: Option<Body>) {
        let Some(live) = self.live(node) else { return };
        let Some(following) = live.fetchers.get_mut(&leader) else { return };
        if following.under_way != Some(id) {
            return;
        }
        following.under_way = None;
        let event = match body {
            Some(Body::Fetched { answer, records }) => {
                following.records = records;
                Event::Answered(answer)
            }
            _ => Event::Failed,
        };
        self.drive(node, leader, vec![event]);
    }
}
