//! The hook through which every answer learns how long its client is throttled (KIP-219).
//!
//! No quota is built yet: nobody is throttled. The APIs ask all the same, so that quotas change this file and no API.

use crate::context::RequestContext;

/// What a request used of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Used {
    ProducedBytes(usize),
    FetchedBytes(usize),
}

/// Keeps the accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quotas;

impl Quotas {
    /// Records the use and tells for how many milliseconds the client is throttled.
    pub(crate) fn record(self, context: &RequestContext, used: Used) -> i32 {
        tracing::trace!(client = ?context.client_id, ?used, "used");
        0
    }
}
