//! The one place where tasks begin, so that each has a name.

use std::future::Future;

use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// What a task is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Asks one cluster about its topics.
    Desk,
    /// Serves metrics and health.
    Http,
    /// Keeps the Lease.
    Lease,
    /// Waits for the signal to stop.
    Signals,
}

/// Runs `future` until its end.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn spawn<T: Send + 'static>(
    kind: Kind,
    future: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(future.instrument(tracing::debug_span!("task", ?kind)))
}
