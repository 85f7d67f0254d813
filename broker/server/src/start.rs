//! From properties to a serving broker, and down again in order.
//!
//! Up: limits, directories (locked, formatted if this node may), addresses bound, metadata replayed, partitions loaded,
//! the quorum's thread, registration, partitions taken up; clients are listened to once the controller has unfenced this broker, so that none
//! is told of a broker that cannot serve it yet. Down: the node asks to stop, tasks drain, the quorum's thread ends,
//! logs are closed and the clean mark is written last.

mod directories;
mod drain;
mod listeners;
mod member;
mod protection;
mod storage;

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    thread::JoinHandle,
};

use arc_swap::ArcSwap;
use broker_log::{HashKey, Log, LogDirectory};
use broker_node::{
    self as node,
    fetch_sessions::{self, FetchSessions},
    quotas::Windows,
};
use broker_raft::{Voter, VoterKey};
use broker_types::{BrokerEpoch, ClusterId, IncarnationId, Uuid};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    admin, assignments,
    authorizer::Authorizer,
    auto_create::BeingCreated,
    broker::Broker,
    cleaner::{self, Uncleanable},
    clock::Clock,
    connections::Connections,
    controller_channel::OwnChannel,
    encryption, fetchers,
    format::FormatError,
    forward::Controllers,
    graveyard::Graveyard,
    groups::{self, Groups, Lag, TopicNews},
    heartbeat_links::HeartbeatLinks,
    initial_controllers::InitialControllers,
    isr, limits,
    loggers::Loggers,
    metrics::Metrics,
    moves::{self, Moves},
    producer_ids::ProducerIds,
    quorum::{self, LoadError, LoadedQuorum, NodeNews, QuorumHandle},
    quotas::Quotas,
    replicas::Follower,
    request_memory::RequestMemory,
    sasl::{self, Sasl},
    settings::{InvalidProperty, Settings},
    suspects::Suspects,
    tasks::{TaskKind, Tasks},
    throttles::Throttles,
    topic_settings::TopicDefaults,
    transactions::{Markers, Transactions, Verifier},
    upkeep,
};

use self::{
    drain::{Signals, Stop},
    listeners::Bound,
    protection::Protection,
};
pub(crate) use listeners::refused;
pub use storage::{
    DirectoryInfo, FirstVoters, FormatStorageError, FormattedDirectory, Holds, format_storage, storage_info,
};

/// Whether this node may write the first voter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bootstrapping {
    /// No: with an empty metadata directory it learns from others what the cluster is, or does not start.
    None,
    /// Yes: a quorum of one.
    Standalone,
    /// Yes, if it is among them: all of them write the same set, each into the directory that the set names.
    Initial(InitialControllers),
}

/// What a broker is started with.
#[derive(Debug)]
pub struct Start {
    /// Kafka's properties.
    pub properties: BTreeMap<String, String>,
    /// The cluster, for directories that do not say.
    pub cluster_id: Option<ClusterId>,
    /// Whether this node may write the first voter set.
    pub bootstrapping: Bootstrapping,
    /// The loggers of the program.
    pub loggers: Loggers,
}

/// Why a broker did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A property cannot be used.
    #[error(transparent)]
    Property(#[from] InvalidProperty),
    /// A log directory cannot be used.
    #[error(transparent)]
    Directory(#[from] broker_log::DirectoryError),
    /// No log directory works.
    #[error("none of the log directories can be used; the last one: {0}")]
    NoDirectory(String),
    /// Nothing says which cluster this is.
    #[error(
        "no log directory says which cluster this node belongs to: run 'klamm storage format', or set \
         KLAMM_CLUSTER_ID"
    )]
    NoCluster,
    /// The metadata directory is empty and this node may not fill it.
    #[error(
        "{0} holds no metadata and this node was not told to found a cluster: run 'klamm storage format \
         --standalone', set KLAMM_BOOTSTRAP=standalone, or name the controllers of a running cluster in \
         controller.quorum.bootstrap.servers"
    )]
    NotBootstrapped(String),
    /// The directory could not be formatted.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The metadata does not read.
    #[error("the metadata cannot be loaded: {0}")]
    Metadata(String),
    /// An address cannot be listened on.
    #[error("{listener} cannot listen on {address}: {reason}")]
    Listen {
        /// Which listener.
        listener: String,
        /// Where.
        address: String,
        /// Why, in words that do not differ between C libraries.
        reason: String,
    },
    /// The runtime did not start, or randomness could not be had.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Something that it needs failed.
    #[error("the broker stopped because of a fault, which its log names")]
    Fault,
    /// The metrics could not be registered.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
}

