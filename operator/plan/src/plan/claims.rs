//! Volume claims that exist: labelled, owned or not, and grown.

use serde_json::Value;

use super::storage_class;
use crate::{
    conditions::Warning,
    manifest::Manifest,
    objects,
    observed::Observed,
    quantity::Bytes,
    validated::{Backing, ValidatedCluster, ValidatedPool},
};

/// The claims of `pool` as they should be. One that is larger than stated stays so; one that cannot grow stays too, with
/// a warning.
pub(super) fn wanted(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    observed: &Observed,
    warnings: &mut Vec<Warning>,
) -> Vec<Manifest> {
    let mut wanted = Vec::new();
    for node_id in &pool.node_ids {
        let pod = cluster.names.pod(&pool.name, *node_id);
        for volume in &pool.storage.volumes {
            let Backing::Claim { size, is_deleted_with_cluster, .. } = &volume.backing else { continue };
            let name = volume.claim_name(&pod);
            let Some(live) = observed.live.get("PersistentVolumeClaim", &name) else { continue };
            if live.pointer("/metadata/deletionTimestamp").is_some() {
                continue;
            }
            let text = |path: &str| live.pointer(path).and_then(Value::as_str);
            let has = text("/spec/resources/requests/storage").unwrap_or(size);
            let size =
                match refusal(observed, has, size, text("/status/phase"), text("/spec/storageClassName")) {
                    Growth::No => has,
                    Growth::Yes => size,
                    Growth::NotPossible(why) => {
                        let message = format!("claim {name} has {has} and cannot grow to {size}: {why}");
                        warnings.push(Warning::new("KafkaStorage", message));
                        has
                    }
                };
            wanted.push(objects::claim(cluster, pool, &name, *node_id, size, *is_deleted_with_cluster));
        }
    }
    wanted
}

enum Growth {
    No,
    Yes,
    NotPossible(String),
}

fn refusal(observed: &Observed, has: &str, wanted: &str, phase: Option<&str>, class: Option<&str>) -> Growth {
    let is_growth =
        matches!((has.parse::<Bytes>(), wanted.parse::<Bytes>()), (Ok(has), Ok(wanted)) if wanted > has);
    if !is_growth {
        return Growth::No;
    }
    if phase != Some("Bound") {
        return Growth::NotPossible("it is not bound yet".to_owned());
    }
    match storage_class::find(observed, class) {
        Some(class) if class.allow_volume_expansion != Some(true) => {
            let name = class.metadata.name.as_deref().unwrap_or_default();
            Growth::NotPossible(format!("StorageClass {name} does not allow it (allowVolumeExpansion)"))
        }
        _ => Growth::Yes,
    }
}
