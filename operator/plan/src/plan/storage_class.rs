//! What the storage classes of claims are like: xfs is recommended, growing must be possible.

use k8s_openapi::api::storage::v1::StorageClass;

use crate::{
    conditions::Warning,
    observed::Observed,
    validated::{Backing, ValidatedCluster},
};

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
/// Parameters that provisioners read the file system's type from.
const FILE_SYSTEM: [&str; 3] = ["csi.storage.k8s.io/fstype", "fsType", "fstype"];

/// The class `name`, or the default one.
pub(super) fn find<'a>(observed: &'a Observed, name: Option<&str>) -> Option<&'a StorageClass> {
    let mut classes = observed.storage_classes.iter().flatten();
    classes.find(|class| match name {
        Some(name) => class.metadata.name.as_deref() == Some(name),
        None => {
            let annotations = class.metadata.annotations.as_ref();
            annotations.and_then(|all| all.get(DEFAULT_CLASS)).is_some_and(|value| value == "true")
        }
    })
}

/// Warns of classes that are not there, not said to be xfs, or cannot grow. Says nothing when classes may not be read.
pub(super) fn check(cluster: &ValidatedCluster, observed: &Observed, warnings: &mut Vec<Warning>) {
    if observed.storage_classes.is_none() {
        return;
    }
    for volume in cluster.pools.iter().flat_map(|pool| &pool.storage.volumes) {
        let Backing::Claim { class: name, .. } = &volume.backing else { continue };
        if name.as_deref() == Some("") {
            // Volumes without a class, made up front and bound by hand.
            continue;
        }
        let Some(class) = find(observed, name.as_deref()) else {
            let message = match name {
                Some(name) => format!("there is no StorageClass {name}: the claim stays pending"),
                None => "there is no default StorageClass: name one in storage.class".to_owned(),
            };
            warnings.push(Warning::new("StorageClass", message));
            continue;
        };
        let doubts = doubts(class);
        if !doubts.is_empty() {
            let name = class.metadata.name.as_deref().unwrap_or_default();
            warnings
                .push(Warning::new("StorageClass", format!("StorageClass {name}: {}", doubts.join("; "))));
        }
    }
}

fn doubts(class: &StorageClass) -> Vec<&'static str> {
    let mut doubts = Vec::new();
    let parameters = class.parameters.iter().flatten();
    let file_system =
        parameters.filter(|(key, _)| FILE_SYSTEM.contains(&key.as_str())).map(|(_, value)| value).next();
    if file_system.is_none_or(|name| name != "xfs") {
        doubts.push("it does not say that its volumes are xfs, which is recommended for logs (csi.storage.k8s.io/fstype)");
    }
    if class.allow_volume_expansion != Some(true) {
        doubts.push("its volumes cannot grow (allowVolumeExpansion)");
    }
    doubts
}
