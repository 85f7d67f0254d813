//! Why a group rebalanced: the last reasons, for whoever asks.

use alloc::{collections::VecDeque, string::String, vec::Vec};

use broker_protocol::Str;
use broker_types::Timestamp;

use crate::{Generation, Rebalance};

/// How many are kept.
const KEPT: usize = 10;
/// A reason carries what clients wrote: it is cut there.
const BYTES_MAX: usize = 512;

/// The last rebalances of a group.
#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<Rebalance>);

impl History {
    pub(crate) fn add(&mut self, at: Timestamp, generation: Generation, mut reason: String) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        reason.truncate(reason.floor_char_boundary(BYTES_MAX));
        self.0.push_back(Rebalance { at, generation, reason: Str::from(reason) });
    }

    /// The latest last.
    pub(crate) fn to_vec(&self) -> Vec<Rebalance> {
        self.0.iter().cloned().collect()
    }
}
