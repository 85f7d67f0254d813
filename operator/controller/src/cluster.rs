//! The controller of `KafkaCluster`.

mod apply;
mod kafka;
mod observe;
mod open_files;

use std::sync::Arc;

use futures::StreamExt as _;
use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{ConfigMap, Pod, Secret, Service},
};
use kube::{
    Api, Resource as _, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        Controller,
        controller::{Action, Config},
        reflector::ObjectRef,
        watcher,
    },
};
use operator_api::{CLUSTER_LABEL, COMPONENT_LABEL, KafkaCluster, KafkaNodePool, USER_COMPONENT};
use operator_plan::{
    names::{Names, OPERATOR_PORT},
    observed::Observed,
    plan::{Plan, decide, doubted, refused},
};
use tokio_util::sync::CancellationToken;

use crate::{
    certificates::{ask_nodes, ask_users},
    context::Context,
    error::ReconcileError,
    events, malformed, status, watch,
    watch::Seen,
};

pub(crate) use open_files::{OpenFiles, metrics_of};

/// A cluster that may be unreadable.
pub(crate) type Guarded = DeserializeGuard<KafkaCluster>;

/// The controller of one namespace, or of all, and what it sees.
pub(crate) fn controller(
    context: &Context,
    namespace: Option<&str>,
    stop: CancellationToken,
) -> (impl Future<Output = ()> + Send + 'static, Seen<KafkaCluster>) {
    let client = &context.client;
    let (topics, users) = (context.topic_wakes.clone(), context.user_wakes.clone());
    let (stream, seen) = watch::watch::<KafkaCluster>(watch::api(client, namespace), move |event, _| {
        topics.hear_cluster(event);
        users.hear_cluster(event);
    });
    let owned = || watcher::Config::default().labels("app.kubernetes.io/managed-by=klamm");
    // What somebody gives of an authority has no label of ours but the cluster's; Secrets of users are none of its concern.
    let bound = format!("{CLUSTER_LABEL},{COMPONENT_LABEL}!={USER_COMPONENT}");
    let bound = || watcher::Config::default().labels(&bound);
    let controller = Controller::for_stream(stream, seen.store.clone())
        .with_config(Config::default().concurrency(context.concurrency))
        .owns(watch::api::<StatefulSet>(client, namespace), owned())
        .owns(watch::api::<Service>(client, namespace), owned())
        .owns(watch::api::<ConfigMap>(client, namespace), owned())
        .watches(
            watch::api::<DeserializeGuard<KafkaNodePool>>(client, namespace),
            watcher::Config::default(),
            |pool| cluster_of(&pool),
        )
        .watches(watch::api::<PartialObjectMeta<Pod>>(client, namespace), owned(), |pod| cluster_of(&pod))
        .watches(watch::api::<PartialObjectMeta<Secret>>(client, namespace), bound(), |secret| {
            cluster_of(&secret)
        })
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile, error_policy, Arc::new(context.clone()))
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, "cluster");
            }
        });
    (controller, seen)
}

/// The cluster that an object names by its label.
fn cluster_of(object: &impl ResourceExt) -> Option<ObjectRef<Guarded>> {
    let cluster = object.labels().get(CLUSTER_LABEL)?;
    Some(ObjectRef::new(cluster).within(&object.namespace()?))
}