impl From<LoadError> for StartError {
    fn from(error: LoadError) -> Self {
        Self::Metadata(error.to_string())
    }
}

/// Runs a broker until SIGTERM, SIGINT, or a fault that it cannot survive.
///
/// # Errors
/// Why it did not start.
pub fn run_until_stopped(start: Start) -> Result<(), StartError> {
    let clock = Clock::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(start, clock))
}

async fn run(start: Start, clock: Clock) -> Result<(), StartError> {
    let Made { broker, bound, mut heard, thread } = make(start, clock).await?;
    let mut signals = Signals::listen()?;
    let (controllers, clients) = bound.into_iter().partition(|one: &Bound| one.settings.is_controller);
    let (early, late) = listeners::by_start(&broker, controllers);
    listeners::serve(&broker, early)?;
    listeners::serve_when_authorized(&broker, late);
    attend(&broker).await?;
    let (stop, served) = serve(&broker, clients, &mut heard, &mut signals).await;
    drain::stop(&broker, &mut heard, thread, stop).await;
    served?;
    if stop == Stop::Fault { Err(StartError::Fault) } else { Ok(()) }
}

/// A broker whose quorum runs.
pub(crate) struct Made {
    pub(crate) broker: Arc<Broker>,
    bound: Vec<Bound>,
    pub(crate) heard: watch::Receiver<Option<NodeNews>>,
    thread: JoinHandle<(Log, Arc<LogDirectory>)>,
}

/// Everything up to the quorum's thread: a broker that nobody can reach yet.
pub(crate) async fn make(start: Start, clock: Clock) -> Result<Made, StartError> {
    let settings = Settings::read(&start.properties)?;
    let protection = Protection::read(&settings)?;
    let lag = Lag::default();
    let metrics = metrics(&lag, &settings)?;
    let opened = directories::open(&settings, &start)?;
    let me = VoterKey { id: settings.node_id, directory: opened.metadata.id() };
    let bound = listeners::bind(&settings).await?;
    let controllers = bound.iter().filter(|one| one.settings.is_controller);
    let voter = directories::voter(me, controllers.map(Bound::endpoint));
    directories::format_if_told(&settings, &start, &opened, &voter, clock)?;
    let loaded = load_quorum(&settings, &opened, voter, clock)?;
    let defaults = TopicDefaults::new(settings.node_id, settings.config.file.clone());
    let found = directories::load(&settings, &opened, &loaded.image, &defaults, clock);
    let quotas = quotas(&settings, &metrics, clock);
    let (handle, commands) = QuorumHandle::new();
    let image = Arc::new(ArcSwap::from_pointee(loaded.image.clone()));
    let broker = Arc::new(Broker {
        security: protection.outgoing,
        encryption: protection.encryption,
        sasl: Sasl::new(protection.logging_in, &settings.config.values, &image, clock),
        authorizer: Arc::new(Authorizer::new(&settings.config, &image, clock)),
        limits: settings.limits(),
        loggers: start.loggers,
        cluster_id: opened.cluster_id.clone(),
        clock,
        tasks: Tasks::default(),
        connections: connections(&start.properties, &settings, &metrics, clock, false)?,
        controller_connections: connections(&start.properties, &settings, &metrics, clock, true)?,
        fetch_sessions: fetch_sessions(&settings)?,
        metrics,
        image,
        partitions: crate::partitions::Partitions::default(),
        directories: opened.directories,
        quorum: handle,
        quorum_key: me,
        controllers: Controllers::default(),
        heartbeat_links: HeartbeatLinks::default(),
        producer_ids: ProducerIds::default(),
        groups: Groups::default(),
        lag,
        topic_news: TopicNews::default(),
        transactions: Transactions::default(),
        markers: Markers::default(),
        verifier: Verifier::default(),
        buffers: crate::buffers::BufferPool::default(),
        request_memory: RequestMemory::new(settings.config.network.queued_request_bytes_max),
        codecs: broker_compression::Codecs::new(),
        configs: defaults,
        throttles: Throttles::new(&settings.config.quotas),
        quotas,
        moves: Moves::new(settings.moves_max()),
        being_created: BeingCreated::default(),
        graveyard: Graveyard::default(),
        suspects: Suspects::default(),
        uncleanable: Uncleanable::default(),
        has_taken_up: AtomicBool::new(false),
        is_ready: AtomicBool::new(false),
        epoch: AtomicI64::new(-1),
        settings,
    });
    let (news, heard) = watch::channel(None);
    let follower = Follower::new(Arc::clone(&broker), news, found);
    let incarnation = IncarnationId::new(random_uuid()?);
    let member = member::member(&broker, incarnation, &bound, loaded, commands, follower)?;
    let thread = std::thread::Builder::new().name("quorum".to_owned()).spawn(move || member.run())?;
    begin_life(&broker, incarnation, opened.previous_epoch);
    Ok(Made { broker, bound, heard, thread })
}

