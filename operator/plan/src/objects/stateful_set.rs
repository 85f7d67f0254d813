//! The StatefulSet of a pool. It never restarts a pod by itself (OnDelete); the ordinal of a pod is its node's id.

use k8s_openapi::{
    api::{
        apps::v1::{StatefulSet, StatefulSetOrdinals, StatefulSetSpec, StatefulSetUpdateStrategy},
        core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements},
    },
    apimachinery::pkg::{
        api::resource::Quantity,
        apis::meta::v1::{LabelSelector, ObjectMeta},
    },
};
use operator_api::{CLUSTER_ID_ANNOTATION, STORAGE_ANNOTATION};

use super::pod::pod_template;
use crate::{
    manifest::Manifest,
    validated::{Backing, ValidatedCluster, ValidatedPool, ValidatedVolume},
};

pub(crate) fn stateful_set(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Manifest {
    let name = cluster.names.pool(&pool.name);
    let mut metadata = super::owned(cluster, &name, Some(&pool.name), None);
    let annotations = metadata.annotations.get_or_insert_default();
    let storage = serde_json::to_string(&pool.storage.stated).unwrap_or_default();
    annotations.insert(STORAGE_ANNOTATION.to_owned(), storage);
    annotations.insert(CLUSTER_ID_ANNOTATION.to_owned(), cluster.identity.cluster_id.clone());
    let claims: Vec<_> =
        pool.storage.volumes.iter().filter_map(|volume| claim_template(cluster, pool, volume)).collect();
    let set = StatefulSet {
        metadata,
        spec: Some(StatefulSetSpec {
            replicas: Some(i32::try_from(pool.node_ids.len()).unwrap_or(i32::MAX)),
            ordinals: Some(StatefulSetOrdinals { start: Some(pool.first_id) }),
            service_name: Some(cluster.names.brokers_service()),
            pod_management_policy: Some("Parallel".to_owned()),
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("OnDelete".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            revision_history_limit: Some(2),
            selector: super::selector(super::pool_selector(cluster, &pool.name)),
            template: pod_template(cluster, pool),
            volume_claim_templates: (!claims.is_empty()).then_some(claims),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    };
    Manifest::new("apps/v1", "StatefulSet", &name, &set)
}

fn claim_template(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    volume: &ValidatedVolume,
) -> Option<PersistentVolumeClaim> {
    let Backing::Claim { size, class, selector, .. } = &volume.backing else { return None };
    let labels = super::labels(cluster, Some(&pool.name), None);
    let requests = [("storage".to_owned(), Quantity(size.clone()))];
    Some(PersistentVolumeClaim {
        metadata: ObjectMeta { name: Some(volume.name()), labels: Some(labels), ..ObjectMeta::default() },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: class.clone(),
            selector: selector
                .clone()
                .map(|labels| LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }),
            resources: Some(VolumeResourceRequirements { requests: Some(requests.into()), limits: None }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    })
}
