//! Who leads partitions, and what becomes of them when that changes.

use broker_coordinator::Event;
use broker_types::{LeaderEpoch, Offset};
use bytes::Bytes;

use super::{
    entry,
    hosted::{Deposed, Hosted as _, Place, plain},
    message::Answer,
    setup::{MILLI, NODES, OFFSETS, SECOND, TXN},
    shards::{Groups, Transactions},
    world::{Item, World},
};

impl World {
    /// The leader of a partition leads no longer; a part of what is not replicated is lost.
    pub(super) fn depose(&mut self, part: usize) {
        let (Some(node), now) = (self.partitions[part].leader, self.now_of(0).wall) else { return };
        self.tell(|| format!("{node} leads {part} no more"));
        let partition = &mut self.partitions[part];
        partition.leader = None;
        partition.epoch += 1;
        let epoch = partition.epoch;
        let (high_watermark, end) = (partition.log.high_watermark(), partition.log.end_offset());
        let beyond = end.since(high_watermark);
        let kept = if self.random.one_in(3) { beyond } else { self.random.below(beyond as u64 + 1) as i64 };
        match self.partitions[part].lose(high_watermark.plus(kept), now) {
            Ok(lost) => self.coverage.records_lost += lost as u64,
            Err(why) => self.fail(|| why),
        }
        for waiting in std::mem::take(&mut self.partitions[part].waiting) {
            // Who asked may hear of it, or not.
            if self.random.one_in(2) {
                self.answer(node, waiting.caller, Answer::Elsewhere);
            }
        }
        self.deposed(Place { node, part });
        let soon = if self.has_faults { self.random.below(900 * MILLI) } else { 0 };
        self.after(30 * MILLI + soon, Item::Elect { part, epoch });
    }

    fn deposed(&mut self, at: Place) {
        let how = if self.random.one_in(2) { Deposed::Alone } else { Deposed::Refused };
        let epoch = if TXN.contains(&at.part) {
            self.coverage.transaction_leaders_changed += 1;
            let host = self.transactions.get_mut(&(at.node, at.part));
            host.map(|host| {
                host.deposed = Some(how);
                host.epoch
            })
        } else if OFFSETS.contains(&at.part) {
            self.coverage.offset_leaders_changed += 1;
            let host = self.groups.get_mut(&(at.node, at.part));
            host.map(|host| {
                host.deposed = Some(how);
                host.epoch
            })
        } else {
            self.coverage.data_leaders_changed += 1;
            None
        };
        if let Some(epoch) = epoch {
            let late = self.random.below(3 * SECOND / 2);
            self.after(late, Item::Learn { at, epoch });
        }
    }

    pub(super) fn elect(&mut self, part: usize, epoch: i32) {
        let partition = &self.partitions[part];
        if partition.epoch != epoch || partition.leader.is_some() {
            return;
        }
        let node = self.random.below(NODES as u64) as usize;
        if !self.nodes[node].is_up {
            return self.after(100 * MILLI, Item::Elect { part, epoch });
        }
        // It cannot lead in two epochs.
        let at = Place { node, part };
        self.resign_if_there(at);
        let partition = &mut self.partitions[part];
        partition.leader = Some(node);
        partition.log.assign_epoch(LeaderEpoch::new(epoch));
        self.appended(part);
        if TXN.contains(&part) || OFFSETS.contains(&part) {
            let slow = if self.has_faults { self.random.below(300 * MILLI) } else { 0 };
            self.after(5 * MILLI + slow, Item::Load { part, epoch });
        }
    }

    fn resign_if_there(&mut self, at: Place) {
        if self.transactions.contains_key(&(at.node, at.part)) {
            self.resign::<Transactions>(at);
        }
        if self.groups.contains_key(&(at.node, at.part)) {
            self.resign::<Groups>(at);
        }
    }

    /// A shard begins once everything that its leader found is committed.
    pub(super) fn load(&mut self, part: usize, epoch: i32) {
        let partition = &self.partitions[part];
        let Some(node) = partition.leader.filter(|_| partition.epoch == epoch) else { return };

        if partition.high_watermark() < partition.log.end_offset() {
            return self.after(10 * MILLI, Item::Load { part, epoch });
        }
        self.tell(|| format!("{node} loads {part} in epoch {epoch}"));
        let at = Place { node, part };
        let epoch = LeaderEpoch::new(epoch);
        self.coverage.loads += 1;
        if TXN.contains(&part) {
            self.begin::<Transactions>(at, epoch);
        } else {
            self.begin::<Groups>(at, epoch);
        }
    }

    /// Followers have everything before `upto`.
    pub(super) fn replicated(&mut self, part: usize, epoch: i32, upto: Offset) {
        let now = self.now;
        let partition = &mut self.partitions[part];
        if partition.epoch != epoch || partition.leader.is_none() {
            return;
        }
        if partition.frozen_until > now {
            let at = partition.frozen_until;
            return self.at(at, Item::Replicated { part, epoch, upto });
        }
        let before = partition.log.high_watermark();
        if upto <= before {
            return;
        }
        partition.log.set_high_watermark(upto);
        let batches = partition.read_all(before, upto);
        if let Ok(batches) = &batches {
            self.tell_records(part, batches);
        }
        let checked = batches.and_then(|batches| self.truth.committed(part, &batches, &mut self.coverage));
        self.hold(checked);
        self.tell_committed(part, upto);
    }

    /// Tells what is committed now in an internal topic.
    fn tell_records(&self, part: usize, batches: &Bytes) {
        if self.listener.is_none() {
            return;
        }
        for (offset, entry) in entry::entries(batches).unwrap_or_default() {
            if TXN.contains(&part) {
                self.tell(|| format!("{part} has at {offset} {:?}", Transactions::decode(entry)));
            } else if OFFSETS.contains(&part) {
                self.tell(|| format!("{part} has at {offset} {:?}", Groups::decode(entry)));
            }
        }
    }

    fn tell_committed(&mut self, part: usize, upto: Offset) {
        let Some(node) = self.partitions[part].leader else { return };
        while let Some(waiting) = self.partitions[part].waiting.pop_front_if(|waiting| waiting.upto <= upto) {
            self.committed_for(node, &waiting);
        }
        let at = Place { node, part };
        if TXN.contains(&part) {
            self.step_shard::<Transactions>(at, Event::Committed { upto }, plain());
        } else if OFFSETS.contains(&part) {
            self.step_shard::<Groups>(at, Event::Committed { upto }, plain());
        }
    }

    /// A node's process ends; others lead what it led.
    pub(super) fn crash(&mut self, node: usize) {
        let up = self.nodes.iter().filter(|node| node.is_up).count();
        if !self.nodes[node].is_up || up < 2 {
            return;
        }
        self.tell(|| format!("{node} crashes"));
        self.nodes[node].is_up = false;
        self.nodes[node].life += 1;
        self.nodes[node].calls.clear();
        for part in 0..self.partitions.len() {
            if self.partitions[part].leader == Some(node) {
                if TXN.contains(&part) {
                    let states = self.truth.states(part);
                    self.coverage.crashed_in(states);
                }
                self.depose(part);
            }
        }
        self.groups.retain(|(host, _), _| *host != node);
        self.transactions.retain(|(host, _), _| *host != node);
        self.coverage.crashes += 1;
        let wait = 500 * MILLI + self.random.below(3 * SECOND);
        self.after(wait, Item::StartNode { node });
    }

    pub(super) fn start_node(&mut self, node: usize) {
        if !self.nodes[node].is_up {
            self.nodes[node].is_up = true;
            self.nodes[node].started = self.now;
        }
    }
}
