//! The end of all faults, and what must be so some time after it.

use super::{
    clients,
    setup::{COPIERS, READERS, SINK, SOURCE},
    world::World,
};

impl World {
    /// Nothing goes wrong any more, and nothing new is written; what was begun goes on.
    pub(super) fn heal(&mut self) {
        self.has_faults = false;
        self.is_ending = true;
        self.net.lost_of = 0;
        self.net.slow = 0;
        let now = self.now;
        for partition in &mut self.partitions {
            partition.frozen_until = now;
            partition.refuses_until = now;
            partition.unmarked_until = now;
        }
        for node in 0..self.nodes.len() {
            self.start_node(node);
        }
        for client in 0..clients::COUNT {
            self.endpoints[client].paused_until = now;
            if clients::is_twin(client) {
                if self.endpoints[client].is_up {
                    self.stop_client(client);
                }
            } else if !self.endpoints[client].is_up {
                self.start_client(client);
            }
        }
    }

    /// Whether everything that must be so at the end is so.
    pub(super) fn is_well(&self) -> bool {
        self.ended_well().is_ok()
    }

    /// What is not as it must be at the end.
    pub(super) fn ended_well(&self) -> Result<(), String> {
        self.truth.nothing_is_open()?;
        self.truth.all_is_copied()?;
        for part in SOURCE.into_iter().chain(SINK) {
            let partition = &self.partitions[part];
            let (stable, end) = (partition.log.last_stable_offset(), partition.log.end_offset());
            if stable != end {
                return Err(format!("partition {part} is stable up to {stable} only, and ends at {end}"));
            }
        }
        for part in SOURCE.into_iter().chain(SINK) {
            self.truth.all_is_read(part)?;
        }
        for client in self.clients.iter().flatten() {
            client.is_done()?;
        }
        for group in [COPIERS, READERS] {
            self.truth.ownership.is_complete(group)?;
            self.truth.all_is_committed(group)?;
        }
        Ok(())
    }
}
