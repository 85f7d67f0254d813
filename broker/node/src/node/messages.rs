//! What happens to a broker and what it does.

use alloc::vec::Vec;

use broker_types::{BrokerEpoch, DirectoryId, IncarnationId, Offset};

/// How far a broker is in its life. The codes are those of Kafka's `BrokerState` metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not started.
    NotRunning,
    /// Registering, and replaying the metadata up to its own registration.
    Starting,
    /// Caught up; opening its partitions and listeners.
    Recovery,
    /// Unfenced: it leads and serves.
    Running,
    /// It asked to stop; its leaderships are being moved.
    PendingControlledShutdown,
    /// It may stop, or gave up.
    ShuttingDown,
}

impl State {
    /// Kafka's number of the state.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::NotRunning => 0,
            Self::Starting => 1,
            Self::Recovery => 2,
            Self::Running => 3,
            Self::PendingControlledShutdown => 6,
            Self::ShuttingDown => 7,
        }
    }
}

/// What happens to a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The process begins a life.
    Start {
        /// This life; random.
        incarnation: IncarnationId,
        /// Its log directories.
        log_dirs: Vec<DirectoryId>,
        /// The epoch that its last life ended with cleanly.
        previous_epoch: Option<BrokerEpoch>,
    },
    /// It has replayed the metadata up to this offset.
    MetadataAt(Offset),
    /// Its partitions are open and its listeners can serve.
    ReadyToServe,
    /// The controller registered it, or did not.
    RegistrationAnswered(Result<BrokerEpoch, Failure>),
    /// The controller answered a heartbeat, or did not.
    HeartbeatAnswered(Result<Standing, Failure>),
    /// The metadata shows that it must register again (unregistered, or its registration is out of date).
    RegisterAgain,
    /// A log directory failed.
    DirectoryFailed(DirectoryId),
    /// These directories take no new replicas (`cordoned.log.dirs`); the whole list.
    Cordoned(Vec<DirectoryId>),
    /// It is to stop.
    StopRequested,
    /// [`Node::next_deadline`](super::Node::next_deadline) has come.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask the controller to register.
    SendRegistration(Registration),
    /// Send a heartbeat to the controller.
    SendHeartbeat(Heartbeat),
    /// It has seen its own registration: partitions may be opened; say [`Event::ReadyToServe`] when that is done.
    CaughtUp,
    /// It is unfenced: it is ready.
    BecameReady,
    /// Its leaderships are elsewhere, or nobody waits for it: it may stop.
    MayStop,
    /// It cannot go on and must stop.
    GiveUp(GaveUp),
}

/// A registration as far as this machine knows it; the shell adds listeners, features and rack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// This life.
    pub incarnation: IncarnationId,
    /// Its log directories, sorted.
    pub log_dirs: Vec<DirectoryId>,
    /// The epoch that its last life ended with cleanly.
    pub previous_epoch: Option<BrokerEpoch>,
}

/// A heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The epoch of the registration.
    pub epoch: BrokerEpoch,
    /// How far the metadata is replayed.
    pub metadata_offset: Option<Offset>,
    /// It cannot serve yet.
    pub want_fence: bool,
    /// It wants to stop.
    pub want_shut_down: bool,
    /// Its directories that failed.
    pub offline_log_dirs: Vec<DirectoryId>,
    /// Its directories that take no new replicas; `None` while nobody said.
    pub cordoned_log_dirs: Option<Vec<DirectoryId>>,
}

/// How the controller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It has replayed its own registration.
    pub caught_up: bool,
    /// It is fenced.
    pub fenced: bool,
    /// It may stop.
    pub shut_down: bool,
}

/// Why the controller gave no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer, or one that may change: ask again later.
    Retry,
    /// The registration is not known any more (STALE_BROKER_EPOCH): register again.
    StaleEpoch,
}

/// Why a broker cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GaveUp {
    /// No controller registered it in time (`initial.broker.registration.timeout.ms`).
    #[error("unable to register with the controller quorum")]
    RegistrationTimedOut,
    /// The controller could not be told in time that a directory failed (`log.dir.failure.timeout.ms`).
    #[error("could not tell the controller that log directory {0} is offline")]
    DirectoryFailureUnknown(DirectoryId),
    /// No log directory is left.
    #[error("all log directories have failed")]
    NoDirectoryLeft,
}
