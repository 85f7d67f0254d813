//! Moments that a seed chooses.

use anyhow::{Context, Result};

/// A small generator of moments; the same seed gives the same ones.
pub(crate) struct Moments(u64);

impl Moments {
    /// As `KLAMM_SEED` says.
    pub(crate) fn from_environment() -> Result<Self> {
        Ok(Self(setting("KLAMM_SEED", 0x9e37_79b9_7f4a_7c15)?.max(1)))
    }

    /// A number from 0 on that is less than `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A number of the environment.
pub(crate) fn setting(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |text| text.parse().with_context(|| name.to_owned()))
}
