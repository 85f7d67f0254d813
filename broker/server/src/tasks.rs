//! Where tasks are made: every one has a kind, and the kind says what its end means.
//!
//! Invariant: nothing else in the broker calls `tokio::spawn`, so that drain can wait for all of them.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskKind {
    /// Accepts connections of one listener.
    Listener,
    /// Serves one connection.
    Connection,
    /// Serves the admin HTTP port.
    Admin,
    /// Retention, checkpoints and other periodic care of the logs.
    Upkeep,
    /// Compacts logs.
    Cleaner,
    /// Moves one replica to another log directory.
    Move,
    /// Follows one leader broker, or sees to it that each is followed.
    Fetcher,
    /// Coordinates the keys of one partition of an internal topic.
    Coordinator,
    /// Sees to it that each such partition has its coordinator.
    Coordinators,
    /// Has topics created that clients asked for.
    Creation,
    /// Measures how far groups are.
    Lag,
    /// Has the markers of transactions written that one broker leads.
    Markers,
    /// Asks the coordinators of transactions on one broker.
    Verifier,
}

impl TaskKind {
    /// Whether the broker cannot go on without this task.
    const fn is_essential(self) -> bool {
        !matches!(self, Self::Connection | Self::Coordinator | Self::Creation | Self::Lag | Self::Move)
    }
}

/// Spawns tasks and drains them in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    drain: CancellationToken,
}

impl Tasks {
    /// Runs `future` as a task of its own. When an essential one panics, the broker drains and stops:
    /// limping on without its listener or its upkeep would only hide the fault.
    pub(crate) fn spawn<F>(&self, kind: TaskKind, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guarded = Guarded { future, _guard: PanicGuard { kind, drain: self.drain.clone() } };
        #[allow(clippy::disallowed_methods, reason = "this is the one home of spawn")]
        self.tracker.spawn(guarded);
    }

    /// Becomes ready when the broker is asked to stop.
    #[must_use]
    pub(crate) fn draining(&self) -> CancellationToken {
        self.drain.clone()
    }

    /// Asks every task to end; returns at once.
    pub(crate) fn drain(&self) {
        self.drain.cancel();
    }

    /// Waits until every task has ended.
    pub(crate) async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

pin_project! {
    /// A task's future under its guard. Not an `async` block, which would hold the future twice: there is one for each
    /// connection.
    struct Guarded<F> {
        #[pin]
        future: F,
        _guard: PanicGuard,
    }
}

impl<F: Future<Output = ()>> Future for Guarded<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.project().future.poll(context)
    }
}

/// Dropped while a panic unwinds, it tells of it.
struct PanicGuard {
    kind: TaskKind,
    drain: CancellationToken,
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(kind = ?self.kind, "a task failed on an internal error");
            if self.kind.is_essential() {
                self.drain.cancel();
            }
        }
    }
}
