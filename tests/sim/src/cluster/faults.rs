//! What goes wrong, and how it is put right again.

use std::time::Duration;

use broker_node as machine;
use broker_raft as raft;

use super::{
    node::{Node, broker, index},
    setup::Durability,
    world::{End, Item, World},
};

/// What is put right.
#[derive(Clone, Copy, Debug)]
pub(super) enum Restore {
    Ways,
    Quality,
    Disk(usize),
}

/// Between two faults, at most; and at least half of it.
const PAUSE: u64 = 1_600_000;

impl World {
    /// The next fault; there is always one after it, until everything heals.
    pub(super) fn fault(&mut self) {
        if !self.has_faults {
            return;
        }
        let pause = PAUSE / 2 + self.random.below(PAUSE / 2);
        self.after(pause, Item::Fault);
        let node = self.random.below(self.nodes.len() as u64) as usize;
        match self.random.below(20) {
            0..=3 => self.crash_for_a_while(node),
            4 => self.crash_leader(),
            5 => self.crash_all(),
            6 => self.stop(node),
            7 | 8 => self.pause(node),
            9..=12 => self.cut_ways(node),
            13..=15 => self.worsen(),
            16 => self.slow_disk(node),
            17 => self.fill_disk(node),
            18 => {
                self.nodes[node].disk.fails = true;
                self.after(5_000_000, Item::Restore(Restore::Disk(node)));
            }
            _ => self.small_fault(node),
        }
    }

    fn small_fault(&mut self, node: usize) {
        if self.random.one_in(2) {
            self.coverage.clock_jumps += 1;
            let jump = self.random.below(7_200_000) as i64 - 3_600_000;
            self.nodes[node].clock.jump(jump);
        } else if let Some(leader) = self.quorum_leader() {
            self.coverage.asked_to_resign += 1;
            self.raft_step(leader, raft::Event::Resign);
            self.settle(leader);
        }
    }

    fn quorum_leader(&self) -> Option<usize> {
        let leads = |node: &&Node| node.live.as_ref().is_some_and(|live| live.driver.leads().is_some());
        self.nodes.iter().find(leads).map(|node| node.id)
    }

    /// How a node may end now, if it may.
    fn end(&mut self, node: usize) -> Option<End> {
        match self.setup.durability {
            Durability::Processes => Some(End::Killed),
            Durability::Synced => Some(if self.random.one_in(2) { End::PowerLost } else { End::Killed }),
            Durability::Eligible => {
                if self.nodes.iter().any(|other| other.has_amnesia && other.id != node) {
                    return None;
                }
                let is_bearable = self.random.one_in(2) && self.others_have_all(node);
                Some(if is_bearable { End::PowerLost } else { End::Killed })
            }
        }
    }

    /// Whether of every partition another replica, which is alive and known as it is, may lead without loss.
    fn others_have_all(&self, node: usize) -> bool {
        let image = self.truth.image();
        let is_well = |id: &broker_types::BrokerId| {
            let other = &self.nodes[index(*id)];
            let registered = image.cluster().broker(*id).filter(|known| !known.fenced);
            let life = other.live.as_ref().and_then(|live| live.machine.epoch());
            other.id != node && life.is_some() && registered.map(|known| known.epoch) == life
        };
        image.topics().partitions().all(|(_, _, known)| known.isr.iter().chain(&known.elr).any(is_well))
    }

    fn crash_for_a_while(&mut self, node: usize) {
        let Some(end) = self.end(node).filter(|_| self.nodes[node].live.is_some()) else { return };
        self.crash(node, end);
        let pause = 50_000 + self.random.below(7_000_000);
        self.after(pause, Item::Start { node });
    }

    fn crash_leader(&mut self) {
        if let Some(leader) = self.quorum_leader() {
            self.coverage.leader_crashes += 1;
            self.crash_for_a_while(leader);
        }
    }

    fn crash_all(&mut self) {
        if self.setup.durability == Durability::Eligible && self.nodes.iter().any(|node| node.has_amnesia) {
            return;
        }
        self.coverage.total_crashes += 1;
        for node in 0..self.nodes.len() {
            let end = match self.setup.durability {
                Durability::Synced if self.random.one_in(2) => End::PowerLost,
                _ => End::Killed,
            };
            self.crash(node, end);
            let pause = 50_000 + self.random.below(4_000_000);
            self.after(pause, Item::Start { node });
        }
    }

    /// A process ends, perhaps with the machine under it.
    pub(super) fn crash(&mut self, node: usize, end: End) {
        if self.nodes[node].live.take().is_none() {
            return;
        }
        let unflushed = self.nodes[node].disk.metadata.unflushed();
        let spared = self.random.below(unflushed + 1);
        let one = &mut self.nodes[node];
        one.paused_until = 0;
        one.disk.busy_until = 0;
        self.coverage.batches_lost += one.disk.metadata.lose(spared) as u64;
        if end == End::Killed {
            self.coverage.kills += 1;
        } else {
            self.coverage.power_losses += 1;
            one.has_amnesia = true;
            for (key, log) in &mut one.disk.logs {
                let spared = self.random.below((log.end() - log.durable) as u64 + 1) as i64;
                let end = log.durable + spared;
                self.coverage.records_lost += (log.end() - end) as u64;
                log.truncate(end);
                self.truth.power_lost(*key, end);
            }
        }
        self.nodes[node].disk.logs.values_mut().for_each(super::log::Log::reopen);
    }

    /// A sync failed: the process cannot go on. False when the time is bad for that.
    pub(super) fn fall(&mut self, node: usize) -> bool {
        let Some(end) = self.end(node) else { return false };
        let end = if self.setup.durability == Durability::Synced { End::PowerLost } else { end };
        self.coverage.failed_syncs += 1;
        self.nodes[node].disk.fails = false;
        let life = self.nodes[node].life;
        self.after(1, Item::Crash { node, life, end });
        let pause = 500_000 + self.random.below(3_000_000);
        self.after(pause, Item::Start { node });
        true
    }

