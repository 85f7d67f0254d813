//! A producer whose transactions write to several partitions of the source, and are committed or aborted.

use broker_types::TransactionResult;

use super::{transactional::Transactional, value::Value};
use crate::coordinators::{
    message::Answer,
    setup::{MILLI, SOURCE},
    world::World,
};

#[derive(Debug)]
pub(in crate::coordinators) struct Writer {
    client: usize,
    producer: Transactional,
    next: u64,
}

impl Writer {
    /// The twin has the transactional id of the first.
    pub(super) fn new(world: &mut World, client: usize) -> Self {
        let id = if client == 3 { "writer-b" } else { "writer-a" };
        Self { client, producer: Transactional::new(world, client, id), next: 0 }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        self.producer.take_ended();
        if self.producer.is_ready() && !world.is_ending && world.now >= self.next {
            self.next = world.now + 100 * MILLI + world.random.below(400 * MILLI);
            self.begin(world);
        }
        self.producer.turn(world);
    }

    fn begin(&mut self, world: &mut World) {
        let tag = world.unique();
        let sender = (self.client as u64) << 32 | u64::from(world.endpoints[self.client].life);
        let mut writes = Vec::new();
        for part in SOURCE {
            if world.random.one_in(2) {
                let count = 1 + world.random.below(2);
                let values = (0..count).map(|_| Value { number: world.unique(), tag, sender }).collect();
                writes.push((part, values));
            }
        }
        let aborts = world.random.one_in(4);
        let result = if aborts { TransactionResult::Abort } else { TransactionResult::Commit };
        if !writes.is_empty() {
            self.producer.begin(tag, writes, None, result);
        }
    }

    pub(super) fn heard(&mut self, world: &mut World, answer: Option<&Answer>) {
        self.producer.heard(world, answer);
    }

    pub(super) const fn is_in_transaction(&self) -> bool {
        self.producer.is_open()
    }

    pub(super) fn is_done(&self) -> Result<(), String> {
        if self.producer.is_ready() { Ok(()) } else { Err(format!("a writer is not done: {self:?}")) }
    }
}
