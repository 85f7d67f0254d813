//! The broker's parts in one place, for connections and APIs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use arc_swap::ArcSwap;
use broker_compression::Codecs;
use broker_metadata::Image;
use broker_node::fetch_sessions::FetchSessions;
use broker_raft::VoterKey;
use broker_types::{BrokerEpoch, BrokerId, ClusterId};
use parking_lot::Mutex;

use crate::{
    authorizer::Authorizer,
    auto_create::BeingCreated,
    buffers::BufferPool,
    cleaner::Uncleanable,
    clock::Clock,
    connections::Connections,
    directories::Directories,
    encryption::Encryption,
    forward::Controllers,
    graveyard::Graveyard,
    groups::{Groups, Lag, TopicNews},
    heartbeat_links::HeartbeatLinks,
    loggers::Loggers,
    metrics::Metrics,
    moves::Moves,
    partition::Partition,
    partitions::Partitions,
    producer_ids::ProducerIds,
    quorum::QuorumHandle,
    quotas::Quotas,
    request_memory::RequestMemory,
    sasl::Sasl,
    security::OutgoingSecurity,
    settings::{Limits, Settings},
    suspects::Suspects,
    tasks::Tasks,
    throttles::Throttles,
    topic_settings::TopicDefaults,
    transactions::{Markers, Transactions, Verifier},
};

/// A running broker.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) settings: Settings,
    pub(crate) limits: Limits,
    pub(crate) loggers: Loggers,
    pub(crate) cluster_id: ClusterId,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) metrics: Metrics,
    pub(crate) connections: Arc<Connections>,
    pub(crate) controller_connections: Arc<Connections>,
    pub(crate) fetch_sessions: Mutex<FetchSessions>,
    pub(crate) image: Arc<ArcSwap<Image>>,
    pub(crate) authorizer: Arc<Authorizer>,
    /// What its encrypted listeners are made of.
    pub(crate) encryption: Encryption,
    /// How this broker connects to others.
    pub(crate) security: OutgoingSecurity,
    pub(crate) sasl: Sasl,
    pub(crate) partitions: Partitions,
    pub(crate) directories: Directories,
    pub(crate) quorum: QuorumHandle,
    /// This node as a member of the quorum.
    pub(crate) quorum_key: VoterKey,
    pub(crate) controllers: Controllers,
    pub(crate) heartbeat_links: HeartbeatLinks,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) groups: Groups,
    /// How far they are.
    pub(crate) lag: Lag,
    /// What groups must know of topics.
    pub(crate) topic_news: TopicNews,
    pub(crate) transactions: Transactions,
    /// The ends of transactions that are to be written.
    pub(crate) markers: Markers,
    /// Asks the coordinators of transactions that begin here.
    pub(crate) verifier: Verifier,
    pub(crate) buffers: BufferPool,
    pub(crate) request_memory: RequestMemory,
    pub(crate) codecs: Codecs,
    pub(crate) configs: TopicDefaults,
    pub(crate) throttles: Throttles,
    pub(crate) quotas: Arc<Quotas>,
    /// Replicas that move between the log directories.
    pub(crate) moves: Moves,
    pub(crate) being_created: BeingCreated,
    /// Brokers that seem to be gone.
    pub(crate) suspects: Suspects,
    pub(crate) graveyard: Graveyard,
    pub(crate) uncleanable: Uncleanable,
    /// The logs that were found at the start are in service.
    pub(crate) has_taken_up: AtomicBool,
    /// Clients are listened to.
    pub(crate) is_ready: AtomicBool,
    /// -1: not registered.
    pub(crate) epoch: AtomicI64,
}

impl Broker {
    pub(crate) fn id(&self) -> BrokerId {
        self.settings.node_id
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn cluster_id(&self) -> &ClusterId {
        &self.cluster_id
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The connections of a listener's role: controllers count theirs apart, as Kafka's do.
    pub(crate) fn connections(&self, of_controllers: bool) -> &Arc<Connections> {
        if of_controllers { &self.controller_connections } else { &self.connections }
    }

    /// The sessions of fetchers (KIP-227). Locked for moments only: a session is outside while it is served.
    pub(crate) fn fetch_sessions(&self) -> &Mutex<FetchSessions> {
        &self.fetch_sessions
    }

    /// The committed metadata. A snapshot: hold it over one request, not longer.
    pub(crate) fn image(&self) -> Arc<Image> {
        self.image.load_full()
    }

    /// One for all: they keep their working memory.
    pub(crate) fn codecs(&self) -> &Codecs {
        &self.codecs
    }

    pub(crate) fn partitions(&self) -> &Partitions {
        &self.partitions
    }

    pub(crate) fn quorum(&self) -> &QuorumHandle {
        &self.quorum
    }

    pub(crate) fn quorum_key(&self) -> VoterKey {
        self.quorum_key
    }

    /// The way to the active controller.
    pub(crate) fn controllers(&self) -> &Controllers {
        &self.controllers
    }

    /// Over which connections brokers send heartbeats to this controller.
    pub(crate) fn heartbeat_links(&self) -> &HeartbeatLinks {
        &self.heartbeat_links
    }

    pub(crate) fn producer_ids(&self) -> &ProducerIds {
        &self.producer_ids
    }

    pub(crate) fn buffers(&self) -> &BufferPool {
        &self.buffers
    }

    /// The room for requests of all connections.
    pub(crate) fn request_memory(&self) -> &RequestMemory {
        &self.request_memory
    }

    pub(crate) fn configs(&self) -> &TopicDefaults {
        &self.configs
    }

    pub(crate) fn authorizer(&self) -> &Authorizer {
        &self.authorizer
    }

    /// Who comes in by SASL.
    pub(crate) fn sasl(&self) -> &Sasl {
        &self.sasl
    }

    /// How this broker connects to others.
    pub(crate) fn security(&self) -> &OutgoingSecurity {
        &self.security
    }

    /// How fast replicas are copied.
    pub(crate) fn throttles(&self) -> &Throttles {
        &self.throttles
    }

    /// How much clients may use.
    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    /// The epoch of this broker's registration.
    pub(crate) fn broker_epoch(&self) -> Option<BrokerEpoch> {
        BrokerEpoch::from_wire(self.epoch.load(Ordering::Acquire))
    }

    /// Why `/readyz` says no.
    pub(crate) fn not_ready_reason(&self) -> Option<&'static str> {
        if self.tasks.draining().is_cancelled() {
            Some("stopping")
        } else if self.is_ready.load(Ordering::Acquire) {
            None
        } else {
            Some("starting: not registered and unfenced yet")
        }
    }

    /// Runs what may wait for the disk where waiting is allowed. A fault inside is passed on to the caller.
    pub(crate) async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only a runtime that is being torn down cancels blocking work.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// Syncs partitions whose topics promise it before the answer (`flush.messages`).
    pub(crate) async fn flush_before_answer(&self, partitions: Vec<Arc<Partition>>) {
        if partitions.is_empty() {
            return;
        }
        let clock = self.clock;
        self.blocking(move || {
            for partition in partitions {
                partition.flush_if_due(clock.now());
            }
        })
        .await;
    }
}
