//! Resources that are one thing of a cluster's, a topic or a user: what their controllers have in common.

pub(crate) mod binding;
pub(crate) mod finalizer;
mod report;
mod vanishing;
mod wakes;

use std::{fmt::Debug, sync::Arc};

use futures::{Stream, StreamExt as _, stream};
use k8s_openapi::NamespaceResourceScope;
use kube::{
    Resource, ResourceExt as _,
    core::DeserializeGuard,
    runtime::{
        Controller, Predicate as _, WatchStreamExt as _,
        controller::{Action, Config},
        predicates,
        reflector::{ObjectRef, Store},
    },
};
use operator_api::{Condition, KafkaCluster};
use operator_plan::claims::{Bound, cluster_of};
use prometheus::Histogram;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{context::Context, error::ReconcileError, malformed, metrics::Metrics, watch, watch::Seen};
pub(crate) use report::{
    Interrupted, Outcome, RETRY, failed, is_fresh, is_left_behind, is_settled, let_go, outcome, report, waits,
};
use wakes::Wake;
pub(crate) use wakes::Wakes;

/// A resource that may be unreadable.
pub(crate) type Guarded<K> = DeserializeGuard<K>;

/// How many are looked at at a time: so many of them go into few requests to their cluster.
const AT_A_TIME: u16 = 512;

/// A kind of such resources.
pub(crate) trait Kind:
    Bound
    + Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
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
    also: impl Stream<Item = ObjectRef<Guarded<K>>> + Send + 'static,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let (wakes, scope) = (K::wakes(context).clone(), namespace.map(str::to_owned));
    let woken = wakes.listen();
    let (stream, Seen { store: objects, .. }) =
        watch::watch::<K>(watch::api(&context.client, namespace), move |event, all| {
            wakes.hear(scope.as_deref(), event, all);
        });
    // What we write ourselves changes none of these.
    let of_concern = predicates::generation.combine(predicates::labels).combine(predicates::annotations);
    let stream = stream.predicate_filter(of_concern, Default::default());
    let known = objects.clone();
    let woken = woken.flat_map(move |wake| stream::iter(woken_by(&known, wake)));
    let lookup = Lookup { context: context.clone(), clusters };
    Controller::for_stream(stream, objects)
        .with_config(Config::default().concurrency(AT_A_TIME))
        .reconcile_on(woken)
        .reconcile_on(also)
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile::<K>, error_policy::<K>, Arc::new(lookup))
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, kind = %K::kind(&()));
            }
        })
}

/// Which of the resources here are to look again.
fn woken_by<K: Kind>(known: &Store<Guarded<K>>, wake: Wake) -> Vec<ObjectRef<Guarded<K>>> {
    match wake {
        Wake::Named(names) => {
            let here = names.iter().map(|of| ObjectRef::new(&of.name).within(&of.namespace));
            here.filter(|object| known.get(object).is_some()).collect()
        }
        Wake::Cluster(cluster) => {
            let is_of = |object: &Guarded<K>| {
                object.0.as_ref().is_ok_and(|object| cluster_of(object).as_ref() == Some(&cluster))
            };
            known.state_filter(is_of).iter().map(|object| ObjectRef::from_obj(object.as_ref())).collect()
        }
    }
}

async fn reconcile<K: Kind>(guarded: Arc<Guarded<K>>, lookup: Arc<Lookup>) -> Result<Action, ReconcileError> {
    let context = &lookup.context;
    let _timer = K::seconds(&context.metrics).start_timer();
    let object = match &guarded.0 {
        Ok(object) => object,
        Err(invalid) => {
            malformed::report::<K>(context, invalid).await?;
            return Ok(Action::await_change());
        }
    };
    let (result, action) = K::reconcile(&lookup, object).await?;
    context.metrics.reconciles.with_label_values(&[K::kind(&()).as_ref(), result]).inc();
    Ok(action)
}

fn error_policy<K: Kind>(guarded: Arc<Guarded<K>>, error: &ReconcileError, lookup: Arc<Lookup>) -> Action {
    let kind = K::kind(&());
    tracing::warn!(%kind, name = guarded.name_any(), namespace = guarded.namespace(), %error, "looked at again soon");
    lookup.context.metrics.reconciles.with_label_values(&[kind.as_ref(), "retried"]).inc();
    Action::requeue(RETRY)
}
