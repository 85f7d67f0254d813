//! A partition's replica on a node: the machine, its log, and the producers and readers that come to it.

use std::time::Duration;

use broker_node::fetcher::{Key, LogBounds};
use broker_replication::{Action, Durable, Event, ProduceFailure, Replica, Settings};
use broker_types::{LeaderEpoch, Offset, ReplyId};

use super::{
    defect::Defect,
    isr::Proposal,
    log::{Log, Record, Sequence},
    message::{Body, Caller, ProduceError},
    node::{Held, broker},
    setup::{self, Durability},
    world::{Done, Item, World},
};

/// How long a leader waits for its replicas.
const COMMIT_BY: Duration = Duration::from_millis(1_500);
/// Records in one answer to a reader.
const READ_MAX: usize = 20;
/// Between two writes of the high watermarks' checkpoint.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);

impl World {
    pub(super) fn new_replica(node: usize, min_isr: u32) -> Held {
        let settings = Settings { me: broker(node), lag_max: setup::LAG_MAX, waiting_max: 100 };
        Held { replica: Replica::new(settings), min_isr, produces: std::collections::BTreeMap::new() }
    }

    /// Gives the machine an event and does what it wants.
    pub(super) fn replica_step(&mut self, node: usize, key: Key, event: Event) {
        let now = self.now_of(node);
        let Some(held) = self.live(node).and_then(|live| live.replicas.get_mut(&key)) else { return };
        let led = held.replica.leads();
        let mut actions = Vec::new();
        held.replica.step(now, event, &mut actions);
        let leads = held.replica.leads();
        if led != leads
            && let Some(live) = self.live(node)
        {
            live.is_stirred = true;
        }
        if let Some(epoch) = leads.filter(|_| led != leads) {
            self.begins_to_lead(node, key, epoch);
        }
        for action in actions {
            self.replica_wants(node, key, action);
        }
    }

    fn begins_to_lead(&mut self, node: usize, key: Key, epoch: LeaderEpoch) {
        self.coverage.partition_leaders += 1;
        let Some(log) = self.nodes[node].disk.logs.get(&key) else { return };
        let checked = self.truth.partition_leads(node, key, epoch, log);
        self.hold(checked);
    }

    fn replica_wants(&mut self, node: usize, key: Key, action: Action) {
        match action {
            Action::AdvanceHighWatermark(offset) => self.high_watermark(node, key, offset.get()),
            Action::ProposeIsr { epoch, partition_epoch, isr } => {
                if let Some(live) = self.live(node) {
                    let proposal = Proposal { epoch, partition_epoch, isr };
                    live.proposals.insert((key.topic, key.partition), proposal);
                }
            }
            Action::CompleteProduce { reply, result } => self.produced(node, key, reply, result),
            Action::AdvanceLogStart(_) | Action::CompleteDelete { .. } => {
                self.fail(|| "nobody deletes records here".to_owned());
            }
        }
    }

    fn high_watermark(&mut self, node: usize, key: Key, offset: i64) {
        let is_off = self.is_broken(Defect::HighWatermarkOffByOne);
        let Some(log) = self.nodes[node].disk.logs.get_mut(&key) else { return };
        let offset = if is_off { (offset + 1).min(log.end()) } else { offset };
        log.high_watermark = offset;
        let leads = self.live(node).and_then(|live| {
            live.is_stirred = true;
            live.replicas.get(&key)?.replica.leads()
        });
        let Some(epoch) = leads else { return };
        self.note(offset as u64);
        let Some(log) = self.nodes[node].disk.logs.get(&key) else { return };
        let checked = self.truth.partition_committed(node, key, epoch, log);
        self.hold(checked);
    }

    /// A producer's record.
    pub(super) fn produce_asked(&mut self, node: usize, caller: Caller, key: Key, sent: (u64, u32, u64)) {
        if let Err(error) = self.try_produce(node, caller, key, sent) {
            self.coverage.refused(error);
            self.answer(node, caller, Body::Produced(Err(error)));
        }
    }

    fn try_produce(
        &mut self,
        node: usize,
        caller: Caller,
        key: Key,
        (producer, sequence, value): (u64, u32, u64),
    ) -> Result<(), ProduceError> {
        let deadline = self.now_of(node).mono.plus(COMMIT_BY);
        let repeats = self.is_broken(Defect::RepeatsNotNoticed);
        let is_full = self.nodes[node].disk.is_full;
        let held = self.live(node).and_then(|live| live.replicas.get(&key)).ok_or(ProduceError::NotLeader)?;
        let epoch = held.replica.leads().ok_or(ProduceError::NotLeader)?;
        held.replica.check_in_sync().map_err(|_| ProduceError::NotEnoughReplicas)?;
        let log = self.nodes[node].disk.logs.get_mut(&key).ok_or(ProduceError::NotLeader)?;
        let offset = match log.sequence(producer, sequence) {
            Sequence::Repeated(offset) if !repeats => {
                self.coverage.repeats += 1;
                offset
            }
            // Who leads no longer, and does not know it, does not know what came since.
            Sequence::OutOfOrder if !self.truth.is_newest_leader(key, epoch) => {
                return Err(ProduceError::NotLeader);
            }
            Sequence::OutOfOrder => return Err(ProduceError::OutOfOrder),
            Sequence::Next | Sequence::Repeated(_) => {
                if is_full {
                    return Err(ProduceError::DiskFull);
                }
                let offset = log.end();
                let record = Record { epoch, producer, sequence, value };
                log.append(record);
                let checked = self.truth.record_written(node, key, offset, record);
                self.hold(checked);
                offset
            }
        };
        let log_end = Offset::new(self.nodes[node].disk.logs.get(&key).map_or(0, Log::end));
        self.replica_step(node, key, Event::Appended { log_end });
        self.sync(node, key);
        if self.is_broken(Defect::AcknowledgedBeforeCommit) {
            self.answer(node, caller, Body::Produced(Ok(offset)));
        }
        let Some(live) = self.live(node) else { return Ok(()) };
        live.is_stirred = true;
        let reply = ReplyId::new(live.next());
        if let Some(held) = live.replicas.get_mut(&key) {
            held.produces.insert(reply, (caller, offset));
        }
        self.replica_step(node, key, Event::Await { reply, offset: Offset::new(offset + 1), deadline });
        Ok(())
    }