    pub(super) fn start(&mut self, node: usize) {
        if self.nodes[node].live.is_some() {
            return;
        }
        let seed = self.random.draw();
        self.nodes[node].begin(seed);
        self.raft_step(node, raft::Event::Start);
        let previous_epoch = self.nodes[node].disk.clean_epoch.take();
        let log_dirs = vec![self.nodes[node].disk.directory];
        if let Some(incarnation) = self.live(node).map(|live| live.incarnation) {
            self.machine_step(node, machine::Event::Start { incarnation, log_dirs, previous_epoch });
        }
        self.settle(node);
    }

    /// A node is asked to stop, and moves its leaderships first.
    fn stop(&mut self, node: usize) {
        if self.setup.durability == Durability::Eligible && self.nodes.iter().any(|other| other.has_amnesia) {
            return;
        }
        self.machine_step(node, machine::Event::StopRequested);
        self.settle(node);
    }

    /// A node's machine lets it go.
    pub(super) fn stopped(&mut self, node: usize) {
        self.coverage.clean_stops += 1;
        let Some(epoch) = self.live(node).map(|live| live.machine.epoch()) else { return };
        let disk = &mut self.nodes[node].disk;
        disk.clean_epoch = epoch;
        for log in disk.logs.values_mut() {
            log.checkpoint = log.high_watermark;
            log.durable = log.end();
        }
        let life = self.nodes[node].life;
        self.after(1, Item::Crash { node, life, end: End::Killed });
        let pause = 300_000 + self.random.below(3_000_000);
        self.after(pause, Item::Start { node });
    }

    fn pause(&mut self, node: usize) {
        self.coverage.pauses += 1;
        self.nodes[node].paused_until = self.now + 200_000 + self.random.below(6_000_000);
    }

    fn cut_ways(&mut self, node: usize) {
        let others = (0..self.nodes.len()).filter(|other| *other != node).collect::<Vec<_>>();
        match self.random.below(4) {
            0 => {
                self.coverage.isolations += 1;
                for other in others {
                    self.net.cut_way(node, other);
                    self.net.cut_way(other, node);
                }
            }
            1 => {
                self.coverage.one_way_cuts += 1;
                let hears = self.random.one_in(2);
                for other in others {
                    if hears { self.net.cut_way(node, other) } else { self.net.cut_way(other, node) }
                }
            }
            2 => {
                self.coverage.one_way_cuts += 1;
                let other = others[self.random.below(others.len() as u64) as usize];
                self.net.cut_way(node, other);
            }
            _ => {
                self.coverage.splits += 1;
                let sides = self.random.draw();
                let side = |node: usize| sides >> node & 1;
                for from in 0..self.nodes.len() {
                    for to in (0..self.nodes.len()).filter(|to| side(*to) != side(from)) {
                        self.net.cut_way(from, to);
                    }
                }
            }
        }
        let pause = 300_000 + self.random.below(7_000_000);
        self.after(pause, Item::Restore(Restore::Ways));
    }

    fn worsen(&mut self) {
        match self.random.below(3) {
            0 => {
                self.coverage.lossy += 1;
                self.net.loss = 20 + self.random.below(300);
            }
            1 => {
                self.coverage.repeating += 1;
                self.net.repeats = 50 + self.random.below(300);
            }
            _ => {
                self.coverage.slow_networks += 1;
                self.net.delay = 10_000 + self.random.below(300_000);
                self.net.stragglers = 1 + self.random.below(8);
            }
        }
        let pause = 500_000 + self.random.below(5_000_000);
        self.after(pause, Item::Restore(Restore::Quality));
    }

    fn slow_disk(&mut self, node: usize) {
        self.coverage.slow_disks += 1;
        self.nodes[node].disk.sync_time = 50_000 + self.random.below(600_000);
        self.after(4_000_000, Item::Restore(Restore::Disk(node)));
    }

    fn fill_disk(&mut self, node: usize) {
        self.coverage.full_disks += 1;
        self.nodes[node].disk.is_full = true;
        let pause = 500_000 + self.random.below(6_000_000);
        self.after(pause, Item::Restore(Restore::Disk(node)));
    }

    pub(super) fn restore(&mut self, restore: Restore) {
        match restore {
            Restore::Ways => self.net.mend(),
            Restore::Quality => {
                (self.net.loss, self.net.repeats, self.net.delay, self.net.stragglers) = (0, 0, 3_000, 1);
            }
            Restore::Disk(node) => {
                let disk = &mut self.nodes[node].disk;
                (disk.sync_time, disk.is_full, disk.fails) = (3_000, false, false);
            }
        }
    }

    /// A node that lost what it knew is whole again.
    pub(super) fn look_at_amnesia(&mut self) {
        let image = self.truth.image();
        let strict = self.setup.durability == Durability::Eligible;
        for node in self.nodes.iter_mut().filter(|node| node.has_amnesia) {
            let Some(epoch) = node.live.as_ref().and_then(|live| live.machine.epoch()) else { continue };
            let me = broker(node.id);
            let is_known = image.cluster().broker(me).is_some_and(|known| known.epoch == epoch);
            let mut mine = image.topics().partitions().filter(|(_, _, known)| known.replicas.contains(&me));
            let is_in_sync = !strict || mine.all(|(_, _, known)| known.isr.contains(&me));
            node.has_amnesia = !(is_known && is_in_sync);
        }
    }
}

/// How long a minute of faults is.
pub(super) const SAFETY: Duration = Duration::from_secs(60);