/// With what the process may do already told.
fn metrics(lag: &Lag, settings: &Settings) -> Result<Metrics, StartError> {
    let metrics = Metrics::register(lag, &settings.lag)?;
    metrics.open_files_limit.set(i64::try_from(limits::raise_open_files()).unwrap_or(i64::MAX));
    Ok(metrics)
}

fn quotas(settings: &Settings, metrics: &Metrics, clock: Clock) -> Arc<Quotas> {
    let quotas = Quotas::new(&settings.config.quotas, clock, metrics.quotas.clone());
    metrics.quotas.tell_of(&quotas);
    quotas
}

fn load_quorum(
    settings: &Settings,
    opened: &directories::OpenDirectories,
    voter: Voter,
    clock: Clock,
) -> Result<LoadedQuorum, StartError> {
    let directory = Arc::clone(opened.metadata.log_directory());
    let timing = settings.quorum_timing();
    let loaded = quorum::load(directory, voter, settings.metadata_segment_bytes, timing, clock.wall())?;
    Ok(loaded.joining(settings.config.quorum.auto_join))
}

/// Opens the listeners of clients once the broker is unfenced, and serves until it is to stop.
async fn serve(
    broker: &Arc<Broker>,
    clients: Vec<Bound>,
    heard: &mut watch::Receiver<Option<NodeNews>>,
    signals: &mut Signals,
) -> (Stop, Result<(), StartError>) {
    match drain::stop_before_ready(broker, heard, signals).await {
        Some(stop) => (stop, Ok(())),
        None => match open(broker, clients) {
            Ok(()) => {
                broker.is_ready.store(true, Ordering::Release);
                tracing::info!(node = %broker.id(), cluster = %broker.cluster_id(), took = ?broker.clock.mono(), "serving");
                (signals.stop(broker).await, Ok(()))
            }
            Err(error) => (Stop::Fault, Err(error)),
        },
    }
}

/// The metadata has caught up with what the cluster had, the access control bindings too.
fn open(broker: &Arc<Broker>, clients: Vec<Bound>) -> Result<(), StartError> {
    broker.authorizer().loaded();
    listeners::serve(broker, clients)
}

