//! A Kubernetes for tests: it carries plans out, and its StatefulSet controller makes claims and pods.

use std::collections::BTreeMap;

use k8s_openapi::{api::storage::v1::StorageClass, apimachinery::pkg::apis::meta::v1::Time};
use operator_api::{KafkaCluster, KafkaNodePool};
use serde_json::{Value, json};

use crate::{
    kafka::{Ask, Kafka, KafkaState, PartitionState},
    manifest::digest,
    observed::{Live, Observed, PodState, Settings},
    plan::{Action, Plan, decide},
};

pub(crate) struct World {
    pub(crate) observed: Observed,
    pub(crate) settings: Settings,
    /// Whether pods become Ready by themselves.
    pub(crate) pods_run: bool,
    /// What Kafka answers.
    pub(crate) kafka: Result<KafkaState, String>,
    pods_made: u32,
}

impl World {
    /// A cluster `c` in namespace `ns` with this spec, and pools of these names and specs.
    pub(crate) fn new(spec: Value, pools: &[(&str, Value)]) -> Self {
        let metadata = json!({"name": "c", "namespace": "ns", "uid": "u1", "generation": 1});
        let cluster: KafkaCluster = serde_json::from_value(json!({
            "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaCluster", "metadata": metadata, "spec": spec
        }))
        .expect("a cluster");
        let observed = Observed {
            cluster,
            pools: pools.iter().map(|(name, spec)| pool(name, spec)).collect(),
            malformed_pools: BTreeMap::new(),
            live: Live::default(),
            pods: Vec::new(),
            storage_classes: None,
            fresh_cluster_id: "freshAAAAAAAAAAAAAAAAA".to_owned(),
            fresh_directory_ids: (1..=3).map(|number| format!("directory{number}AAAAAAAAAAAg")).collect(),
            kafka: Kafka::default(),
            now: now(),
        };
        let settings = Settings {
            image: "klamm:dev".to_owned(),
            version: "0.1.0".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            operator_namespace: "klamm-system".to_owned(),
        };
        Self { observed, settings, pods_run: true, kafka: Ok(KafkaState::default()), pods_made: 0 }
    }

    /// Plans, and asks Kafka for what the plan needs to know.
    pub(crate) fn decide(&self) -> Plan {
        let mut observed = self.observed.clone();
        for _ in 0..3 {
            let plan = decide(&observed, &self.settings);
            if plan.asks == Ask::Nothing {
                return plan;
            }
            observed.kafka = Kafka { asked: plan.asks, told: self.kafka.clone() };
        }
        panic!("asks without end");
    }

    /// Kafka as it is when all is well.
    pub(crate) fn well(&mut self) -> &mut KafkaState {
        if self.kafka.is_err() {
            self.kafka = Ok(KafkaState::default());
        }
        self.kafka.as_mut().expect("a state")
    }

    /// Plans and carries out until nothing is left to do; gives all plans that did something.
    pub(crate) fn settle(&mut self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for _ in 0..40 {
            let plan = self.decide();
            self.carry_out(&plan);
            let is_last = plan.actions.is_empty() && plan.look_again.is_none();
            plans.push(plan);
            if is_last {
                return plans;
            }
        }
        panic!("does not settle: {:#?}", plans.last());
    }

    /// Plans and carries out so many times.
    pub(crate) fn settle_at_most(&mut self, times: u32) -> Vec<Plan> {
        let mut plans = Vec::new();
        for _ in 0..times {
            let plan = self.decide();
            self.carry_out(&plan);
            plans.push(plan);
        }
        plans
    }

    pub(crate) fn carry_out(&mut self, plan: &Plan) {
        self.observed.cluster.status = Some(plan.status.clone());
        for (name, status) in &plan.pools {
            let pool = self.observed.pools.iter_mut().find(|pool| pool.metadata.name.as_ref() == Some(name));
            pool.expect("a pool").status = Some(status.clone());
        }
        for action in &plan.actions {
            match action {
                Action::Apply(manifest) => {
                    let mut live = manifest.body.clone();
                    live["defaulted"] = json!({"by": "kubernetes"});
                    if manifest.kind == "PersistentVolumeClaim" {
                        live["status"] = json!({"phase": "Bound"});
                    }
                    self.observed.live.insert(manifest.kind, live);
                }
                Action::TellZone { pod, zone } => {
                    let told = self.observed.pods.iter_mut().find(|found| found.name == *pod);
                    told.expect("a pod").zone = Some(zone.clone());
                }
                Action::DeleteOrphaning { name } => self.observed.live.remove("StatefulSet", name),
                Action::DeletePod { name, uid } => {
                    self.observed.pods.retain(|pod| pod.name != *name || pod.uid != *uid);
                }
                Action::AlterSettings { set, unset } => {
                    let settings = &mut self.well().settings;
                    settings.extend(set.clone());
                    settings.retain(|key, _| !unset.contains(key));
                }
                Action::Reassign { moves } => {
                    for moved in moves {
                        let mut all = self.well().partitions.iter_mut();
                        let is_it =
                            |one: &&mut PartitionState| one.topic == moved.topic && one.index == moved.index;
                        let partition = all.find(is_it).expect("a partition");
                        partition.replicas.clone_from(&moved.replicas);
                        partition.isr.clone_from(&moved.replicas);
                    }
                }
            }
        }
        self.stateful_set_controller();
    }