async fn reconcile(guarded: Arc<Guarded>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    let _timer = context.metrics.cluster_seconds.start_timer();
    let cluster = match &guarded.0 {
        Ok(cluster) => cluster,
        Err(invalid) => {
            malformed::report::<KafkaCluster>(&context, invalid).await?;
            return Ok(Action::await_change());
        }
    };
    let names = names(&context, cluster);
    let Some((mut observed, vault)) = observe::read(&context, cluster).await? else {
        context.securities.forget(&names);
        context.issuers.forget(&names);
        context.metrics.certificates(&names, []);
        return Ok(Action::await_change());
    };
    let mut plan = decide(&observed, &context.settings);
    if context.securities.learn(&names, &vault) {
        // Connections that are open were made with what is replaced.
        let bootstrap = format!("{}:{OPERATOR_PORT}", names.bootstrap_host());
        context.topic_desks.forget(&bootstrap);
        context.user_desks.forget(&bootstrap);
    }
    if context.issuers.learn(&names, &vault) {
        context.user_wakes.of_cluster(names.namespace(), names.cluster());
    }
    context.metrics.certificates(&names, observed.certificates.ends(&names));
    let is_asked = |plan: &Plan, observed: &Observed| {
        plan.asks > observed.kafka.asked
            || (plan.asks_nodes && observed.nodes_told.is_none())
            || (plan.asks_users && observed.users_told.is_none())
    };
    while is_asked(&plan, &observed) {
        if plan.asks_nodes && observed.nodes_told.is_none() {
            observed.nodes_told = Some(ask_nodes(&observed.pods).await);
        } else if plan.asks_users && observed.users_told.is_none() {
            observed.users_told = Some(ask_users(&context, &names).await?);
        } else {
            observed.kafka = kafka::ask(&context, &observed.cluster, plan.asks).await;
        }
        plan = decide(&observed, &context.settings);
    }
    let mut failed = None;
    match apply::carry_out(&context, &observed, &vault, &plan).await {
        Ok(refusals) if refusals.is_empty() => {}
        Ok(refusals) => plan = doubted(&observed, plan, &refusals),
        Err(error) => {
            plan = Plan { pools: plan.pools, ..refused(&observed, error.reason(), &error.to_string()) };
            failed = Some(error);
        }
    }
    report(&context, &observed, &plan).await?;
    let result = match (&failed, plan.actions.is_empty()) {
        (Some(_), _) => "failed",
        (None, true) => "steady",
        (None, false) => "changed",
    };
    context.metrics.reconciles.with_label_values(&["KafkaCluster", result]).inc();
    match failed {
        Some(error) => Err(error),
        None => {
            // Something that is told once is not told a regular look later, when nothing else changes.
            let is_told = observed.pods.iter().all(|pod| !pod.is_ready || pod.open_files.is_some());
            let regular = if is_told { context.resync } else { context.resync.min(UNTOLD) };
            Ok(Action::requeue(plan.look_again.unwrap_or(regular)))
        }
    }
}

fn names(context: &Context, cluster: &KafkaCluster) -> Names {
    let namespace = cluster.namespace().unwrap_or_default();
    Names::new(&cluster.name_any(), &namespace, &context.settings.cluster_domain)
}

/// Writes what there is to say, where it is not said already.
async fn report(context: &Context, observed: &Observed, plan: &Plan) -> Result<(), ReconcileError> {
    let cluster = &observed.cluster;
    let namespace = cluster.namespace().unwrap_or_default();
    let clusters: Api<KafkaCluster> = Api::namespaced(context.client.clone(), &namespace);
    status::write(context, &clusters, cluster, cluster.status.as_ref(), &plan.status).await?;
    let pools: Api<KafkaNodePool> = Api::namespaced(context.client.clone(), &namespace);
    for (name, after) in &plan.pools {
        if let Some(pool) = observed.pools.iter().find(|pool| pool.name_any() == *name) {
            status::write(context, &pools, pool, pool.status.as_ref(), after).await?;
        }
    }
    events::publish(context, &cluster.object_ref(&()), &plan.events).await;
    Ok(())
}

fn error_policy(guarded: Arc<Guarded>, error: &ReconcileError, context: Arc<Context>) -> Action {
    tracing::warn!(cluster = guarded.name_any(), namespace = guarded.namespace(), %error, "looked at again soon");
    context.metrics.reconciles.with_label_values(&["KafkaCluster", "retried"]).inc();
    Action::requeue(RETRY)
}

/// How soon a pod is asked again that is Ready and did not say how many files it may have open.
const UNTOLD: std::time::Duration = std::time::Duration::from_secs(10);
/// How soon a reconcile that failed is tried again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(5);
