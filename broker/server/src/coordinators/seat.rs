//! A partition's place in the table: who is asked there, and what its task needs.

use std::sync::Arc;

use broker_coordinator::{Refused, Shard};
use broker_types::LeaderEpoch;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::partition::{Grounds, Partition};

/// One question.
#[derive(Debug)]
pub(super) struct Ask<S: Shard> {
    pub(super) request: S::Request,
    /// When it came.
    pub(super) came: Instant,
    /// What belongs to a transaction in what it has written, belongs to it on these grounds.
    pub(super) grounds: Grounds,
    pub(super) reply: oneshot::Sender<Result<S::Response, Refused>>,
}

/// How far a shard is.
#[derive(Debug)]
pub(super) struct Phase(watch::Sender<bool>);

impl Default for Phase {
    fn default() -> Self {
        Self(watch::Sender::new(true))
    }
}

impl Phase {
    pub(super) fn is_loading(&self) -> bool {
        *self.0.borrow()
    }

    pub(super) fn set_loading(&self, is_loading: bool) {
        self.0.send_replace(is_loading);
    }

    /// Waits until the log is read.
    pub(super) async fn loaded(&self) {
        // Its sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|is_loading| !is_loading).await;
    }
}

/// A partition that is led here, in one epoch.
#[derive(Debug)]
pub(super) struct Seat<S: Shard> {
    pub(super) epoch: LeaderEpoch,
    pub(super) mailbox: mpsc::Sender<Ask<S>>,
    pub(super) phase: Arc<Phase>,
    /// Cancelled when the seat goes.
    pub(super) gone: CancellationToken,
    pub(super) _guard: DropGuard,
    /// There until the task begins.
    pub(super) vacant: Option<Vacant<S>>,
}

/// What the task of a seat begins with.
#[derive(Debug)]
pub(super) struct Vacant<S: Shard> {
    pub(super) partition: Arc<Partition>,
    pub(super) epoch: LeaderEpoch,
    pub(super) asked: mpsc::Receiver<Ask<S>>,
    pub(super) phase: Arc<Phase>,
    pub(super) stop: CancellationToken,
}
