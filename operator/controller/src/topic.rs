//! The controller of `KafkaTopic`.

mod binding;
mod reconcile;

use std::sync::Arc;

use futures::StreamExt as _;
use kube::{
    ResourceExt as _,
    core::DeserializeGuard,
    runtime::{
        Controller,
        controller::{Action, Config},
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use operator_api::{KafkaCluster, KafkaTopic};
use tokio_util::sync::CancellationToken;

use crate::{cluster, context::Context, error::ReconcileError, malformed, watch, watch::Seen};

/// A topic that may be unreadable.
pub(crate) type Guarded = DeserializeGuard<KafkaTopic>;

/// What a reconcile of a topic looks things up in.
pub(crate) struct Lookup {
    pub(crate) context: Context,
    /// All topics that are watched here.
    pub(crate) topics: Store<Guarded>,
    /// All clusters that are watched, in any namespace.
    pub(crate) clusters: Vec<Seen<KafkaCluster>>,
}

/// The controller of one namespace, or of all.
pub(crate) fn controller(
    context: &Context,
    namespace: Option<&str>,
    clusters: Vec<Seen<KafkaCluster>>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let (stream, Seen { store: topics, .. }) =
        watch::watch::<KafkaTopic>(watch::api(&context.client, namespace));
    let known = topics.clone();
    let lookup = Lookup { context: context.clone(), topics: topics.clone(), clusters };
    Controller::for_stream(stream, topics)
        .with_config(Config::default().concurrency(context.concurrency))
        .watches(
            watch::api::<DeserializeGuard<KafkaCluster>>(&context.client, namespace),
            watcher::Config::default(),
            move |cluster| topics_of(&known, &cluster),
        )
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile, error_policy, Arc::new(lookup))
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, "topic");
            }
        })
}

/// A cluster that changed: its topics may go on now.
fn topics_of(known: &Store<Guarded>, cluster: &cluster::Guarded) -> Vec<ObjectRef<Guarded>> {
    let (name, namespace) = (cluster.name_any(), cluster.namespace().unwrap_or_default());
    let is_of = |topic: &Guarded| match &topic.0 {
        Ok(topic) => {
            binding::cluster_of(topic).is_some_and(|of| of.name == name && of.namespace == namespace)
        }
        Err(_) => false,
    };
    known.state_filter(is_of).iter().map(|topic| ObjectRef::from_obj(topic.as_ref())).collect()
}

async fn reconcile(guarded: Arc<Guarded>, lookup: Arc<Lookup>) -> Result<Action, ReconcileError> {
    let context = &lookup.context;
    let _timer = context.metrics.topic_seconds.start_timer();
    let topic = match &guarded.0 {
        Ok(topic) => topic,
        Err(invalid) => {
            malformed::report::<KafkaTopic>(context, invalid).await?;
            return Ok(Action::await_change());
        }
    };
    let (result, action) = reconcile::reconcile(&lookup, topic).await?;
    context.metrics.reconciles.with_label_values(&["KafkaTopic", result]).inc();
    Ok(action)
}

fn error_policy(guarded: Arc<Guarded>, error: &ReconcileError, lookup: Arc<Lookup>) -> Action {
    tracing::warn!(topic = guarded.name_any(), namespace = guarded.namespace(), %error, "looked at again soon");
    lookup.context.metrics.reconciles.with_label_values(&["KafkaTopic", "retried"]).inc();
    Action::requeue(reconcile::RETRY)
}
