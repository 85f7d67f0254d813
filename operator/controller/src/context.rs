//! What every reconcile is given.

use std::{sync::Arc, time::Duration};

use kube::{
    Client,
    runtime::events::{Recorder, Reporter},
};
use operator_plan::observed::Settings;
use tokio::sync::Semaphore;

use crate::{
    admin::{Desks, KafkaConnect},
    certificates::Securities,
    cluster::OpenFiles,
    metrics::Metrics,
    options::Options,
    topic::Wakes,
};

/// Who owns the fields that we apply.
pub(crate) const FIELD_MANAGER: &str = "klamm-operator";

/// How many topics' resources are written to at a time: each write is a request of its own to the API server.
const TOPIC_WRITES: usize = 32;

/// What every reconcile is given.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) settings: Arc<Settings>,
    pub(crate) metrics: Metrics,
    pub(crate) recorder: Recorder,
    /// Where clusters are asked about their topics.
    pub(crate) desks: Arc<Desks>,
    /// Who must look again when something else changes.
    pub(crate) wakes: Arc<Wakes>,
    /// How many topics' resources may be written to at a time.
    pub(crate) topic_writes: Arc<Semaphore>,
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
            desks: Arc::new(Desks::new(Arc::new(connect))),
            wakes: Arc::default(),
            topic_writes: Arc::new(Semaphore::new(TOPIC_WRITES)),
            open_files: Arc::default(),
            securities,
            resync: options.resync,
            concurrency: options.concurrency.max(1),
        }
    }
}
