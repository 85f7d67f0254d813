//! A Kubernetes for tests: it carries plans out, and its StatefulSet controller makes claims and pods.

pub(crate) mod certificates;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::{api::storage::v1::StorageClass, apimachinery::pkg::apis::meta::v1::Time};
use operator_api::{KafkaCluster, KafkaNodePool, NodeAddressType};
use serde_json::{Value, json};

use crate::{
    certificates::Certificates,
    kafka::{Ask, Kafka, KafkaState, PartitionState, Replica},
    manifest::digest,
    observed::{Live, Observed, PodState, Settings},
    plan::{Action, Plan, VoterKey, decide},
};

/// Where pods run.
const MACHINE: &str = "machine";

pub(crate) struct World {
    pub(crate) observed: Observed,
    pub(crate) settings: Settings,
    /// Whether pods become Ready by themselves.
    pub(crate) pods_run: bool,
    /// Whether pods get a place by themselves.
    pub(crate) places: bool,
    /// Whether load balancers get an address by themselves.
    pub(crate) balances: bool,
    /// What Kafka answers.
    pub(crate) kafka: Result<KafkaState, String>,
    /// The brokers that get no new copies.
    pub(crate) cordoned: BTreeSet<i32>,
    /// Whether plans show what is done to certificates; without, it is done by the way.
    pub(crate) shows_certificates: bool,
    /// What nodes have loaded of certificates.
    pub(crate) loaded: BTreeMap<String, certificates::Loaded>,
    /// What users have of certificates.
    pub(crate) users: crate::certificates::UsersTold,
    /// What each pod was told first of where it is reached, by its uid: its broker goes by that.
    pub(crate) began_with: BTreeMap<String, String>,
    /// The first controllers that have begun.
    begun: BTreeSet<i32>,
    pods_made: u32,
    ports_given: i32,
}

