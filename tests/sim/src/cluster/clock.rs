//! Clocks of nodes: none runs as the world's does, and none shows the same time.

use broker_types::{Mono, Now, Timestamp};

use crate::Random;

/// A year in which the wall clocks begin.
const EPOCH_MILLIS: i64 = 1_767_225_600_000;

/// One node's two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct SkewedClock {
    /// Parts in a million of the true speed of the monotonic clock.
    rate: u64,
    /// What the wall clock is off by.
    wall_offset: i64,
}

impl SkewedClock {
    /// Up to a twentieth too fast or too slow, and some minutes off.
    pub(super) const fn new(random: &mut Random) -> Self {
        let rate = 950_000 + random.below(100_001);
        let wall_offset = random.below(600_000) as i64 - 300_000;
        Self { rate, wall_offset }
    }

    /// What the node reads at the world's time.
    pub(super) const fn at(self, world: u64) -> Now {
        let wall = EPOCH_MILLIS + (world / 1_000) as i64 + self.wall_offset;
        Now { mono: Mono::from_micros(world / 1_000 * self.rate / 1_000), wall: Timestamp::from_millis(wall) }
    }

    /// The world's time when the node's monotonic clock has reached this.
    pub(super) const fn when(self, mono: Mono) -> u64 {
        (mono.as_micros().saturating_mul(1_000) / self.rate + 2).saturating_mul(1_000)
    }

    /// The wall clock is set anew.
    pub(super) const fn jump(&mut self, millis: i64) {
        self.wall_offset += millis;
    }
}
