//! One that reads everything, from the beginning to the end: what is committed, or all.

use std::collections::BTreeMap;

use super::{READ, reading};
use crate::coordinators::{
    message::Answer,
    setup::{MILLI, SINK, SOURCE},
    world::World,
};

#[derive(Debug)]
pub(in crate::coordinators) struct Reader {
    client: usize,
    is_committed: bool,
    positions: BTreeMap<usize, i64>,
    asked: Option<usize>,
    turn: usize,
}

impl Reader {
    /// One that begins where the process before it had come, as if it had kept that elsewhere.
    pub(super) fn new(world: &World, client: usize, is_committed: bool) -> Self {
        let all = SOURCE.into_iter().chain(SINK);
        let positions = all.map(|part| (part, world.truth.next_unseen(part, is_committed))).collect();
        Self { client, is_committed, positions, asked: None, turn: 0 }
    }

    pub(super) fn turn(&mut self, world: &mut World) {
        if world.endpoints[self.client].lanes[READ].is_busy() {
            return;
        }
        self.turn += 1;
        let Some((part, from)) = self.positions.iter().nth(self.turn % self.positions.len()) else { return };
        self.asked = Some(*part);
        let ask = reading::ask(*part, *from, self.is_committed);
        world.client_calls(self.client, READ, *part, ask, (500 * MILLI, false));
    }

    pub(super) fn heard(&mut self, world: &mut World, answer: Option<&Answer>) {
        let (Some(part), Some(Answer::Fetched(fetched))) = (self.asked.take(), answer) else { return };
        let from = self.positions.get(&part).copied().unwrap_or(0);
        let read = reading::take(world, part, from, fetched, self.is_committed);
        for (offset, _) in &read.records {
            world.coverage.records_read += 1;
            let checked = world.truth.seen(part, *offset, self.is_committed);
            world.hold(checked);
        }
        self.positions.insert(part, read.next);
    }
}
