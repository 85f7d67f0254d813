//! Which cluster a resource belongs to, and whether it may.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use kube::runtime::reflector::ObjectRef;
use operator_api::{BootstrapState, CLUSTER_LABEL, Condition, ConditionStatus, ConditionType, KafkaCluster};
use operator_plan::{
    claims::{ObjectName, cluster_of},
    names::Names,
    standing::Failure,
};

use super::{Kind, Lookup};
use crate::cluster;

/// The reason of a resource whose cluster does not serve now.
pub(crate) const NOT_READY: &str = "ClusterNotReady";

/// Where a resource's cluster stands.
#[derive(Debug)]
pub(crate) enum Binding<R> {
    /// It can be asked at this address.
    Ready {
        /// `host:port`.
        bootstrap: String,
        /// Since when it serves, where it is known.
        since: Option<Time>,
        /// What it says about resources of this kind.
        rules: R,
    },
    /// It is there and cannot be asked now.
    NotNow(Failure),
    /// It is there, and nothing of this resource's concern.
    NotAllowed(Failure),
    /// There is none, or it is going: nothing is left to do for a resource that goes.
    Gone(Failure),
}

/// Where the cluster of `object` stands.
pub(crate) fn find<K: Kind>(lookup: &Lookup, object: &K) -> Binding<K::Rules> {
    let failure = |reason: &str, message: String| Failure { reason: reason.to_owned(), message };
    let Some(of) = cluster_of(object) else {
        let message = format!("no cluster is named: set the label {CLUSTER_LABEL}, or spec.clusterRef");
        return Binding::Gone(failure("NoCluster", message));
    };
    let ObjectName { namespace, name } = &of;
    let Some(cluster) = seen(lookup, &of) else {
        let message = format!("there is no KafkaCluster {name} in namespace {namespace} that is watched");
        return Binding::Gone(failure("ClusterNotFound", message));
    };
    let cluster = match &cluster.0 {
        Ok(cluster) => cluster,
        Err(_) => {
            let message = format!("the KafkaCluster {name} cannot be read");
            return Binding::NotNow(failure(NOT_READY, message));
        }
    };
    if cluster.metadata.deletion_timestamp.is_some() {
        return Binding::Gone(failure(
            "ClusterNotFound",
            format!("the KafkaCluster {name} is being deleted"),
        ));
    }
    let own = object.namespace().unwrap_or_default();
    if !may::<K>(cluster, &own) {
        let message = format!("the KafkaCluster {namespace}/{name} does not list {own} in {}", K::GRANT);
        return Binding::NotAllowed(failure("NotAllowed", message));
    }
    if !serves(cluster) {
        return Binding::NotNow(not_ready(object));
    }
    let names = Names::new(name, namespace, &lookup.context.settings.cluster_domain);
    Binding::Ready {
        bootstrap: format!("{}:{}", names.bootstrap_host(), operator_plan::names::OPERATOR_PORT),
        since: ready_since(cluster),
        rules: K::rules(cluster),
    }
}

fn seen(lookup: &Lookup, of: &ObjectName) -> Option<Arc<cluster::Guarded>> {
    let at = ObjectRef::new(&of.name).within(&of.namespace);
    lookup.clusters.iter().find_map(|seen| seen.store.get(&at))
}

/// What is said of a resource whose cluster does not serve now.
pub(crate) fn not_ready(object: &impl Kind) -> Failure {
    let name = cluster_of(object).map(|of| of.name).unwrap_or_default();
    let message = format!("the KafkaCluster {name} does not serve yet, or not now");
    Failure { reason: NOT_READY.to_owned(), message }
}

fn ready_since(cluster: &KafkaCluster) -> Option<Time> {
    let ready = Condition::find(&cluster.status.as_ref()?.conditions, ConditionType::Ready)?;
    (ready.status == ConditionStatus::True).then(|| ready.last_transition_time.clone())
}

/// Whether there is somebody to ask. A cluster whose last change was refused, or is being applied, serves on; one that
/// has not begun never did.
fn serves(cluster: &KafkaCluster) -> bool {
    cluster.status.as_ref().is_some_and(|status| {
        let ready = Condition::find(&status.conditions, ConditionType::Ready);
        let reason = ready.map_or("", |ready| ready.reason.as_str());
        let has_begun = status.bootstrap.as_ref().is_some_and(|mark| mark.state == BootstrapState::Done);
        has_begun && !status.listeners.is_empty() && !matches!(reason, "Creating" | "Restarting" | "PodStuck")
    })
}

fn may<K: Kind>(cluster: &KafkaCluster, namespace: &str) -> bool {
    cluster.namespace().as_deref() == Some(namespace)
        || K::granted(cluster).iter().any(|allowed| allowed == "*" || allowed == namespace)
}

