//! The controller of `KafkaTopic`.

mod binding;
mod finalizer;
mod reconcile;
mod vanishing;
mod wakes;

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use kube::{
    ResourceExt as _,
    core::DeserializeGuard,
    runtime::{
        Controller, Predicate as _, WatchStreamExt as _,
        controller::{Action, Config},
        predicates,
        reflector::{ObjectRef, Store},
    },
};
use operator_api::{KafkaCluster, KafkaTopic};
use operator_plan::topics::cluster_of;
use tokio_util::sync::CancellationToken;

use crate::{context::Context, error::ReconcileError, malformed, watch, watch::Seen};
use wakes::Wake;
pub(crate) use wakes::Wakes;

/// A topic that may be unreadable.
pub(crate) type Guarded = DeserializeGuard<KafkaTopic>;

/// What a reconcile of a topic looks things up in.
pub(crate) struct Lookup {
    pub(crate) context: Context,
    /// All clusters that are watched, in any namespace.
    pub(crate) clusters: Vec<Seen<KafkaCluster>>,
}

/// How many topics are looked at at a time: so many of them go into few requests to their cluster.
const AT_A_TIME: u16 = 512;

/// The controller of one namespace, or of all.
pub(crate) fn controller(
    context: &Context,
    namespace: Option<&str>,
    clusters: Vec<Seen<KafkaCluster>>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let (wakes, scope) = (context.wakes.clone(), namespace.map(str::to_owned));
    let woken = wakes.listen();
    let (stream, Seen { store: topics, .. }) =
        watch::watch::<KafkaTopic>(watch::api(&context.client, namespace), move |event, all| {
            wakes.hear_topic(scope.as_deref(), event, all);
        });
    // What we write ourselves changes none of these.
    let of_concern = predicates::generation.combine(predicates::labels).combine(predicates::annotations);
    let stream = stream.predicate_filter(of_concern, Default::default());
    let known = topics.clone();
    let woken = woken.flat_map(move |wake| stream::iter(woken_by(&known, wake)));
    let lookup = Lookup { context: context.clone(), clusters };
    Controller::for_stream(stream, topics)
        .with_config(Config::default().concurrency(AT_A_TIME))
        .reconcile_on(woken)
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile, error_policy, Arc::new(lookup))
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, "topic");
            }
        })
}

/// Which of the topics here are to look again.
fn woken_by(known: &Store<Guarded>, wake: Wake) -> Vec<ObjectRef<Guarded>> {
    match wake {
        Wake::Topics(names) => {
            let here = names.iter().map(|of| ObjectRef::new(&of.name).within(&of.namespace));
            here.filter(|topic| known.get(topic).is_some()).collect()
        }
        Wake::Cluster(cluster) => {
            let is_of = |topic: &Guarded| {
                topic.0.as_ref().is_ok_and(|topic| cluster_of(topic).as_ref() == Some(&cluster))
            };
            known.state_filter(is_of).iter().map(|topic| ObjectRef::from_obj(topic.as_ref())).collect()
        }
    }
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
