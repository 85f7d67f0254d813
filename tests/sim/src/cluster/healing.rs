//! After the faults: everything is put right, and all must be well by a deadline.

use broker_node::fetcher::Key;

use super::{
    node::{broker, index},
    world::World,
};

/// All must be well by then.
const DEADLINE: u64 = 60_000_000;
/// How often that is looked at.
const LOOK: u64 = 500_000;
/// What is still on its way arrives.
const QUIET: u64 = 6_000_000;

impl World {
    /// Puts everything right, waits, and checks that nothing is wrong and nothing is missing.
    pub(super) fn heal(&mut self) {
        self.has_faults = false;
        self.net.heal();
        for node in 0..self.nodes.len() {
            self.nodes[node].paused_until = 0;
            self.restore(super::faults::Restore::Disk(node));
        }
        // Messages of before may still come, and nodes that fell stand up by themselves.
        self.run_until(self.now + 1_000_000);
        (0..self.nodes.len()).for_each(|node| self.start(node));
        let (begun, before) = (self.now, self.clients.progress());
        loop {
            self.run_until(self.now + LOOK);
            if self.failure.is_some() {
                return;
            }
            match self.is_well(&before) {
                Ok(()) => break,
                Err(why) if self.now > begun + DEADLINE => return self.fail(|| format!("liveness: {why}")),
                Err(_) => {}
            }
        }
        self.clients.has_ended = true;
        self.run_until(self.now + QUIET);
        if self.failure.is_none() {
            let checked = self.is_complete();
            self.hold(checked);
        }
    }

    fn is_well(&self, before: &[u64]) -> Result<(), String> {
        let leaders = self.nodes.iter().filter_map(|node| node.live.as_ref()?.driver.leads()).count();
        if leaders != 1 {
            return Err(format!("{leaders} lead the quorum"));
        }
        let image = self.truth.image();
        for node in &self.nodes {
            let Some(live) = &node.live else { return Err(format!("node {} is not alive", node.id)) };
            let registered = image.cluster().broker(broker(node.id));
            let Some(known) = registered.filter(|known| Some(known.epoch) == live.machine.epoch()) else {
                return Err(format!("node {} is not registered as it lives", node.id));
            };
            if !known.is_active() {
                return Err(format!("node {} is fenced", node.id));
            }
        }
        for (topic, partition, known) in image.topics().partitions() {
            let key = Key { topic: topic.id(), partition };
            let name = topic.name();
            if known.isr.len() != known.replicas.len() || known.is_reassigning() {
                return Err(format!("{name}-{partition}: not all are in sync: {known:?}"));
            }
            let Some(leader) = known.leader else { return Err(format!("{name}-{partition} has no leader")) };
            let live = self.nodes[index(leader)].live.as_ref();
            let leads = live.and_then(|live| live.replicas.get(&key)?.replica.leads());
            if leads != Some(known.leader_epoch) {
                return Err(format!("{name}-{partition}: {leader} does not know that it leads"));
            }
        }
        let progress = self.clients.progress();
        if progress.iter().zip(before).any(|(now, before)| now <= before) {
            return Err("a producer is not served".to_owned());
        }
        Ok(())
    }

    /// All replicas have the same, all of it is committed, and it has everything that was acknowledged.
    fn is_complete(&self) -> Result<(), String> {
        let image = self.truth.image();
        for (topic, partition, known) in image.topics().partitions() {
            let key = Key { topic: topic.id(), partition };
            let logs = known.replicas.iter().map(|id| self.nodes[index(*id)].disk.logs.get(&key));
            let ends: Vec<_> = logs
                .map(|log| log.map(|log| (log.end(), log.hash_before(log.end()), log.high_watermark)))
                .collect();
            let first = ends.first().copied().flatten();
            let is_whole = first.is_some_and(|(end, _, committed)| end == committed);
            if !is_whole || ends.iter().any(|end| *end != first) {
                return Err(format!(
                    "completeness: replicas of {}-{partition} differ: {ends:?}",
                    topic.name()
                ));
            }
        }
        self.clients.oracle.check(&self.truth)
    }
}
