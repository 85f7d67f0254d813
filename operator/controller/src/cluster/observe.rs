//! Reads everything that a decision about a cluster rests on. Writes nothing.

mod machines;

use std::{collections::BTreeMap, io::Read as _};

use broker_types::Uuid;
use k8s_openapi::api::{
    core::v1::{Node, Pod},
    storage::v1::StorageClass,
};
use kube::{
    Api, Resource as _, ResourceExt as _,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams},
    core::DeserializeGuard,
};
use operator_api::{CLUSTER_LABEL, KafkaCluster, KafkaNodePool};
use operator_plan::{
    kafka::Kafka,
    names::Names,
    objects::{KINDS, OPTIONAL_KINDS},
    observed::{CONTROLLERS_MAX, Live, Observed, PodState},
    plan::NO_ZONE,
};

use crate::{
    certificates::{self, Vault},
    clock,
    context::Context,
    error::{ReconcileError, is_not_found},
};

/// The label of Kubernetes nodes.
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// What there is of `cluster`; `None` when it is gone or going. The cluster itself is read again: what is decided once,
/// such as its id, must not be decided twice because a watch is behind.
pub(super) async fn read(
    context: &Context,
    cluster: &KafkaCluster,
) -> Result<Option<(Observed, Vault)>, ReconcileError> {
    let name = cluster.name_any();
    let namespace = cluster.namespace().unwrap_or_default();
    let clusters: Api<KafkaCluster> = Api::namespaced(context.client.clone(), &namespace);
    let cluster = match clusters.get(&name).await {
        Err(error) if is_not_found(&error) => return Ok(None),
        cluster => cluster.map_err(ReconcileError::api("reading the KafkaCluster"))?,
    };
    if cluster.meta().deletion_timestamp.is_some() {
        return Ok(None);
    }
    let names = Names::new(&name, &namespace, &context.settings.cluster_domain);
    let vault = certificates::read(context, &cluster, &names).await?;
    let ours = ListParams::default().labels(&format!("{CLUSTER_LABEL}={name}"));
    let (live, unavailable) = live(context, &namespace, &ours).await?;
    let pods = pods(context, &namespace, &ours).await?;
    let mut observed = Observed {
        certificates: certificates::facts(&vault, &cluster, &names),
        nodes_told: None,
        users_told: None,
        pools: Vec::new(),
        malformed_pools: [].into(),
        live,
        unavailable,
        machines: machines::read(context, &cluster, &pods).await?,
        pods,
        storage_classes: storage_classes(context).await?,
        fresh_cluster_id: fresh_id()?,
        kafka: Kafka::default(),
        fresh_directory_ids: (0..CONTROLLERS_MAX).map(|_| fresh_id()).collect::<Result<_, _>>()?,
        now: clock::now(),
        cluster,
    };
    let pools: Api<DeserializeGuard<KafkaNodePool>> = Api::namespaced(context.client.clone(), &namespace);
    for pool in pools.list(&ours).await.map_err(ReconcileError::api("reading the KafkaNodePools"))? {
        if pool.meta().deletion_timestamp.is_some() {
            continue;
        }
        match pool.0 {
            Ok(pool) => observed.pools.push(pool),
            Err(invalid) => {
                let name = invalid.metadata.name.unwrap_or_default();
                observed.malformed_pools.insert(name, invalid.error);
            }
        }
    }
    Ok(Some((observed, vault)))
}

/// The objects of the cluster, and the kinds that this Kubernetes has not, or lets nobody read.
async fn live(
    context: &Context,
    namespace: &str,
    ours: &ListParams,
) -> Result<(Live, BTreeMap<String, String>), ReconcileError> {
    let (mut live, mut unavailable) = (Live::default(), BTreeMap::new());
    for (version, kind) in KINDS {
        let api: Api<DynamicObject> =
            Api::namespaced_with(context.client.clone(), namespace, &resource(version, kind));
        let found = match api.list(ours).await {
            Err(kube::Error::Api(status)) if OPTIONAL_KINDS.contains(&kind) && status.code == 404 => {
                unavailable.insert(kind.to_owned(), "Kubernetes knows none".to_owned());
                continue;
            }
            Err(kube::Error::Api(status)) if OPTIONAL_KINDS.contains(&kind) && status.code == 403 => {
                unavailable.insert(kind.to_owned(), "the operator may not read them".to_owned());
                continue;
            }
            found => found.map_err(ReconcileError::api(format!("reading each {kind}")))?,
        };
        for object in found {
            if let Ok(value) = serde_json::to_value(object) {
                live.insert(kind, value);
            }
        }
    }
    Ok((live, unavailable))
}

async fn pods(
    context: &Context,
    namespace: &str,
    ours: &ListParams,
) -> Result<Vec<PodState>, ReconcileError> {
    let pods: Api<Pod> = Api::namespaced(context.client.clone(), namespace);
    let pods = pods.list(ours).await.map_err(ReconcileError::api("reading the pods"))?;
    let mut pods: Vec<_> = pods.iter().map(PodState::of).collect();
    context.open_files.ask(&mut pods).await;
    for pod in &mut pods {
        if let (None, Some(node)) = (&pod.zone, &pod.node) {
            pod.zone_of_node = Some(zone(context, node).await?);
        }
    }
    Ok(pods)
}

/// The zone of a Kubernetes node; none where it says none, is gone, or may not be read.
async fn zone(context: &Context, node: &str) -> Result<String, ReconcileError> {
    let nodes: Api<Node> = Api::all(context.client.clone());
    let labels = match nodes.get_metadata(node).await {
        Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => None,
        node => node.map_err(ReconcileError::api("reading a Node"))?.metadata.labels,
    };
    Ok(labels.and_then(|labels| labels.get(ZONE_LABEL).cloned()).unwrap_or_else(|| NO_ZONE.to_owned()))
}

/// `None` where the operator may not read them: they belong to no namespace.
async fn storage_classes(context: &Context) -> Result<Option<Vec<StorageClass>>, ReconcileError> {
    let classes: Api<StorageClass> = Api::all(context.client.clone());
    match classes.list(&ListParams::default()).await {
        Ok(classes) => Ok(Some(classes.items)),
        Err(kube::Error::Api(status)) if status.code == 403 => Ok(None),
        Err(error) => Err(ReconcileError::api("reading the StorageClasses")(error)),
    }
}

/// The API of a kind that is named by text.
pub(super) fn resource(version: &str, kind: &str) -> ApiResource {
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}

/// A random id as Kafka's own tools make one.
fn fresh_id() -> Result<String, ReconcileError> {
    let mut source = std::fs::File::open("/dev/urandom").map_err(ReconcileError::Random)?;
    loop {
        let mut bytes = [0; 16];
        source.read_exact(&mut bytes).map_err(ReconcileError::Random)?;
        // Some ids have a meaning of their own, and one that begins with a dash is taken for an option by tools.
        if let Some(uuid) =
            Uuid::from_random(bytes).map(|uuid| uuid.to_string()).filter(|id| !id.starts_with('-'))
        {
            return Ok(uuid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_where_kubernetes_has_them() {
        let expected = [
            "configmaps",
            "persistentvolumeclaims",
            "services",
            "serviceaccounts",
            "statefulsets",
            "tlsroutes",
            "ingresses",
            "networkpolicies",
            "poddisruptionbudgets",
        ];
        let found: Vec<_> = KINDS.iter().map(|(version, kind)| resource(version, kind).plural).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn ids_are_as_kafkas() {
        let id = fresh_id().expect("randomness");
        assert_eq!(id.len(), 22);
        assert_ne!(id, fresh_id().expect("randomness"));
    }
}
