//! Tokens by which replies travel.

/// Names one waiting request. A machine never sees a channel; it answers with the token it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyId(u64);

impl ReplyId {
    /// Wraps a raw token.
    #[must_use]
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}