    fn produced(&mut self, node: usize, key: Key, reply: ReplyId, result: Result<(), ProduceFailure>) {
        let held = self.live(node).and_then(|live| live.replicas.get_mut(&key));
        let Some((caller, offset)) = held.and_then(|held| held.produces.remove(&reply)) else { return };
        if let Err(failure) = result {
            let error = match failure {
                ProduceFailure::NotLeader | ProduceFailure::Offline => ProduceError::NotLeader,
                ProduceFailure::TimedOut | ProduceFailure::TooManyWaiting => ProduceError::TimedOut,
                ProduceFailure::NotEnoughReplicasAfterAppend => ProduceError::NotEnoughReplicas,
            };
            self.coverage.refused(error);
            return self.answer(node, caller, Body::Produced(Err(error)));
        }
        self.truth.acknowledged(key, offset);
        self.answer(node, caller, Body::Produced(Ok(offset)));
    }

    /// What of a leader's own log counts.
    pub(super) fn durable(&self, node: usize, key: Key) -> Durable {
        match self.setup.durability {
            Durability::Eligible | Durability::Processes => Durable::AsWritten,
            Durability::Synced => {
                let log = self.nodes[node].disk.logs.get(&key);
                Durable::Upto(Offset::new(log.map_or(0, |log| log.durable)))
            }
        }
    }

    /// A leader begins to sync what it has, where that is promised.
    pub(super) fn sync(&mut self, node: usize, key: Key) {
        let leads = self.live(node).and_then(|live| live.replicas.get(&key)?.replica.leads()).is_some();
        let log = self.nodes[node].disk.logs.get(&key).filter(|log| leads && log.durable < log.end());
        let Some(upto) = log.map(Log::end).filter(|_| self.setup.durability == Durability::Synced) else {
            return;
        };
        let (due, life) = (self.sync_ends(node), self.nodes[node].life);
        self.at(due, Item::Done { node, life, done: Done::Synced { key, upto } });
    }

    /// What a leader began to sync is durable.
    pub(super) fn leader_synced(&mut self, node: usize, key: Key, upto: i64) {
        self.synced(node, key, upto);
        let durable = if self.is_broken(Defect::DataSyncSkipped) {
            Durable::Upto(Offset::new(upto))
        } else {
            self.durable(node, key)
        };
        self.replica_step(node, key, Event::Durable(durable));
    }

    /// A log is durable up to here.
    pub(super) fn synced(&mut self, node: usize, key: Key, upto: i64) {
        if self.is_broken(Defect::DataSyncSkipped) {
            return;
        }
        if let Some(log) = self.nodes[node].disk.logs.get_mut(&key) {
            log.durable = log.durable.max(upto.min(log.end()));
        }
    }

    pub(super) fn read_asked(&mut self, node: usize, caller: Caller, key: Key, from: i64) {
        let leads = self.live(node).and_then(|live| live.replicas.get(&key)?.replica.leads()).is_some();
        let log = self.nodes[node].disk.logs.get(&key).filter(|_| leads);
        let answer = log
            .filter(|log| from <= log.end())
            .map(|log| (log.read(from, log.high_watermark, READ_MAX), log.high_watermark));
        self.answer(node, caller, Body::ReadAnswer(answer));
    }

    pub(super) fn bounds_asked(&mut self, node: usize, caller: Caller, key: Key, epoch: LeaderEpoch) {
        let leads = self.live(node).and_then(|live| live.replicas.get(&key)?.replica.leads());
        let log = self.nodes[node].disk.logs.get(&key).filter(|_| leads == Some(epoch));
        let bounds = log.map(|log| LogBounds { start: Offset::ZERO, end: Offset::new(log.end()) });
        self.answer(node, caller, Body::BoundsAre(bounds));
    }

    /// Time passes for the replicas and fetchers of a node.
    pub(super) fn tick_replicas(&mut self, node: usize) {
        let now = self.now_of(node).mono;
        let Some(live) = self.live(node) else { return };
        let is_due = |held: &Held| held.replica.next_deadline().is_some_and(|due| due <= now);
        let replicas: Vec<_> =
            live.replicas.iter().filter(|(_, held)| is_due(held)).map(|(key, _)| *key).collect();
        let fetchers: Vec<_> = live
            .fetchers
            .iter()
            .filter(|(_, following)| following.fetcher.next_deadline().is_some_and(|due| due <= now))
            .map(|(leader, _)| *leader)
            .collect();
        let checkpoints = live.checkpoint_at <= now;
        if checkpoints {
            live.checkpoint_at = now.plus(CHECKPOINT_EVERY);
        }
        if live.parked.iter().any(|parked| parked.until <= now) {
            live.is_stirred = true;
        }
        replicas.into_iter().for_each(|key| self.replica_step(node, key, Event::Tick));
        for leader in fetchers {
            self.drive(node, leader, vec![broker_node::fetcher::Event::Tick]);
        }
        if checkpoints {
            self.nodes[node].disk.logs.values_mut().for_each(|log| log.checkpoint = log.high_watermark);
        }
    }
}
