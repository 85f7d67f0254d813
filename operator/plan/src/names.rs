//! How the objects of a cluster are called. Peers' names, so that clients and habits carry over.

/// Where brokers speak to each other and to the operator; it is there whatever listeners a cluster states.
pub const OPERATOR_PORT: i32 = 9091;

/// Names of the objects of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    cluster: String,
    namespace: String,
    cluster_domain: String,
}

impl Names {
    /// Names of the objects of `cluster` in `namespace`.
    #[must_use]
    pub fn new(cluster: &str, namespace: &str, cluster_domain: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
            cluster_domain: cluster_domain.to_owned(),
        }
    }

    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// Its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The Service that clients start from.
    #[must_use]
    pub fn bootstrap_service(&self) -> String {
        format!("{}-kafka-bootstrap", self.cluster)
    }

    /// The host that clients start from.
    #[must_use]
    pub fn bootstrap_host(&self) -> String {
        format!("{}.{}.svc.{}", self.bootstrap_service(), self.namespace, self.cluster_domain)
    }

    /// The headless Service that names each pod.
    #[must_use]
    pub fn brokers_service(&self) -> String {
        format!("{}-kafka-brokers", self.cluster)
    }

    /// What every object has one of: ServiceAccount, PodDisruptionBudget, NetworkPolicy.
    #[must_use]
    pub fn shared(&self) -> String {
        format!("{}-kafka", self.cluster)
    }

    /// The StatefulSet and the ConfigMap of a pool.
    #[must_use]
    pub fn pool(&self, pool: &str) -> String {
        format!("{}-{pool}", self.cluster)
    }

    /// The pod of a node.
    #[must_use]
    pub fn pod(&self, pool: &str, node_id: i32) -> String {
        format!("{}-{pool}-{node_id}", self.cluster)
    }

    /// The host of the pod named `pod`.
    #[must_use]
    pub fn pod_host(&self, pod: &str) -> String {
        format!("{pod}.{}.{}.svc.{}", self.brokers_service(), self.namespace, self.cluster_domain)
    }
}
