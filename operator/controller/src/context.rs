//! What every reconcile is given.

use std::{sync::Arc, time::Duration};

use kube::{
    Client,
    runtime::events::{Recorder, Reporter},
};
use operator_plan::observed::Settings;

use crate::{admin::Admins, cluster::OpenFiles, metrics::Metrics, options::Options};

/// Who owns the fields that we apply.
pub(crate) const FIELD_MANAGER: &str = "klamm-operator";

/// What every reconcile is given.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) settings: Arc<Settings>,
    pub(crate) metrics: Metrics,
    pub(crate) recorder: Recorder,
    pub(crate) admins: Arc<Admins>,
    pub(crate) open_files: Arc<OpenFiles>,
    pub(crate) resync: Duration,
    pub(crate) concurrency: u16,
}

impl Context {
    pub(crate) fn new(client: Client, options: &Options, metrics: Metrics, admins: Admins) -> Self {
        let reporter =
            Reporter { controller: FIELD_MANAGER.to_owned(), instance: Some(options.identity.clone()) };
        Self {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            settings: Arc::new(options.settings()),
            metrics,
            admins: Arc::new(admins),
            open_files: Arc::default(),
            resync: options.resync,
            concurrency: options.concurrency.max(1),
        }
    }
}
