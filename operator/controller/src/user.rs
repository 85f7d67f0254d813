//! The controller of `KafkaUser`. Keys and passwords stay in here and in `certificates`: they are in no decision, log line,
//! event, condition or error.

mod content;
mod ends;
mod kafka;
mod memory;
mod properties;
mod reconcile;
mod secret;
mod secrets;
mod terms;
mod wakes;

use std::sync::Arc;

use operator_api::{Condition, KafkaCluster, KafkaUser, USER_FINALIZER};
use prometheus::Histogram;
use tokio_util::sync::CancellationToken;

pub(crate) use crate::certificates::Issuers;
use crate::{
    bound::{self, Kind, Lookup, Outcome, Wakes},
    context::Context,
    error::ReconcileError,
    metrics::Metrics,
    watch::Seen,
};
pub(crate) use ends::CertificateEnds;
pub(crate) use memory::Memory;
use terms::Terms;

impl Kind for KafkaUser {
    const FINALIZER: &'static str = USER_FINALIZER;
    const ON_ITS_WAY: &'static str = "Changing";
    const GRANT: &'static str = "spec.userNamespaces";

    fn granted(cluster: &KafkaCluster) -> &[String] {
        &cluster.spec.user_namespaces
    }

    type Rules = Terms;

    fn rules(cluster: &KafkaCluster) -> Terms {
        Terms::of(cluster)
    }

    fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    fn wakes(context: &Context) -> &Arc<Wakes<Self>> {
        &context.user_wakes
    }

    fn seconds(metrics: &Metrics) -> &Histogram {
        &metrics.user_seconds
    }

    async fn reconcile(lookup: &Lookup, user: &Self) -> Result<Outcome, ReconcileError> {
        reconcile::reconcile(lookup, user).await
    }
}

/// The controller of one namespace, or of all: users look again when their Secrets change by another hand.
pub(crate) fn controller(
    context: &Context,
    namespace: Option<&str>,
    clusters: Vec<Seen<KafkaCluster>>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    bound::controller::<KafkaUser>(context, namespace, clusters, wakes::secrets(context, namespace), stop)
}
