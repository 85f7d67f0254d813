//! The last stable offset that readers are told never goes back, and never lies beyond the first record of an open
//! transaction (KIP-98, "Last Stable Offset").

use std::collections::BTreeMap;

use broker_types::Offset;

use super::Truth;

/// What was told last, by partition.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<usize, Offset>);

impl Truth {
    /// A leader says up to where committed data may be read.
    pub(in crate::coordinators) fn stable_told(&mut self, part: usize, stable: Offset) -> Result<(), String> {
        let before = self.told_stable.0.insert(part, stable).unwrap_or(Offset::ZERO);
        if stable < before {
            return Err(format!("{part} was stable up to {before}, and is up to {stable}"));
        }
        match self.data.get(&part).and_then(super::data::Data::first_open) {
            Some(open) if stable.get() > open => {
                Err(format!("{part} is stable up to {stable}, and a transaction is open from {open}"))
            }
            _ => Ok(()),
        }
    }
}
