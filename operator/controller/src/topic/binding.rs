//! Which cluster a topic belongs to, and whether it may.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use operator_api::{
    BootstrapState, CLUSTER_LABEL, Condition, ConditionStatus, ConditionType, KafkaCluster, KafkaTopic,
};
use operator_plan::{names::Names, topics::Failure};

use super::{Guarded, Lookup};

/// The reason of a topic whose cluster does not serve now.
pub(super) const NOT_READY: &str = "ClusterNotReady";

/// A cluster by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClusterName {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// Where a topic's cluster stands.
#[derive(Debug)]
pub(super) enum Binding {
    /// It can be asked at this address.
    Ready {
        /// `host:port`.
        bootstrap: String,
        /// Since when it serves, where it is known.
        since: Option<Time>,
    },
    /// It is there and cannot be asked now, or not by this topic.
    NotNow(Failure),
    /// There is none, or it is going: nothing is left to do for a topic that goes.
    Gone(Failure),
}

/// The cluster that a topic names.
pub(super) fn cluster_of(topic: &KafkaTopic) -> Option<ClusterName> {
    let own = topic.namespace().unwrap_or_default();
    match &topic.spec.cluster_ref {
        Some(of) => {
            Some(ClusterName { namespace: of.namespace.clone().unwrap_or(own), name: of.name.clone() })
        }
        None => Some(ClusterName { namespace: own, name: topic.labels().get(CLUSTER_LABEL)?.clone() }),
    }
}

/// Where the cluster of `topic` stands.
pub(super) fn find(lookup: &Lookup, topic: &KafkaTopic) -> Binding {
    let failure = |reason: &str, message: String| Failure { reason: reason.to_owned(), message };
    let Some(of) = cluster_of(topic) else {
        let message = format!("no cluster is named: set the label {CLUSTER_LABEL}, or spec.clusterRef");
        return Binding::Gone(failure("NoCluster", message));
    };
    let ClusterName { namespace, name } = &of;
    let found = lookup.clusters.iter().find_map(|seen| {
        seen.store
            .find(|cluster| cluster.name_any() == *name && cluster.namespace().as_ref() == Some(namespace))
    });
    let Some(cluster) = found else {
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
    if !may(cluster, topic) {
        let own = topic.namespace().unwrap_or_default();
        let message =
            format!("the KafkaCluster {namespace}/{name} does not list {own} in spec.topicNamespaces");
        return Binding::NotNow(failure("NotAllowed", message));
    }
    if !serves(cluster) {
        return Binding::NotNow(not_ready(topic));
    }
    let names = Names::new(name, namespace, &lookup.context.settings.cluster_domain);
    Binding::Ready {
        bootstrap: format!("{}:{}", names.bootstrap_host(), operator_plan::names::OPERATOR_PORT),
        since: ready_since(cluster),
    }
}

/// What is said of a topic whose cluster does not serve now.
pub(super) fn not_ready(topic: &KafkaTopic) -> Failure {
    let name = cluster_of(topic).map(|of| of.name).unwrap_or_default();
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

fn may(cluster: &KafkaCluster, topic: &KafkaTopic) -> bool {
    let own = topic.namespace();
    let allowed = &cluster.spec.topic_namespaces;
    own == cluster.namespace()
        || allowed.iter().any(|namespace| namespace == "*" || Some(namespace) == own.as_ref())
}

/// The older resource of the same topic, if there is one: it alone decides.
pub(super) fn rival(lookup: &Lookup, topic: &KafkaTopic) -> Option<String> {
    let of = cluster_of(topic)?;
    let age = |topic: &KafkaTopic| {
        let created = topic.metadata.creation_timestamp.as_ref().map(|time| time.0);
        (created, topic.namespace(), topic.name_any())
    };
    let own = age(topic);
    let is_rival = |other: &Guarded| match &other.0 {
        Ok(other) => {
            other.topic_name() == topic.topic_name()
                && age(other) < own
                && cluster_of(other).as_ref() == Some(&of)
                && other.metadata.uid != topic.metadata.uid
        }
        Err(_) => false,
    };
    let rivals = lookup.topics.state_filter(is_rival);
    let rival = rivals.first()?;
    Some(format!("{}/{}", rival.namespace().unwrap_or_default(), rival.name_any()))
}

#[cfg(test)]
mod tests {
    use operator_api::{Bootstrap, KafkaClusterStatus, ListenerStatus};

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
}