/// The older resource that stands for the same and may, if there is one: it alone decides.
pub(crate) fn rival<K: Kind>(lookup: &Lookup, object: &K) -> Option<String> {
    let cluster = seen(lookup, &cluster_of(object)?);
    let cluster = cluster.as_ref().and_then(|cluster| cluster.0.as_ref().ok());
    let may = |namespace: &str| cluster.is_none_or(|cluster| may::<K>(cluster, namespace));
    K::wakes(&lookup.context).elder(object, may)
}

/// What of a cluster resources of a kind depend on: when it changes, they look again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Basis<R> {
    is_going: bool,
    serves: bool,
    since: Option<Time>,
    namespaces: Vec<String>,
    rules: R,
}

impl<R> Basis<R> {
    pub(super) fn of<K: Kind<Rules = R>>(cluster: &KafkaCluster) -> Self {
        Self {
            is_going: cluster.metadata.deletion_timestamp.is_some(),
            serves: serves(cluster),
            since: ready_since(cluster),
            namespaces: K::granted(cluster).to_vec(),
            rules: K::rules(cluster),
        }
    }
}

#[cfg(test)]
mod tests {
    use operator_api::{Bootstrap, KafkaClusterStatus, KafkaTopic, KafkaUser, ListenerStatus};

    use super::*;

    /// A cluster whose condition Ready is false for `reason`, and whose controllers are as far as `begun`.
    fn cluster(begun: BootstrapState, reason: &str) -> KafkaCluster {
        let mut cluster = KafkaCluster::new("c", Default::default());
        cluster.status = Some(KafkaClusterStatus {
            bootstrap: Some(Bootstrap { state: begun, controllers: Vec::new() }),
            listeners: vec![ListenerStatus {
                name: "plain".to_owned(),
                addresses: Vec::new(),
                bootstrap_servers: "c:9092".to_owned(),
                certificates: Vec::new(),
            }],
            conditions: vec![Condition {
                kind: ConditionType::Ready,
                status: ConditionStatus::False,
                reason: reason.to_owned(),
                message: String::new(),
                observed_generation: None,
                last_transition_time: Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH),
            }],
            ..KafkaClusterStatus::default()
        });
        cluster
    }

    #[test]
    fn a_cluster_serves_while_it_is_changed_but_not_before_it_has_begun() {
        assert!(serves(&cluster(BootstrapState::Done, "Applying")), "a pool is being changed");
        assert!(serves(&cluster(BootstrapState::Done, "InvalidResource")), "its last change was refused");
        assert!(!serves(&cluster(BootstrapState::Pending, "Applying")), "its first pods are just being made");
        assert!(!serves(&cluster(BootstrapState::Done, "Restarting")));
    }

    #[test]
    fn a_namespace_may_have_topics_or_users_where_the_cluster_lists_it_for_them() {
        let mut cluster = cluster(BootstrapState::Done, "Ready");
        cluster.metadata.namespace = Some("own".to_owned());
        let topics = |cluster: &KafkaCluster| ["own", "a", "b"].map(|at| may::<KafkaTopic>(cluster, at));
        let users = |cluster: &KafkaCluster| ["own", "a", "b"].map(|at| may::<KafkaUser>(cluster, at));
        assert_eq!(topics(&cluster), [true, false, false]);
        cluster.spec.topic_namespaces = vec!["a".to_owned()];
        assert_eq!(topics(&cluster), [true, true, false]);
        assert_eq!(users(&cluster), [true, false, false], "who may have topics gives no rights");
        cluster.spec.user_namespaces = vec!["*".to_owned()];
        assert_eq!(users(&cluster), [true, true, true]);
        assert_eq!(topics(&cluster), [true, true, false]);
    }

    #[test]
    fn topics_look_again_only_when_something_of_their_concern_changed() {
        let before = cluster(BootstrapState::Done, "Ready");
        let basis = |change: fn(&mut KafkaCluster)| {
            let mut after = before.clone();
            change(&mut after);
            Basis::of::<KafkaTopic>(&after) != Basis::of::<KafkaTopic>(&before)
        };
        assert!(!basis(|cluster| cluster.metadata.resource_version = Some("2".to_owned())));
        assert!(!basis(|cluster| cluster.status.get_or_insert_default().open_files_min = Some(7)));
        assert!(basis(|cluster| cluster.spec.topic_namespaces = vec!["a".to_owned()]));
        assert!(basis(|cluster| cluster.spec.topic_config_keys = Some(Default::default())));
        assert!(basis(|cluster| cluster.status = None));
    }
}
