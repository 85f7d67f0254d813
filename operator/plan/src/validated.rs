//! A cluster that makes sense: what `plan` works on.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::OwnerReference};
use operator_api::{
    Bootstrap, BootstrapState, KafkaAuthorization, Listener, PodTemplate, ResourceTemplate, Role, Storage,
};

use crate::{certificates::ValidatedCertificates, conditions::Warning, names::Names, size::model};

/// How long a controller may be behind where the settings do not say: Kafka's own default.
const FETCH_TIMEOUT_MS: i64 = 2000;

/// A cluster that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedCluster {
    /// How its objects are called.
    pub names: Names,
    /// Names the resource as the owner of its objects.
    pub owner: OwnerReference,
    /// Who it is; recorded in the status before the first object is made.
    pub identity: Identity,
    /// The Klamm release of its brokers.
    pub version: String,
    /// Their image.
    pub image: String,
    /// Where clients connect.
    pub listeners: Vec<Listener>,
    /// Who may do what, where anybody looks.
    pub authorization: Option<KafkaAuthorization>,
    /// The broker settings, the user's among them.
    pub properties: BTreeMap<String, String>,
    /// Its pools, by name.
    pub pools: Vec<ValidatedPool>,
    /// Additions to its shared objects.
    pub templates: SharedTemplates,
    /// What is stated of its certificates.
    pub certificates: ValidatedCertificates,
    /// The listeners that show a certificate of the user's: where it can be used, or was taken over before.
    pub own_certificates: BTreeSet<String>,
    /// The computed size, when one is asked for.
    pub sizing: Option<model::Report>,
    /// What is doubtful.
    pub warnings: Vec<Warning>,
}

/// Who a cluster is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id of the Kafka cluster.
    pub cluster_id: String,
    /// Who may write the first voter set, and whether that is done.
    pub bootstrap: Bootstrap,
    /// Whether the status says all of this already.
    pub is_recorded: bool,
}

impl Identity {
    /// Whether the claims of this node hold data of the cluster, as far as is known.
    #[must_use]
    pub fn is_formatted(&self, node_id: i32) -> bool {
        let first = self.bootstrap.controllers.iter().find(|controller| controller.node_id == node_id);
        first.map_or(self.bootstrap.state, |controller| controller.state) == BootstrapState::Done
    }
}

impl ValidatedCluster {
    /// The ids of the nodes with `role`.
    #[must_use]
    pub fn nodes_with(&self, role: Role) -> BTreeSet<i32> {
        let pools = self.pools.iter().filter(|pool| pool.has(role));
        pools.flat_map(|pool| pool.node_ids.iter().copied()).collect()
    }

    /// The ids of the nodes that are to have `role`: without those that leave, or whose pool gives it up.
    #[must_use]
    pub fn wanted(&self, role: Role) -> BTreeSet<i32> {
        let pools = self.pools.iter().filter(|pool| pool.stated_roles.contains(&role));
        pools.flat_map(|pool| pool.node_ids.iter().filter(|id| !pool.kept.contains(id)).copied()).collect()
    }

    /// The nodes that are not wanted any more and stay for now.
    #[must_use]
    pub fn kept(&self) -> BTreeSet<i32> {
        self.pools.iter().flat_map(|pool| pool.kept.iter().copied()).collect()
    }

    /// How long ago a controller may have caught up last, in milliseconds, to count as one that has.
    #[must_use]
    pub fn behind_max_ms(&self) -> i64 {
        let stated = self.properties.get("controller.quorum.fetch.timeout.ms");
        stated.and_then(|text| text.trim().parse().ok()).unwrap_or(FETCH_TIMEOUT_MS)
    }

    /// The pool of a node.
    #[must_use]
    pub fn pool_of(&self, node_id: i32) -> Option<&ValidatedPool> {
        self.pools.iter().find(|pool| pool.node_ids.contains(&node_id))
    }
}

/// A pool that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedPool {
    /// Its name.
    pub name: String,
    /// Whether a KafkaNodePool states it, or it is the default.
    pub is_stated: bool,
    /// Where its block of ids begins: the StatefulSet's `ordinals.start`.
    pub first_id: i32,
    /// The ids of its nodes, in order.
    pub node_ids: Vec<i32>,
    /// Those among them that are not wanted any more and have copies or a vote to give away.
    pub kept: Vec<i32>,
    /// What its nodes do; more than is stated while they have a vote to give away.
    pub roles: Vec<Role>,
    /// What they are to do.
    pub stated_roles: Vec<Role>,
    /// Where they keep data.
    pub storage: ValidatedStorage,
    /// What is requested for each.
    pub requests: BTreeMap<String, Quantity>,
    /// What each is limited to.
    pub limits: BTreeMap<String, Quantity>,
    /// How these came about.
    pub resources_because: Vec<String>,
    /// Additions to its pods.
    pub pod: PodTemplate,
    /// Additions to its claims.
    pub claim: ResourceTemplate,
}

impl ValidatedPool {
    /// Whether its nodes have `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Additions to the shared objects of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharedTemplates {
    /// To the bootstrap Service.
    pub bootstrap_service: ResourceTemplate,
    /// To the headless Service.
    pub brokers_service: ResourceTemplate,
    /// To the PodDisruptionBudget.
    pub pod_disruption_budget: ResourceTemplate,
    /// To the ServiceAccount.
    pub service_account: ResourceTemplate,
}

/// Storage that makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedStorage {
    /// As stated, or as it stays when the stated change is not possible.
    pub stated: Storage,
    /// The volumes, the one with the metadata log first.
    pub volumes: Vec<ValidatedVolume>,
}

impl ValidatedStorage {
    /// Whether all data dies with the pod.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.volumes.iter().all(|volume| matches!(volume.backing, Backing::Ephemeral { .. }))
    }
}

/// One volume: a log directory.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidatedVolume {
    /// Its number among several.
    pub id: Option<i32>,
    /// What is behind it.
    pub backing: Backing,
}

/// What is behind a volume.
#[derive(Clone, Debug, PartialEq)]
pub enum Backing {
    /// An emptyDir.
    Ephemeral {
        /// The most it may hold.
        size_limit: Option<String>,
    },
    /// A claim.
    Claim {
        /// Its size.
        size: String,
        /// Its class; the default one when `None`.
        class: Option<String>,
        /// Labels that the volume must have.
        selector: Option<BTreeMap<String, String>>,
        /// Whether it goes with the cluster.
        is_deleted_with_cluster: bool,
    },
}

impl ValidatedVolume {
    /// The name of the volume and of its claim template: a claim is then called as peers call it.
    #[must_use]
    pub fn name(&self) -> String {
        self.id.map_or_else(|| "data".to_owned(), |id| format!("data-{id}"))
    }

    /// Where it is mounted.
    #[must_use]
    pub fn mount_path(&self) -> String {
        format!("/var/lib/kafka/{}", self.name())
    }

    /// Its claim for the pod named `pod`.
    #[must_use]
    pub fn claim_name(&self, pod: &str) -> String {
        format!("{}-{pod}", self.name())
    }
}
