//! What was read before anything is decided.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{core::v1::Pod, storage::v1::StorageClass},
    apimachinery::pkg::apis::meta::v1::Time,
};
use operator_api::{
    ADVERTISED_ANNOTATION, KafkaCluster, KafkaNodePool, MANUAL_ROLLING_UPDATE_ANNOTATION, NodeAddressType,
    ZONE_ANNOTATION,
};
use serde_json::Value;

use crate::{
    certificates::{Certificates, NodesTold, UsersTold},
    kafka::Kafka,
};

/// What the operator was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The image of this release, with its tag.
    pub image: String,
    /// This release.
    pub version: String,
    /// The DNS domain of the Kubernetes cluster.
    pub cluster_domain: String,
    /// Where the operator itself runs; it must reach the brokers.
    pub operator_namespace: String,
}

/// The most controllers that a cluster may have: each change of the metadata waits for a majority of them.
pub const CONTROLLERS_MAX: usize = 9;

/// Everything that a decision rests on.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The cluster as stated.
    pub cluster: KafkaCluster,
    /// Its pools.
    pub pools: Vec<KafkaNodePool>,
    /// Pools that carry its label and cannot be read: name and why.
    pub malformed_pools: BTreeMap<String, String>,
    /// The objects that carry its label.
    pub live: Live,
    /// Kinds of which this Kubernetes lets nothing be read, and why: those that not every one has.
    pub unavailable: BTreeMap<String, String>,
    /// The pods that carry its label.
    pub pods: Vec<PodState>,
    /// The addresses of the machines that they run on, by kind; where a listener needs them.
    pub machines: BTreeMap<String, BTreeMap<NodeAddressType, String>>,
    /// The storage classes; `None` when they may not be read.
    pub storage_classes: Option<Vec<StorageClass>>,
    /// A random id, for a cluster that has none.
    pub fresh_cluster_id: String,
    /// Random ids for the directories of its first controllers: [`CONTROLLERS_MAX`] of them.
    pub fresh_directory_ids: Vec<String>,
    /// What the brokers say.
    pub kafka: Kafka,
    /// What the Secrets of certificates say.
    pub certificates: Certificates,
    /// What nodes say that they use; `None` while they were not asked.
    pub nodes_told: Option<NodesTold>,
    /// What users have of certificates; `None` while nobody asked.
    pub users_told: Option<UsersTold>,
    /// The time.
    pub now: Time,
}

impl Observed {
    /// A cluster of which nothing but manifests is known.
    #[must_use]
    pub fn of_manifests(cluster: KafkaCluster, pools: Vec<KafkaNodePool>, now: Time) -> Self {
        Self {
            cluster,
            pools,
            malformed_pools: BTreeMap::new(),
            live: Live::default(),
            unavailable: BTreeMap::new(),
            pods: Vec::new(),
            machines: BTreeMap::new(),
            storage_classes: None,
            fresh_cluster_id: String::new(),
            fresh_directory_ids: Vec::new(),
            kafka: Kafka::default(),
            certificates: Certificates::default(),
            nodes_told: None,
            users_told: None,
            now,
        }
    }
}

/// Live objects by kind and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    objects: BTreeMap<(String, String), Value>,
}

impl Live {
    /// Adds an object; its name is in its metadata.
    pub fn insert(&mut self, kind: &str, object: Value) {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.objects.insert((kind.to_owned(), name), object);
    }

    /// Takes an object away.
    pub fn remove(&mut self, kind: &str, name: &str) {
        self.objects.remove(&(kind.to_owned(), name.to_owned()));
    }

    /// The object of this kind and name.
    #[must_use]
    pub fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.objects.get(&(kind.to_owned(), name.to_owned()))
    }

    /// All objects of a kind, by name.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.objects
            .iter()
            .filter(move |((k, _), _)| k == kind)
            .map(|((_, name), object)| (name.as_str(), object))
    }
}

