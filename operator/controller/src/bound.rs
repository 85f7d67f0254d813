//! Resources that are one thing of a cluster's, a topic or a user: what their controllers have in common.

pub(crate) mod binding;
mod control;
pub(crate) mod finalizer;
mod objects;
mod queue;
mod report;
mod turns;
mod vanishing;
mod wakes;

use std::{fmt::Debug, sync::Arc};

use futures::Stream;
use k8s_openapi::NamespaceResourceScope;
use kube::{
    Resource, ResourceExt as _,
    core::DeserializeGuard,
    runtime::{WatchStreamExt as _, watcher},
};
use operator_api::{Condition, KafkaCluster};
use operator_plan::claims::{Bound, ObjectName};
use prometheus::Histogram;
use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use crate::{context::Context, error::ReconcileError, metrics::Metrics, watch, watch::Seen};
use control::Control;
pub(crate) use report::{
    Again, Interrupted, Outcome, RETRY, failed, is_fresh, is_left_behind, is_settled, let_go, outcome,
    report, waits,
};
pub(crate) use wakes::Wakes;

/// A resource that may be unreadable.
pub(crate) type Guarded<K> = DeserializeGuard<K>;

/// A kind of such resources.
pub(crate) trait Kind:
    Bound
    + Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// Our finalizer on it: there exactly while deletion has something to do.
    const FINALIZER: &'static str;
    /// The reason of one that is not Ready for now and nothing is wrong with.
    const ON_ITS_WAY: &'static str;

    /// The field of a cluster that lists the other namespaces that may have such resources.
    const GRANT: &'static str;

    /// What is in that field.
    fn granted(cluster: &KafkaCluster) -> &[String];

    /// What a cluster says about its resources of this kind.
    type Rules: Clone + Debug + PartialEq + Send;

    /// What this cluster says.
    fn rules(cluster: &KafkaCluster) -> Self::Rules;

    /// What was reported of it last.
    fn conditions(&self) -> &[Condition];

    /// Who of them must look again.
    fn wakes(context: &Context) -> &Arc<Wakes<Self>>;

    /// How long a look takes.
    fn seconds(metrics: &Metrics) -> &Histogram;

    /// One look: observe, decide, carry out, report.
    fn reconcile(
        lookup: &Lookup,
        object: &Self,
    ) -> impl Future<Output = Result<Outcome, ReconcileError>> + Send;
}

/// What a look finds things in.
pub(crate) struct Lookup {
    pub(crate) context: Context,
    /// All clusters that are watched, in any namespace.
    pub(crate) clusters: Vec<Seen<KafkaCluster>>,
}

/// The controller of a kind in one namespace, or in all. `also` tells who else is to look again.
pub(crate) fn controller<K: Kind>(
    context: &Context,
    namespace: Option<&str>,
    clusters: Vec<Seen<KafkaCluster>>,
    also: impl Stream<Item = ObjectName> + Send + 'static,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let woken = K::wakes(context).listen();
    let events = watcher(watch::api::<Guarded<K>>(&context.client, namespace), watcher::Config::default());
    let control = Control::<K>::new(Lookup { context: context.clone(), clusters }, namespace);
    control.work(events.default_backoff(), woken, also, stop)
}

fn name_of(object: &impl Resource) -> ObjectName {
    ObjectName { namespace: object.namespace().unwrap_or_default(), name: object.name_any() }
}
