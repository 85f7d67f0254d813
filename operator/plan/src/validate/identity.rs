//! Who a cluster is: its id, and which controllers may write its first voter set.
//!
//! The status says it. Where the status was lost, or the resource was deleted and made again over claims that were
//! kept, the ConfigMaps, the StatefulSets and formatted claims say it. Invariant: a controller whose claim is formatted,
//! or of which nobody knows, writes no voter set from nothing.

use std::collections::BTreeSet;

use operator_api::{Bootstrap, BootstrapState, CLUSTER_ID_ANNOTATION, FirstController, NODE_ID_LABEL, Role};
use serde_json::Value;

use super::{Invalid, node_ids::label};
use crate::{
    objects::{INITIAL_CONTROLLERS_KEY, PENDING_NODES_KEY},
    observed::Observed,
    validated::{Identity, ValidatedPool},
};

pub(super) fn find(observed: &Observed, pools: &[ValidatedPool]) -> Result<Identity, Invalid> {
    let controllers = pools.iter().filter(|pool| pool.has(Role::Controller));
    let ids: BTreeSet<i32> = controllers.flat_map(|pool| pool.node_ids.iter().copied()).collect();
    let status = observed.cluster.status.as_ref();
    let recorded = status.and_then(|status| Some((status.cluster_id.clone()?, status.bootstrap.clone()?)));
    if let Some((cluster_id, bootstrap)) = recorded {
        return Ok(Identity { cluster_id, bootstrap, is_recorded: true });
    }
    let recorded_id = status.and_then(|status| status.cluster_id.as_deref());
    let formatted = formatted_id(observed, "PersistentVolumeClaim")?;
    let deployed = formatted_id(observed, "StatefulSet")?;
    let known = recorded_id.or(formatted).or(deployed);
    Ok(Identity {
        cluster_id: known.unwrap_or(&observed.fresh_cluster_id).to_owned(),
        bootstrap: first_controllers(observed, &ids, deployed.is_some()),
        is_recorded: false,
    })
}

fn first_controllers(observed: &Observed, ids: &BTreeSet<i32>, is_deployed: bool) -> Bootstrap {
    let told = told(observed);
    let has_data = formatted_nodes(observed);
    let mut fresh = observed.fresh_directory_ids.iter();
    let is_alone = ids.len() == 1;
    let controllers: Vec<_> = ids
        .iter()
        .map(|id| {
            let known = told.iter().find(|known| known.node_id == *id);
            let is_done = has_data.contains(id)
                || match known {
                    Some(known) => known.state == BootstrapState::Done,
                    // Of several that were made, only the ConfigMap knows the directories: without it none may begin.
                    None => !has_data.is_empty() || (!is_alone && is_deployed),
                };
            let directory_id = known.map_or_else(
                || fresh.next().filter(|_| !is_alone).cloned(),
                |known| known.directory_id.clone(),
            );
            FirstController { node_id: *id, directory_id, state: state(is_done) }
        })
        .collect();
    let is_done = controllers.iter().all(|controller| controller.state == BootstrapState::Done);
    Bootstrap { state: state(is_done), controllers }
}

fn state(is_done: bool) -> BootstrapState {
    if is_done { BootstrapState::Done } else { BootstrapState::Pending }
}

/// What a ConfigMap still says of the first controllers.
fn told(observed: &Observed) -> Vec<FirstController> {
    let text = |map: &Value, key: &str| {
        map.pointer("/data").and_then(|data| data.get(key)).and_then(Value::as_str).map(str::to_owned)
    };
    let maps = observed.live.of_kind("ConfigMap");
    let found = maps
        .filter_map(|(_, map)| Some((text(map, INITIAL_CONTROLLERS_KEY)?, text(map, PENDING_NODES_KEY)?)))
        .next();
    let Some((list, pending)) = found else { return Vec::new() };
    let pending: BTreeSet<i32> = pending.split(',').filter_map(|id| id.trim().parse().ok()).collect();
    let one = |text: &str| {
        let (id, rest) = text.split_once('@')?;
        let (_, directory) = rest.rsplit_once(':')?;
        let node_id = id.parse().ok()?;
        let state = state(!pending.contains(&node_id));
        Some(FirstController { node_id, directory_id: Some(directory.to_owned()), state })
    };
    list.split(',').filter_map(one).collect()
}

/// The nodes whose claims are known to hold data.
fn formatted_nodes(observed: &Observed) -> BTreeSet<i32> {
    let claims = observed.live.of_kind("PersistentVolumeClaim");
    let formatted = claims.filter(|(_, claim)| annotated_id(claim).is_some());
    formatted.filter_map(|(_, claim)| label(claim, NODE_ID_LABEL)?.parse().ok()).collect()
}

fn annotated_id(object: &Value) -> Option<&str> {
    object.pointer("/metadata/annotations")?.get(CLUSTER_ID_ANNOTATION)?.as_str()
}

fn formatted_id<'a>(observed: &'a Observed, kind: &'a str) -> Result<Option<&'a str>, Invalid> {
    let mut found: Option<&str> = None;
    for (name, object) in observed.live.of_kind(kind) {
        match (found, annotated_id(object)) {
            (Some(one), Some(other)) if one != other => {
                let reason =
                    format!("holds data of cluster {other}, another {kind} that of {one}: keep only one's");
                return Err(Invalid::new(format!("{kind}/{name}"), reason));
            }
            (None, Some(id)) => found = Some(id),
            _ => {}
        }
    }
    Ok(found)
}