    fn stateful_set_controller(&mut self) {
        let sets: Vec<Value> =
            self.observed.live.of_kind("StatefulSet").map(|(_, set)| set.clone()).collect();
        for mut set in sets {
            let revision = digest(&set["spec"]["template"].to_string());
            set["metadata"]["generation"] = json!(1);
            set["status"] = json!({"observedGeneration": 1, "updateRevision": revision});
            let start = set["spec"]["ordinals"]["start"].as_i64().unwrap_or_default();
            for ordinal in start..start + set["spec"]["replicas"].as_i64().expect("a count") {
                let name = format!("{}-{ordinal}", set["metadata"]["name"].as_str().expect("a name"));
                self.make_claims(&set, &name);
                if self.observed.pods.iter().all(|pod| pod.name != name) {
                    let is_ready = self.pods_run;
                    let revision = Some(revision.clone());
                    self.pods_made += 1;
                    let uid = Some(format!("uid{}", self.pods_made));
                    self.observed.pods.push(PodState {
                        name,
                        is_ready,
                        revision,
                        uid,
                        ..PodState::default()
                    });
                }
            }
            self.observed.live.insert("StatefulSet", set);
        }
        self.nodes_join();
    }

    /// Kafka knows the nodes that run: brokers are alive, controllers have caught up, the first one leads.
    fn nodes_join(&mut self) {
        let Ok(state) = &mut self.kafka else { return };
        for (_, set) in self.observed.live.of_kind("StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            let labels = &set["spec"]["template"]["metadata"]["labels"];
            for pod in self.observed.pods.iter().filter(|pod| pod.is_ready) {
                let Some(ordinal) = pod.name.strip_prefix(&format!("{name}-")) else { continue };
                let id: i32 = ordinal.parse().expect("an ordinal");
                if labels["klamm.dev/broker-role"] == "true" {
                    state.brokers.entry(id).or_insert_with(|| pod.zone.clone());
                }
                if labels["klamm.dev/controller-role"] == "true" {
                    state.quorum.voters.entry(id).or_insert(Some(10_000));
                    state.quorum.leader = state.quorum.leader.or(Some(id));
                }
            }
        }
    }

    fn make_claims(&mut self, set: &Value, pod: &str) {
        for template in set["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let name = format!("{}-{pod}", template["metadata"]["name"].as_str().expect("a name"));
            if self.observed.live.get("PersistentVolumeClaim", &name).is_none() {
                let mut claim = template.clone();
                claim["metadata"]["name"] = json!(name);
                claim["status"] = json!({"phase": "Bound"});
                self.observed.live.insert("PersistentVolumeClaim", claim);
            }
        }
    }

    pub(crate) fn set_spec(&mut self, spec: Value) {
        self.observed.cluster.spec = serde_json::from_value(spec).expect("a spec");
        let generation = &mut self.observed.cluster.metadata.generation;
        *generation = generation.map(|generation| generation + 1);
    }

    pub(crate) fn live(&self, kind: &str, name: &str) -> &Value {
        self.observed.live.get(kind, name).unwrap_or_else(|| panic!("no {kind} {name}"))
    }

    pub(crate) fn class(&mut self, class: Value) {
        let class: StorageClass = serde_json::from_value(class).expect("a class");
        self.observed.storage_classes.get_or_insert_default().push(class);
    }
}

pub(crate) fn pool(name: &str, spec: &Value) -> KafkaNodePool {
    serde_json::from_value(json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaNodePool",
        "metadata": {"name": name, "namespace": "ns", "generation": 1, "labels": {"klamm.dev/cluster": "c"}},
        "spec": spec
    }))
    .expect("a pool")
}

/// A pool of one node with both roles and this storage.
pub(crate) fn dual(storage: Value) -> Value {
    json!({"replicas": 1, "roles": ["controller", "broker"], "storage": storage})
}

pub(crate) fn now() -> Time {
    serde_json::from_value(json!("2026-01-01T00:00:00Z")).expect("a time")
}

/// The actions of a plan in short.
pub(crate) fn brief(plan: &Plan) -> Vec<String> {
    let brief = |action: &Action| match action {
        Action::Apply(manifest) => format!("apply {} {}", manifest.kind, manifest.name),
        Action::TellZone { pod, zone } => format!("zone {zone} {pod}"),
        Action::DeleteOrphaning { name } => format!("orphan {name}"),
        Action::DeletePod { name, .. } => format!("restart {name}"),
        Action::AlterSettings { set, unset } => format!("set {set:?} unset {unset:?}"),
        Action::Reassign { moves } => format!("move {}", moves.len()),
    };
    plan.actions.iter().map(brief).collect()
}
