//! A Kubernetes for tests: it carries plans out, and its StatefulSet controller makes claims and pods.

mod carry_out;
pub(crate) mod certificates;
mod kubernetes;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::{api::storage::v1::StorageClass, apimachinery::pkg::apis::meta::v1::Time};
use operator_api::{KafkaCluster, KafkaNodePool, NodeAddressType};
use serde_json::{Value, json};

use crate::{
    certificates::Certificates,
    kafka::{Ask, Kafka, KafkaState, Replica},
    observed::{Live, Observed, Settings},
    plan::{Action, Plan, decide},
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