/// A replica of the metadata that is as far as the others.
pub(crate) fn replica(id: i32) -> Replica {
    Replica { directory: format!("of{id}"), last_fetch: Some(10_000), last_caught_up: Some(10_000) }
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
            unavailable: BTreeMap::new(),
            pods: Vec::new(),
            machines: [(MACHINE.to_owned(), [(NodeAddressType::InternalIp, "10.0.0.1".to_owned())].into())]
                .into(),
            storage_classes: None,
            fresh_cluster_id: "freshAAAAAAAAAAAAAAAAA".to_owned(),
            fresh_directory_ids: (1..=3).map(|number| format!("directory{number}AAAAAAAAAAAg")).collect(),
            kafka: Kafka::default(),
            certificates: Certificates::default(),
            nodes_told: None,
            users_told: None,
            now: now(),
        };
        let settings = Settings {
            image: "klamm:dev".to_owned(),
            version: "0.1.0".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            operator_namespace: "klamm-system".to_owned(),
        };
        let kafka = Ok(KafkaState::default());
        Self {
            observed,
            settings,
            pods_run: true,
            places: true,
            balances: true,
            kafka,
            cordoned: BTreeSet::new(),
            shows_certificates: false,
            loaded: BTreeMap::new(),
            users: BTreeMap::new(),
            began_with: BTreeMap::new(),
            begun: BTreeSet::new(),
            pods_made: 0,
            ports_given: 0,
        }
    }

    /// Plans, and asks Kafka for what the plan needs to know.
    pub(crate) fn decide(&self) -> Plan {
        let mut observed = self.observed.clone();
        for _ in 0..12 {
            let plan = decide(&observed, &self.settings);
            if plan.asks_nodes || plan.asks_users {
                observed.nodes_told = plan.asks_nodes.then(|| self.told()).or(observed.nodes_told);
                observed.users_told = plan.asks_users.then(|| self.users.clone()).or(observed.users_told);
                continue;
            }
            if !self.shows_certificates && plan.actions.iter().any(|one| matches!(one, Action::Certify(_))) {
                for action in &plan.actions {
                    if let Action::Certify(action) = action {
                        certificates::certify(&mut observed.certificates, action, observed.now.0);
                    }
                }
                continue;
            }
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
                    self.tend(manifest, &mut live);
                    if manifest.kind == "PersistentVolumeClaim" {
                        live["status"] = json!({"phase": "Bound"});
                    }
                    self.observed.live.insert(manifest.kind, live);
                }
                Action::Certify(action) => {
                    let now = self.observed.now.0;
                    certificates::certify(&mut self.observed.certificates, action, now);
                }
                Action::TellZone { pod, zone } => {
                    let told = self.observed.pods.iter_mut().find(|found| found.name == *pod);
                    told.expect("a pod").zone = Some(zone.clone());
                }
                Action::TellAddresses { pod, advertised } => {
                    let told = self.observed.pods.iter_mut().find(|found| found.name == *pod);
                    let told = told.expect("a pod");
                    told.advertised = Some(advertised.clone());
                    let uid = told.uid.clone().expect("a uid");
                    self.began_with.entry(uid).or_insert_with(|| advertised.clone());
                }
                Action::Delete { kind, name, .. } => self.observed.live.remove(kind, name),
                Action::DeleteOrphaning { name } => self.observed.live.remove("StatefulSet", name),
                Action::DeletePod { name, uid } => {
                    self.observed.pods.retain(|pod| pod.name != *name || pod.uid != *uid);
                }
                Action::DeleteClaim { name, .. } => self.observed.live.remove("PersistentVolumeClaim", name),
                of_kafka => self.carry_out_in_kafka(of_kafka),
            }
        }
        self.stateful_set_controller();
    }

    fn carry_out_in_kafka(&mut self, action: &Action) {
        match action {
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
            Action::CancelMoves { partitions } => {
                for partition in &mut self.well().partitions {
                    if partitions.contains(&(partition.topic.clone(), partition.index)) {
                        let adding = std::mem::take(&mut partition.adding);
                        partition.replicas.retain(|id| !adding.contains(id));
                        partition.removing.clear();
                    }
                }
            }
            Action::Cordon { broker, is_cordoned } => {
                if *is_cordoned {
                    self.cordoned.insert(*broker)
                } else {
                    self.cordoned.remove(broker)
                };
            }
            Action::Unregister { broker } => {
                self.well().registered.remove(broker);
            }
            Action::AddVoter { voter: VoterKey { id, directory, .. }, .. } => {
                let quorum = &mut self.well().quorum;
                let is_it =
                    |(observer, replica): &(i32, Replica)| observer == id && replica.directory == *directory;
                let at = quorum.observers.iter().position(is_it).expect("an observer");
                let (_, replica) = quorum.observers.swap_remove(at);
                assert!(quorum.voters.insert(*id, replica).is_none(), "{id} votes already");
            }
            Action::RemoveVoter { voter: VoterKey { id, directory, .. } } => {
                let quorum = &mut self.well().quorum;
                let voter = quorum.voters.remove(id).expect("a voter");
                assert_eq!(voter.directory, *directory);
                quorum.observers.push((*id, voter));
                quorum.leader =
                    quorum.leader.filter(|leader| leader != id).or(quorum.voters.keys().next().copied());
            }
            of_kubernetes => unreachable!("{of_kubernetes:?}"),
        }
    }

    fn stateful_set_controller(&mut self) {
        let sets: Vec<Value> =
            self.observed.live.of_kind("StatefulSet").map(|(_, set)| set.clone()).collect();
        for mut set in sets {
            let revision = digest(&set["spec"]["template"].to_string());
            set["metadata"]["generation"] = json!(1);
            set["status"] = json!({"observedGeneration": 1, "updateRevision": revision});
            let start = set["spec"]["ordinals"]["start"].as_i64().unwrap_or_default();
            let object = set["metadata"]["name"].as_str().expect("a name").to_owned();
            let ordinals = start..start + set["spec"]["replicas"].as_i64().expect("a count");
            let is_beyond = |pod: &PodState| {
                let ordinal = pod.name.strip_prefix(&format!("{object}-")).and_then(|text| text.parse().ok());
                ordinal.is_some_and(|ordinal: i64| !ordinals.contains(&ordinal))
            };
            self.observed.pods.retain(|pod| !is_beyond(pod));
            for ordinal in ordinals {
                let name = format!("{object}-{ordinal}");
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
                        ip: Some("10.1.2.3".to_owned()),
                        node: self.places.then(|| MACHINE.to_owned()),
                        ..PodState::default()
                    });
                }
            }
            self.observed.live.insert("StatefulSet", set);
        }
        self.nodes_join();
    }

    /// Kafka knows the nodes that run: brokers are alive, controllers have caught up; those that a cluster begins with
    /// vote, the first one leads.
    fn nodes_join(&mut self) {
        let Ok(state) = &mut self.kafka else { return };
        let bootstrap = self.observed.cluster.status.as_ref().and_then(|status| status.bootstrap.as_ref());
        let first: BTreeSet<i32> =
            bootstrap.iter().flat_map(|all| &all.controllers).map(|controller| controller.node_id).collect();
        let mut running = BTreeSet::new();
        for (_, set) in self.observed.live.of_kind("StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            let labels = &set["spec"]["template"]["metadata"]["labels"];
            for pod in self.observed.pods.iter().filter(|pod| pod.is_ready) {
                let Some(ordinal) = pod.name.strip_prefix(&format!("{name}-")) else { continue };
                let id: i32 = ordinal.parse().expect("an ordinal");
                if labels["klamm.dev/broker-role"] == "true" {
                    running.insert(id);
                    state.registered.insert(id);
                    if let Some(began_with) = pod.uid.as_ref().and_then(|uid| self.began_with.get(uid)) {
                        state.advertised.insert(id, began_with.clone());
                    }
                    state.brokers.entry(id).or_insert_with(|| pod.zone.clone());
                }
                let quorum = &mut state.quorum;
                let is_known = quorum.voters.contains_key(&id) || quorum.observer(id).is_some();
                if labels["klamm.dev/controller-role"] == "true" && !is_known {
                    if first.contains(&id) && self.begun.insert(id) {
                        quorum.voters.insert(id, replica(id));
                        quorum.leader = quorum.leader.or(Some(id));
                    } else {
                        quorum.observers.push((id, replica(id)));
                    }
                }
            }
        }
        state.brokers.retain(|id, _| running.contains(id));
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
        Action::Certify(action) => format!("certify {action:?}"),
        Action::TellZone { pod, zone } => format!("zone {zone} {pod}"),
        Action::TellAddresses { pod, advertised } => format!("addresses {advertised} {pod}"),
        Action::Delete { kind, name, .. } => format!("delete {kind} {name}"),
        Action::DeleteOrphaning { name } => format!("orphan {name}"),
        Action::DeletePod { name, .. } => format!("restart {name}"),
        Action::AlterSettings { set, unset } => format!("set {set:?} unset {unset:?}"),
        Action::Reassign { moves } => format!("move {}", moves.len()),
        Action::CancelMoves { partitions } => format!("cancel {}", partitions.len()),
        Action::Cordon { broker, is_cordoned } => {
            format!("{} {broker}", if *is_cordoned { "cordon" } else { "uncordon" })
        }
        Action::Unregister { broker } => format!("unregister {broker}"),
        Action::AddVoter { voter, .. } => format!("add voter {}@{}", voter.id, voter.directory),
        Action::RemoveVoter { voter } => format!("remove voter {}@{}", voter.id, voter.directory),
        Action::DeleteClaim { name, .. } => format!("delete claim {name}"),
    };
    plan.actions.iter().map(brief).collect()
}
