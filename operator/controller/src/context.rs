//! What every reconcile is given.

use std::{sync::Arc, time::Duration};

use kube::{
    Client,
    runtime::events::{Recorder, Reporter},
};
use operator_api::{KafkaTopic, KafkaUser};
use operator_plan::observed::Settings;
use tokio::sync::Semaphore;

use crate::{
    admin::{Desks, KafkaConnect, Topics, Users},
    bound::Wakes,
    certificates::Securities,
    cluster::OpenFiles,
    metrics::Metrics,
    options::Options,
    user::{Issuers, Memory},
};

/// Who owns the fields that we apply.
pub(crate) const FIELD_MANAGER: &str = "klamm-operator";

/// How many resources of topics and users are written to at a time: each write is a request of its own to the API server.
const BOUND_WRITES: usize = 32;

/// What every reconcile is given.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) settings: Arc<Settings>,
    pub(crate) metrics: Metrics,
    pub(crate) recorder: Recorder,
    /// Where clusters are asked about their topics.
    pub(crate) topic_desks: Arc<Desks<Topics>>,
    /// Where clusters are asked about their users.
    pub(crate) user_desks: Arc<Desks<Users>>,
    /// Which topics must look again when something else changes.
    pub(crate) topic_wakes: Arc<Wakes<KafkaTopic>>,
    /// Which users must.
    pub(crate) user_wakes: Arc<Wakes<KafkaUser>>,
    /// Who issues certificates for users.
    pub(crate) issuers: Arc<Issuers>,
    /// What is remembered of users.
    pub(crate) memory: Arc<Memory>,
    /// How many resources of topics and users may be written to at a time.
    pub(crate) bound_writes: Arc<Semaphore>,
    pub(crate) open_files: Arc<OpenFiles>,
    pub(crate) securities: Arc<Securities>,
    pub(crate) resync: Duration,
    pub(crate) concurrency: u16,
}

impl Context {
    pub(crate) fn new(client: Client, options: &Options, metrics: Metrics) -> Self {
        let securities = Arc::new(Securities::default());
        let connect = KafkaConnect::new(client.clone(), Arc::clone(&securities));
        let reporter =
            Reporter { controller: FIELD_MANAGER.to_owned(), instance: Some(options.identity.clone()) };
        Self {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            settings: Arc::new(options.settings()),
            metrics,
            topic_desks: Arc::new(Desks::new(Arc::new(connect.clone()))),
            user_desks: Arc::new(Desks::new(Arc::new(connect))),
            topic_wakes: Arc::default(),
            user_wakes: Arc::default(),
            issuers: Arc::default(),
            memory: Arc::default(),
            bound_writes: Arc::new(Semaphore::new(BOUND_WRITES)),
            open_files: Arc::default(),
            securities,
            resync: options.resync,
            concurrency: options.concurrency.max(1),
        }
    }
}
