//! Who a cluster is: its id, and who may write its first voter set.
//!
//! The status says it. Where the status was lost, or the resource was deleted and made again over claims that were
//! kept, the StatefulSet or a formatted claim says it, and nobody may write a voter set from nothing.

use operator_api::{Bootstrap, BootstrapState, CLUSTER_ID_ANNOTATION, Role};
use serde_json::Value;

use super::Invalid;
use crate::{
    observed::Observed,
    validated::{Identity, ValidatedPool},
};

pub(super) fn find(observed: &Observed, pools: &[ValidatedPool]) -> Result<Identity, Invalid> {
    let status = observed.cluster.status.as_ref();
    let recorded = status.and_then(|status| Some((status.cluster_id.clone()?, status.bootstrap.clone()?)));
    if let Some((cluster_id, bootstrap)) = recorded {
        return Ok(Identity { cluster_id, bootstrap, is_recorded: true });
    }
    let controllers = pools.iter().filter(|pool| pool.has(Role::Controller));
    let first = controllers.flat_map(|pool| &pool.node_ids).min().copied();
    let node_id = first.ok_or_else(|| Invalid::new("KafkaNodePool", "a cluster needs a controller"))?;
    let recorded_id = status.and_then(|status| status.cluster_id.as_deref());
    let formatted = formatted_id(observed, "PersistentVolumeClaim")?;
    let deployed = formatted_id(observed, "StatefulSet")?;
    let state = if formatted.is_some() { BootstrapState::Done } else { BootstrapState::Pending };
    let known = recorded_id.or(formatted).or(deployed);
    Ok(Identity {
        cluster_id: known.unwrap_or(&observed.fresh_cluster_id).to_owned(),
        bootstrap: Bootstrap { node_id, state },
        is_recorded: false,
    })
}

fn formatted_id<'a>(observed: &'a Observed, kind: &'a str) -> Result<Option<&'a str>, Invalid> {
    let mut found: Option<&str> = None;
    for (name, object) in observed.live.of_kind(kind) {
        let annotations = object.pointer("/metadata/annotations");
        let id = annotations.and_then(|all| all.get(CLUSTER_ID_ANNOTATION)).and_then(Value::as_str);
        match (found, id) {
            (Some(one), Some(other)) if one != other => {
                let reason =
                    format!("holds data of cluster {other}, another {kind} that of {one}: keep only one's");
                return Err(Invalid::new(format!("{kind}/{name}"), reason));
            }
            (None, Some(_)) => found = id,
            _ => {}
        }
    }
    Ok(found)
}