/// A pod, as far as decisions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// Whether it is Ready.
    pub is_ready: bool,
    /// Whether it is being deleted.
    pub is_going: bool,
    /// The StatefulSet revision that it was made from.
    pub revision: Option<String>,
    /// Whether somebody asked for its restart.
    pub restart_asked: bool,
    /// Why it cannot run, in words for people.
    pub problem: Option<String>,
    /// Which pod of this name it is.
    pub uid: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// How many open files it was granted, once it has told.
    pub open_files: Option<i64>,
    /// The Kubernetes node that it is bound to.
    pub node: Option<String>,
    /// The zone that it was told, as its annotation says it.
    pub zone: Option<String>,
    /// What it was told of where clients reach it, as its annotation says it.
    pub advertised: Option<String>,
    /// The zone of its Kubernetes node, where that was looked up.
    pub zone_of_node: Option<String>,
}

impl PodState {
    /// Reads what matters off a pod.
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        let metadata = &pod.metadata;
        let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let is_ready =
            conditions.clone().any(|condition| condition.type_ == "Ready" && condition.status == "True");
        let unscheduled = conditions
            .filter(|condition| condition.type_ == "PodScheduled" && condition.status == "False")
            .find_map(|condition| condition.message.clone());
        let label = |name: &str| metadata.labels.as_ref()?.get(name).cloned();
        let annotation = |name: &str| metadata.annotations.as_ref()?.get(name).cloned();
        let asked = annotation(MANUAL_ROLLING_UPDATE_ANNOTATION);
        Self {
            name: metadata.name.clone().unwrap_or_default(),
            is_ready,
            is_going: metadata.deletion_timestamp.is_some(),
            revision: label("controller-revision-hash"),
            restart_asked: asked.is_some_and(|value| value == "true"),
            uid: metadata.uid.clone(),
            ip: pod.status.as_ref().and_then(|status| status.pod_ip.clone()),
            open_files: None,
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            zone: annotation(ZONE_ANNOTATION),
            advertised: annotation(ADVERTISED_ANNOTATION),
            zone_of_node: None,
            problem: unscheduled.map(|why| format!("cannot be scheduled: {why}")).or_else(|| waiting(pod)),
        }
    }
}

/// Why a container waits, when it is not merely being made.
fn waiting(pod: &Pod) -> Option<String> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    containers.iter().find_map(|container| {
        let waiting = container.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting
            .reason
            .as_deref()
            .filter(|reason| *reason != "ContainerCreating" && *reason != "PodInitializing")?;
        let last_words = container
            .last_state
            .as_ref()
            .and_then(|state| state.terminated.as_ref())
            .and_then(|ended| ended.message.as_deref())
            .and_then(|message| message.trim().lines().last());
        let why = last_words.or(waiting.message.as_deref()).unwrap_or_default();
        Some(format!("{reason}: {}", why.chars().take(500).collect::<String>()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(yaml: &str) -> PodState {
        PodState::of(&serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn a_pod_that_runs() {
        let state = pod("metadata: {name: c-p-0, labels: {controller-revision-hash: r1}}\n\
             status: {conditions: [{type: Ready, status: 'True'}]}");
        let expected = PodState {
            name: "c-p-0".to_owned(),
            is_ready: true,
            revision: Some("r1".to_owned()),
            ..PodState::default()
        };
        assert_eq!(state, expected);
    }

    #[test]
    fn a_pod_that_cannot_be_placed() {
        let state = pod(
            "metadata: {name: c-p-0}\nstatus: {conditions: [{type: PodScheduled, status: 'False', message: no room}]}",
        );
        assert_eq!(state.problem.as_deref(), Some("cannot be scheduled: no room"));
    }

    #[test]
    fn a_container_that_fails_says_its_last_words() {
        let state = pod(
            "metadata: {name: c-p-0}\nstatus:\n  containerStatuses:\n  - name: kafka\n    image: i\n    imageID: i\n    ready: \
             false\n    restartCount: 3\n    state: {waiting: {reason: CrashLoopBackOff, message: back-off}}\n    lastState: \
             {terminated: {exitCode: 1, message: \"start\\nError: log.dirs is empty\\n\"}}",
        );
        assert_eq!(state.problem.as_deref(), Some("CrashLoopBackOff: Error: log.dirs is empty"));
    }
}