fn connections(
    properties: &BTreeMap<String, String>,
    settings: &Settings,
    metrics: &Metrics,
    clock: Clock,
    of_controllers: bool,
) -> Result<Arc<Connections>, InvalidProperty> {
    let gauge = metrics.connections.clone();
    let windows = settings.config.quotas.clients;
    let windows = Windows::new(windows.count, windows.length);
    Connections::read(properties, &settings.listeners, of_controllers, clock, gauge, windows)
}

fn fetch_sessions(settings: &Settings) -> Result<Mutex<FetchSessions>, StartError> {
    let defaults = fetch_sessions::Limits::default();
    let slots = settings.config.network.fetch_sessions_max;
    let limits = fetch_sessions::Limits { slots, ..defaults };
    Ok(Mutex::new(FetchSessions::new(limits, u64::from_be_bytes(random()?))))
}

/// Random bytes of the operating system.
fn random<const N: usize>() -> Result<[u8; N], io::Error> {
    let mut bytes = [0; N];
    rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty())?;
    Ok(bytes)
}

/// A random id that does not read as a flag.
fn random_uuid() -> Result<Uuid, io::Error> {
    loop {
        if let Some(id) = Uuid::from_random(random()?) {
            return Ok(id);
        }
    }
}

/// Tells a broker's machine that a life begins, and whom directories tell of their failure.
fn begin_life(broker: &Arc<Broker>, incarnation: IncarnationId, previous_epoch: Option<BrokerEpoch>) {
    if !broker.settings().roles().is_broker() {
        // There is nothing to take up.
        broker.has_taken_up.store(true, Ordering::Release);
        return;
    }
    let log_dirs = broker.directories.online.iter().map(|directory| directory.id()).collect();
    broker.quorum().tell_node(node::Event::Start { incarnation, log_dirs, previous_epoch });
    for directory in &broker.directories.online {
        let quorum = broker.quorum().clone();
        directory.on_failure(move |id| quorum.tell_node(node::Event::DirectoryFailed(id)));
    }
}

/// What runs beside the listeners.
async fn attend(broker: &Arc<Broker>) -> Result<(), StartError> {
    let draining = broker.tasks().draining();
    admin::open(broker).await?;
    if broker.settings().roles().is_broker() {
        let channel = OwnChannel(Arc::clone(broker));
        broker.tasks().spawn(TaskKind::Fetcher, fetchers::run(Arc::clone(broker), draining.clone()));
        let groups = Groups::run(Arc::clone(broker), |broker| &broker.groups, draining.clone());
        broker.tasks().spawn(TaskKind::Coordinators, groups);
        let transactions =
            Transactions::run(Arc::clone(broker), |broker| &broker.transactions, draining.clone());
        broker.tasks().spawn(TaskKind::Coordinators, transactions);
        let news = groups::tell_of_topics(Arc::clone(broker), draining.clone());
        broker.tasks().spawn(TaskKind::Coordinators, news);
        let lag = groups::measure_lag(Arc::clone(broker), draining.clone());
        broker.tasks().spawn(TaskKind::Lag, lag);
        broker.tasks().spawn(TaskKind::Move, moves::run(Arc::clone(broker), draining.clone()));
        broker.tasks().spawn(TaskKind::Upkeep, assignments::run(Arc::clone(broker), draining.clone()));
        broker.tasks().spawn(TaskKind::Fetcher, isr::run(Arc::clone(broker), channel, draining.clone()));
        let key = HashKey::new(random()?);
        broker.tasks().spawn(TaskKind::Cleaner, cleaner::run(Arc::clone(broker), key, draining.clone()));
    }
    if broker.is_encrypted() {
        broker.tasks().spawn(TaskKind::Upkeep, encryption::watch(Arc::clone(broker), draining.clone()));
    }
    broker.tasks().spawn(TaskKind::Upkeep, sasl::watch_keys(Arc::clone(broker), draining.clone()));
    broker.tasks().spawn(TaskKind::Upkeep, upkeep::run(Arc::clone(broker), draining));
    Ok(())
}
