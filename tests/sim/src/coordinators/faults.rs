//! What goes wrong, and when.

use super::{
    clients::{self, Client},
    setup::{MILLI, NODES, PARTITIONS, SECOND, SESSION},
    world::{Item, World},
};

/// What ends by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Restore {
    Loss,
    Speed,
    /// The second instance goes.
    Twin {
        client: usize,
        life: u32,
    },
}

impl World {
    /// One fault, and the time of the next.
    pub(super) fn fault(&mut self) {
        if !self.has_faults {
            return;
        }
        match self.random.below(100) {
            0..10 => {
                let node = self.random.below(NODES as u64) as usize;
                self.crash(node);
            }
            10..34 => {
                let part = self.part();
                self.depose(part);
            }
            34..42 => {
                let part = self.part();
                self.coverage.freezes += 1;
                self.partitions[part].frozen_until = self.now + self.time(100 * MILLI, 4 * SECOND);
            }
            42..49 => {
                let part = self.part();
                self.coverage.refusals += 1;
                self.partitions[part].refuses_until = self.now + self.time(100 * MILLI, 2 * SECOND);
            }
            49..58 => {
                let part = 2 + self.random.below(PARTITIONS as u64 - 2) as usize;
                self.coverage.marker_delays += 1;
                self.partitions[part].unmarked_until = self.now + self.time(100 * MILLI, 3 * SECOND);
            }
            58..64 => {
                self.coverage.lossy += 1;
                self.net.lost_of = 4 + self.random.below(20);
                let end = self.time(200 * MILLI, 2 * SECOND);
                self.after(end, Item::Restore(Restore::Loss));
            }
            64..70 => {
                self.coverage.slow_networks += 1;
                self.net.slow = self.time(50 * MILLI, SECOND);
                let end = self.time(200 * MILLI, 3 * SECOND);
                self.after(end, Item::Restore(Restore::Speed));
            }
            70..84 => self.pause_client(),
            84..93 => {
                let client = self.random.below(clients::COUNT as u64) as usize;
                self.end_client(client);
            }
            _ => self.start_twin(),
        }
        let next = self.time(100 * MILLI, SECOND);
        self.after(next, Item::Fault);
    }

    const fn time(&mut self, least: u64, most: u64) -> u64 {
        least + self.random.below(most - least)
    }

    /// Mostly one of a coordinator, for there are fewer of them.
    const fn part(&mut self) -> usize {
        if self.random.one_in(2) {
            self.random.below(4) as usize
        } else {
            self.random.below(PARTITIONS as u64) as usize
        }
    }

    fn pause_client(&mut self) {
        let client = self.random.below(clients::COUNT as u64) as usize;
        if !self.endpoints[client].is_up {
            return;
        }
        let time = self.time(200 * MILLI, 7 * SECOND);
        let until = self.now + time;
        let endpoint = &mut self.endpoints[client];
        endpoint.paused_until = endpoint.paused_until.max(until);
        self.coverage.pauses += 1;
        let is_long = time > SESSION.as_micros() as u64;
        if let Some(client) = &self.clients[client] {
            self.coverage.pauses_beyond_session += u64::from(is_long && client.is_member());
            self.coverage.pauses_beyond_txn += u64::from(time > 5 * SECOND && client.is_in_transaction());
        }
    }

    /// A client's process ends; another takes its place.
    fn end_client(&mut self, client: usize) {
        if !self.endpoints[client].is_up || clients::is_twin(client) {
            return;
        }
        self.coverage.client_crashes += 1;
        if self.random.one_in(2) {
            self.with_client(client, Client::leave);
        }
        self.stop_client(client);
        let wait = self.time(100 * MILLI, 2 * SECOND);
        self.after(wait, Item::StartClient { client });
    }

    /// A second instance with a transactional id that is in use.
    fn start_twin(&mut self) {
        let twins: Vec<usize> = (0..clients::COUNT).filter(|client| clients::is_twin(*client)).collect();
        let client = twins[self.random.below(twins.len() as u64) as usize];
        if self.endpoints[client].is_up {
            return;
        }
        self.coverage.twins += 1;
        self.start_client(client);
        let life = self.endpoints[client].life;
        let end = self.time(SECOND, 6 * SECOND);
        self.after(end, Item::Restore(Restore::Twin { client, life }));
    }

    pub(super) fn restore(&mut self, restore: Restore) {
        match restore {
            Restore::Loss => self.net.lost_of = 0,
            Restore::Speed => self.net.slow = 0,
            Restore::Twin { client, life } => {
                if self.endpoints[client].life == life && self.endpoints[client].is_up {
                    self.stop_client(client);
                }
            }
        }
    }

    /// The process of a client is gone.
    pub(super) fn stop_client(&mut self, client: usize) {
        self.endpoints[client].is_up = false;
        self.endpoints[client].restart();
        self.clients[client] = None;
        self.truth.ownership.gone(client);
    }

    /// A client's process ends itself, and another takes its place.
    pub(super) fn replace_client(&mut self, client: usize) {
        self.stop_client(client);
        if !clients::is_twin(client) {
            self.after(500 * MILLI, Item::StartClient { client });
        }
    }
}
