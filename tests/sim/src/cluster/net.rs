//! The network: it loses, delays, reorders and repeats, and its links can be cut, each way on its own.

use std::collections::BTreeSet;

use crate::Random;

/// The network.
#[derive(Debug)]
pub(super) struct Net {
    /// In a thousand.
    pub(super) loss: u64,
    /// In a thousand.
    pub(super) repeats: u64,
    /// Up to so many microseconds on the way.
    pub(super) delay: u64,
    /// One in a hundred takes so many times longer.
    pub(super) stragglers: u64,
    cut: BTreeSet<(usize, usize)>,
    pub(super) lost: u64,
    pub(super) repeated: u64,
}

impl Net {
    pub(super) const fn new() -> Self {
        Self { loss: 0, repeats: 0, delay: 3_000, stragglers: 1, cut: BTreeSet::new(), lost: 0, repeated: 0 }
    }

    /// When the copies of a message arrive, from now; none when it is lost.
    pub(super) fn deliveries(&mut self, from: usize, to: usize, random: &mut Random) -> Vec<u64> {
        if from == to {
            return vec![1];
        }
        if self.cut.contains(&(from, to)) || random.below(1_000) < self.loss {
            self.lost += 1;
            return Vec::new();
        }
        let mut copies = vec![self.travel(random)];
        if random.below(1_000) < self.repeats {
            self.repeated += 1;
            copies.push(self.travel(random));
        }
        copies
    }

    const fn travel(&self, random: &mut Random) -> u64 {
        let time = 50 + random.below(self.delay);
        if random.one_in(100) { time * self.stragglers } else { time }
    }

    /// Cuts the way from one to another, and not back.
    pub(super) fn cut_way(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
    }

    /// All ways are open again.
    pub(super) fn mend(&mut self) {
        self.cut.clear();
    }

    /// As good as new.
    pub(super) fn heal(&mut self) {
        let (lost, repeated) = (self.lost, self.repeated);
        *self = Self { lost, repeated, ..Self::new() };
    }
}
