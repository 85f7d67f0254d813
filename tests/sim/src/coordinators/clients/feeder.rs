//! An idempotent producer (KIP-98): what is not answered is sent again with the same sequence.

use std::collections::BTreeMap;

use broker_types::{Offset, Producer, ProducerEpoch, Sequence};

use super::{WORK, produced::batch, value::Value};
use crate::coordinators::{
    message::{Answer, Ask, Produce},
    setup::{MILLI, SOURCE, WIDTH},
    world::World,
};

#[derive(Debug)]
pub(in crate::coordinators) struct Feeder {
    client: usize,
    producer: Producer,
    sequences: BTreeMap<usize, Sequence>,
    /// What is sent until it is answered.
    current: Option<(usize, Vec<Value>)>,
    next: u64,
}

impl Feeder {
    pub(super) fn new(world: &mut World, client: usize) -> Self {
        let producer = Producer { id: world.fresh_id(), epoch: ProducerEpoch::new(0) };
        Self { client, producer, sequences: BTreeMap::new(), current: None, next: 0 }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        if world.endpoints[self.client].lanes[WORK].is_busy() || world.now < self.next {
            return;
        }
        if self.current.is_none() {
            if world.is_ending {
                return;
            }
            self.next = world.now + 100 * MILLI + world.random.below(200 * MILLI);
            let part = SOURCE[world.random.below(WIDTH as u64) as usize];
            let sender = (self.client as u64) << 32 | u64::from(world.endpoints[self.client].life);
            let value = |world: &mut World| Value { number: world.unique(), tag: 0, sender };
            let values = (0..=world.random.below(3)).map(|_| value(world)).collect();
            self.current = Some((part, values));
        }
        let Some((part, values)) = &self.current else { return };
        let first = self.sequences.get(part).copied().unwrap_or(Sequence::ZERO);
        let bytes = batch(values, self.producer, first, None, world.now);
        let produce = Produce { part: *part, bytes, producer: self.producer, first, of: None };
        world.client_calls(self.client, WORK, *part, Ask::Produce(produce), (600 * MILLI, false));
    }

    pub(super) fn heard(&mut self, world: &mut World, answer: Option<&Answer>) {
        match answer {
            Some(Answer::Produced(Ok(offset))) => self.acknowledged(world, *offset),
            Some(Answer::Produced(Err(error))) => {
                let why = format!("an idempotent producer is refused: {error:?}, {self:?}");
                world.fail(|| why);
            }
            _ => self.next = world.now + 30 * MILLI,
        }
    }

    fn acknowledged(&mut self, world: &mut World, offset: Offset) {
        let Some((part, values)) = self.current.take() else { return };
        for (value, at) in values.iter().zip(0..) {
            let checked = world.truth.acknowledged(part, offset.plus(at), *value);
            world.hold(checked);
            world.coverage.records_fed += 1;
        }
        let sequence = self.sequences.entry(part).or_insert(Sequence::ZERO);
        *sequence = sequence.plus(values.len() as i32);
    }

    pub(super) fn is_done(&self) -> Result<(), String> {
        if self.current.is_none() { Ok(()) } else { Err("a producer waits for its answer".to_owned()) }
    }
}
