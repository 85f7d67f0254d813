//! A live volume claim, as far as it is ours: its labels, whether it goes with the cluster, its size.
//!
//! Claims are made by the StatefulSet's controller; this is applied over one that exists.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements},
    apimachinery::pkg::api::resource::Quantity,
};
use operator_api::{CLUSTER_ID_ANNOTATION, NODE_ID_LABEL};

use crate::{
    manifest::Manifest,
    validated::{ValidatedCluster, ValidatedPool},
};

/// The claim `name` of node `node_id`, `size` large.
pub(crate) fn claim(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    name: &str,
    node_id: i32,
    size: &str,
    is_deleted_with_cluster: bool,
) -> Manifest {
    let mut metadata = super::owned(cluster, name, Some(&pool.name), pool.claim.metadata.as_ref());
    if !is_deleted_with_cluster {
        metadata.owner_references = None;
    }
    metadata.labels.get_or_insert_default().insert(NODE_ID_LABEL.to_owned(), node_id.to_string());
    if cluster.identity.is_formatted(node_id) {
        let annotations = metadata.annotations.get_or_insert_default();
        annotations.insert(CLUSTER_ID_ANNOTATION.to_owned(), cluster.identity.cluster_id.clone());
    }
    let requests = BTreeMap::from([("storage".to_owned(), Quantity(size.to_owned()))]);
    let claim = PersistentVolumeClaim {
        metadata,
        spec: Some(PersistentVolumeClaimSpec {
            resources: Some(VolumeResourceRequirements { requests: Some(requests), limits: None }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    };
    Manifest::new("v1", "PersistentVolumeClaim", name, &claim)
}
