//! Manifests from a file: the documents that concern one cluster, in the types of the operator.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use operator_api::{GROUP, KafkaCluster, KafkaNodePool, KafkaTopic, VERSION};
use operator_plan::{
    observed::{Observed, Settings},
    validate::validate,
    validated::ValidatedCluster,
};
use serde::{Deserialize as _, de::DeserializeOwned};
use serde_json::Value;

/// The label that binds pools and topics to their cluster.
const CLUSTER_LABEL: &str = "klamm.dev/cluster";

/// One cluster with its pools and topics.
#[derive(Debug)]
pub(crate) struct Manifests {
    pub(crate) cluster: KafkaCluster,
    pub(crate) pools: Vec<KafkaNodePool>,
    pub(crate) topics: Vec<KafkaTopic>,
    /// What else is in the file, in words.
    pub(crate) ignored: Vec<String>,
}

impl Manifests {
    /// Reads the documents of `path`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads YAML documents: one KafkaCluster, and the pools and topics that are bound to it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut clusters: Vec<KafkaCluster> = Vec::new();
        let mut pools: Vec<KafkaNodePool> = Vec::new();
        let mut topics: Vec<KafkaTopic> = Vec::new();
        let mut ignored = Vec::new();
        let ours = format!("{GROUP}/{VERSION}");
        for (at, document) in serde_yaml::Deserializer::from_str(text).enumerate() {
            let document = Value::deserialize(document).with_context(|| format!("document {}", at + 1))?;
            if document.is_null() {
                continue;
            }
            let said = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (group, kind) = (said("apiVersion"), said("kind"));
            match (group == ours, kind.as_str()) {
                (true, "KafkaCluster") => clusters.push(read(document, at)?),
                (true, "KafkaNodePool") => pools.push(read(document, at)?),
                (true, "KafkaTopic") => topics.push(read(document, at)?),
                (true, "KafkaUser") => {
                    ignored
                        .push(format!("document {} (KafkaUser): users are made on Kubernetes alone", at + 1));
                }
                _ => ignored.push(format!("document {} ({kind} of {group}) is not Klamm's", at + 1)),
            }
        }
        let mut clusters = clusters.into_iter();
        let cluster = clusters.next().ok_or_else(|| anyhow!("there is no KafkaCluster of {ours} in it"))?;
        if let Some(other) = clusters.next() {
            let other = other.metadata.name.unwrap_or_default();
            bail!("there is a second KafkaCluster, '{other}', in it: one at a time");
        }
        let name = cluster.metadata.name.clone().unwrap_or_default();
        if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
            bail!("metadata.name: '{name}' is no name of a KafkaCluster");
        }
        pools.retain(|pool| {
            let is_its = label(pool.metadata.labels.as_ref()) == Some(&name);
            if !is_its {
                ignored.push(not_bound("KafkaNodePool", pool.metadata.name.as_deref(), &name));
            }
            is_its
        });
        topics.retain(|topic| {
            let by_reference = topic.spec.cluster_ref.as_ref().map(|reference| &reference.name);
            let is_its = by_reference.or(label(topic.metadata.labels.as_ref())) == Some(&name);
            if !is_its {
                ignored.push(not_bound("KafkaTopic", topic.metadata.name.as_deref(), &name));
            }
            is_its
        });
        Ok(Self { cluster, pools, topics, ignored })
    }

    /// The cluster as the operator understands it.
    pub(crate) fn validated(&self) -> Result<ValidatedCluster> {
        // The data directory knows the cluster's id; nothing here is named after it.
        let now = serde_json::from_value("1970-01-01T00:00:00Z".into())?;
        let observed = Observed::of_manifests(self.cluster.clone(), self.pools.clone(), now);
        let settings = Settings {
            image: "klamm".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            operator_namespace: String::new(),
        };
        let cluster = validate(&observed, &settings)?;
        let nodes: usize = cluster.pools.iter().map(|pool| pool.node_ids.len()).sum();
        if nodes > 1 {
            bail!(
                "spec.replicas of the pools: {nodes} nodes in all, and klamm up runs one; clusters of several run on Kubernetes"
            );
        }
        Ok(cluster)
    }
}

fn read<T: DeserializeOwned>(document: Value, at: usize) -> Result<T> {
    let name = document.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("without a name");
    let said = format!("document {} ({name})", at + 1);
    serde_json::from_value(document).context(said)
}

fn label(labels: Option<&std::collections::BTreeMap<String, String>>) -> Option<&String> {
    labels?.get(CLUSTER_LABEL)
}

fn not_bound(kind: &str, name: Option<&str>, cluster: &str) -> String {
    let name = name.unwrap_or_default();
    format!("{kind} '{name}' is not bound to '{cluster}': it has no label {CLUSTER_LABEL}: {cluster}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICKSTART: &str = include_str!("../../examples/quickstart.yaml");
    const NODE_POOL: &str = include_str!("../../examples/node-pool.yaml");

    #[test]
    fn the_examples_are_one_cluster_each() {
        let quickstart = Manifests::parse(QUICKSTART).unwrap();
        assert_eq!((quickstart.pools.len(), quickstart.topics.len()), (0, 1));
        assert_eq!(quickstart.validated().unwrap().pools.len(), 1);
        let sized = Manifests::parse(NODE_POOL).unwrap();
        assert_eq!((sized.pools.len(), sized.topics.len(), sized.ignored.len()), (1, 1, 0));
        assert_eq!(sized.validated().unwrap().pools[0].storage.volumes.len(), 2);
    }

    #[test]
    fn what_is_not_bound_is_left_out_and_said() {
        let text = QUICKSTART.replace("klamm.dev/cluster: my-cluster", "klamm.dev/cluster: other");
        let manifests = Manifests::parse(&text).unwrap();
        assert!(manifests.topics.is_empty());
        assert!(manifests.ignored[0].contains("'my-topic' is not bound"), "{:?}", manifests.ignored);
    }

    #[test]
    fn more_than_one_node_is_refused_with_the_field() {
        let text = NODE_POOL.replace("replicas: 1", "replicas: 3");
        let refused = Manifests::parse(&text).unwrap().validated().unwrap_err().to_string();
        assert!(refused.contains("spec.replicas") && refused.contains("3 nodes"), "{refused}");
    }

    #[test]
    fn two_clusters_or_none_are_refused() {
        let twice = format!("{QUICKSTART}\n---\n{QUICKSTART}");
        assert!(Manifests::parse(&twice).unwrap_err().to_string().contains("second KafkaCluster"));
        assert!(Manifests::parse("").unwrap_err().to_string().contains("no KafkaCluster"));
        assert!(Manifests::parse("kind: [").is_err());
    }
}
