//! How the objects of a cluster are called. Peers' names, so that clients and habits carry over.

use crate::certificates::Which;

/// Where brokers speak to each other and to the operator; it is there whatever listeners a cluster states.
pub const OPERATOR_PORT: i32 = 9091;

/// The name that no pool may have: Secrets are called by it.
pub const OPERATOR: &str = "cluster-operator";

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
        self.service_host(&self.bootstrap_service(), true)
    }

    /// What of a listener with objects of its own leads to any broker: its Service, Ingress and TLSRoute.
    #[must_use]
    pub fn listener_bootstrap(&self, listener: &str) -> String {
        format!("{}-kafka-{listener}-bootstrap", self.cluster)
    }

    /// What of such a listener leads to one broker.
    #[must_use]
    pub fn listener_broker(&self, pool: &str, listener: &str, node_id: i32) -> String {
        format!("{}-{pool}-{listener}-{node_id}", self.cluster)
    }

    /// The host of a Service, with the DNS domain of Kubernetes or without.
    #[must_use]
    pub fn service_host(&self, service: &str, has_domain: bool) -> String {
        let domain = if has_domain { format!(".{}", self.cluster_domain) } else { String::new() };
        format!("{service}.{}.svc{domain}", self.namespace)
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

    /// The Secret of an authority that everybody may see: what is to be trusted.
    #[must_use]
    pub fn authority_public(&self, which: Which) -> String {
        format!("{}-{}-ca-cert", self.cluster, which.word())
    }

    /// The Secret of an authority's keys.
    #[must_use]
    pub fn authority_private(&self, which: Which) -> String {
        format!("{}-{}-ca", self.cluster, which.word())
    }

    /// The Secret with the certificates of a pool's nodes.
    #[must_use]
    pub fn pool_certificates(&self, pool: &str) -> String {
        format!("{}-{pool}-certs", self.cluster)
    }

    /// The Secret with the operator's own certificate.
    #[must_use]
    pub fn operator_certificates(&self) -> String {
        self.pool_certificates(OPERATOR)
    }

    /// All forms of a host in the cluster's namespace, as it is called from inside of Kubernetes.
    #[must_use]
    pub fn forms(&self, host: &str) -> Vec<String> {
        let in_namespace = format!("{host}.{}", self.namespace);
        let service = format!("{in_namespace}.svc");
        let whole = format!("{service}.{}", self.cluster_domain);
        vec![host.to_owned(), in_namespace, service, whole]
    }

    /// The cluster whose [`Self::bootstrap_host`] this is, and its namespace.
    #[must_use]
    pub fn of_bootstrap(host: &str) -> Option<(&str, &str)> {
        let (cluster, rest) = host.split_once("-kafka-bootstrap.")?;
        let (namespace, _) = rest.split_once('.')?;
        Some((cluster, namespace))
    }

    /// The host of the pod named `pod`.
    #[must_use]
    pub fn pod_host(&self, pod: &str) -> String {
        format!("{pod}.{}", self.service_host(&self.brokers_service(), true))
    }
}
