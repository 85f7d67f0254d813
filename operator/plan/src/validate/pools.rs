//! The pools of a cluster: those that are stated, or the one default node.

use std::collections::BTreeSet;

use operator_api::{
    KafkaNodePool, KafkaNodePoolSpec, NEXT_NODE_IDS_ANNOTATION, POOL_LABEL, PodTemplate,
    REMOVE_NODE_IDS_ANNOTATION, ResourceTemplate, Role, STORAGE_ANNOTATION, Storage, StorageType,
};
use serde_json::Value;

use super::{Invalid, POOL_NAME_MAX, node_ids, resources, roles, shrink, storage};
use crate::{
    conditions::Warning,
    names::{Names, OPERATOR},
    observed::{CONTROLLERS_MAX, Observed},
    size::load::Load,
    validated::{ValidatedPool, ValidatedStorage},
};

/// The pool of a cluster that states none.
pub(crate) const DEFAULT_POOL: &str = "default";
const DEFAULT_SIZE: &str = "10Gi";

struct Stated<'a> {
    name: &'a str,
    field: String,
    wish: Option<&'a str>,
    goes: Option<&'a str>,
    spec: KafkaNodePoolSpec,
    is_stated: bool,
}

pub(super) fn read(
    observed: &Observed,
    names: &Names,
    load: Option<&Load>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<ValidatedPool>, Invalid> {
    if let Some((name, error)) = observed.malformed_pools.iter().next() {
        return Err(Invalid::new(format!("KafkaNodePool/{name}"), error.clone()));
    }
    let stated = stated(observed);
    all_that_run_are_stated(observed, &stated)?;
    both_roles_are_there(&stated)?;
    let brokers = stated.iter().filter(|stated| stated.spec.roles.contains(&Role::Broker));
    let shape = Shape { load, brokers: brokers.map(|stated| i64::from(stated.spec.replicas)).sum() };
    let mut given = BTreeSet::new();
    let mut pools = Vec::with_capacity(stated.len());
    for stated in stated {
        let mut taken = node_ids::taken(observed, stated.name);
        taken.extend(&given);
        let start = node_ids::start(observed, names, stated.name, stated.wish, &taken, warnings)?;
        let named = (stated.name, names.pool(stated.name));
        let shrink::Size { wanted, kept } =
            shrink::size(observed, (named.0, &named.1), &stated.spec, start, stated.goes, warnings)?;
        let end = start.saturating_add(wanted).max(kept.end);
        let node_ids: Vec<_> = (start..end).collect();
        if let Some(twice) = node_ids.iter().find(|id| given.contains(*id)) {
            let reason = format!("node {twice} is another pool's already: choose another start");
            let field = format!("KafkaNodePool/{} {NEXT_NODE_IDS_ANNOTATION}", stated.name);
            return Err(Invalid::new(field, reason));
        }
        given.extend(&node_ids);
        pools.push(pool(observed, names, &shape, stated, (start, node_ids, kept.collect()), warnings)?);
    }
    controllers_are_wise(&pools, warnings)?;
    Ok(pools)
}

/// What the pools of a cluster share.
struct Shape<'a> {
    load: Option<&'a Load>,
    /// How many nodes of all pools share the load.
    brokers: i64,
}

fn stated(observed: &Observed) -> Vec<Stated<'_>> {
    let mut stated: Vec<_> = observed.pools.iter().map(of_resource).collect();
    stated.sort_by_key(|stated| stated.name);
    if stated.is_empty() {
        stated.push(default_pool(observed));
    }
    stated
}

fn of_resource(pool: &KafkaNodePool) -> Stated<'_> {
    let name = pool.metadata.name.as_deref().unwrap_or_default();
    let annotations = pool.metadata.annotations.as_ref();
    let annotation = |name: &str| annotations.and_then(|all| all.get(name)).map(String::as_str);
    Stated {
        name,
        field: format!("KafkaNodePool/{name} spec"),
        wish: annotation(NEXT_NODE_IDS_ANNOTATION),
        goes: annotation(REMOVE_NODE_IDS_ANNOTATION),
        spec: pool.spec.clone(),
        is_stated: true,
    }
}

fn default_pool(observed: &Observed) -> Stated<'static> {
    let storage = observed.cluster.spec.storage.clone().unwrap_or_else(|| Storage {
        kind: StorageType::PersistentClaim,
        size: Some(DEFAULT_SIZE.to_owned()),
        class: None,
        selector: None,
        delete_claim: None,
        size_limit: None,
        volumes: None,
    });
    let roles = vec![Role::Controller, Role::Broker];
    let spec = KafkaNodePoolSpec { replicas: 1, roles, storage, resources: None, template: None };
    Stated { name: DEFAULT_POOL, field: "spec".to_owned(), wish: None, goes: None, spec, is_stated: false }
}

/// A pool whose resource is gone still holds data: nothing is started beside it. One without nodes may go.
fn all_that_run_are_stated(observed: &Observed, stated: &[Stated<'_>]) -> Result<(), Invalid> {
    let running =
        observed.live.of_kind("StatefulSet").filter(|(object, _)| shrink::replicas(observed, object) > 0);
    for pool in running.filter_map(|(_, object)| node_ids::label(object, POOL_LABEL)) {
        if stated.iter().all(|stated| stated.name != pool) {
            let reason = if pool == DEFAULT_POOL {
                "the cluster runs on its default node; a KafkaNodePool that takes it over is called 'default'"
            } else {
                "it is gone and its node still runs; put it back, and scale it to 0 before you delete it, or delete the \
                 KafkaCluster"
            };
            return Err(Invalid::new(format!("KafkaNodePool/{pool}"), reason));
        }
    }
    Ok(())
}

/// A cluster is made of controllers and brokers, on the same nodes or on others.
fn both_roles_are_there(stated: &[Stated<'_>]) -> Result<(), Invalid> {
    let nodes: i64 = stated.iter().map(|stated| i64::from(stated.spec.replicas)).sum();
    if nodes < 1 {
        return Err(Invalid::new("KafkaNodePool spec.replicas", "a cluster needs a node"));
    }
    for (role, word) in [(Role::Controller, "controller"), (Role::Broker, "broker")] {
        let mut with = stated.iter().filter(|stated| stated.spec.replicas > 0);
        if !with.any(|stated| stated.spec.roles.contains(&role)) {
            return Err(Invalid::new("KafkaNodePool spec.roles", format!("no node is a {word}")));
        }
    }
    Ok(())
}

/// Controllers vote: too many are slow, an even number helps nobody, and several that forget are no quorum.
fn controllers_are_wise(pools: &[ValidatedPool], warnings: &mut Vec<Warning>) -> Result<(), Invalid> {
    let controllers = || pools.iter().filter(|pool| pool.stated_roles.contains(&Role::Controller));
    let count: usize = controllers().map(|pool| pool.node_ids.len() - pool.kept.len()).sum();
    if count > CONTROLLERS_MAX {
        let reason = format!("{count} controllers in all: at most {CONTROLLERS_MAX}, and 3 or 5 are enough");
        return Err(Invalid::new("KafkaNodePool spec.replicas", reason));
    }
    if count > 1
        && let Some(pool) = controllers().find(|pool| pool.storage.is_ephemeral())
    {
        let reason = "several controllers need storage that outlives their pods: one that forgets its votes is no voter";
        return Err(Invalid::new(format!("KafkaNodePool/{} spec.storage", pool.name), reason));
    }
    if count.is_multiple_of(2) {
        let message = format!("{count} controllers bear the loss of no more than {} would", count - 1);
        warnings.push(Warning::new("EvenControllers", message));
    }
    Ok(())
}

fn pool(
    observed: &Observed,
    names: &Names,
    shape: &Shape<'_>,
    stated: Stated<'_>,
    (first_id, node_ids, kept): (i32, Vec<i32>, Vec<i32>),
    warnings: &mut Vec<Warning>,
) -> Result<ValidatedPool, Invalid> {
    let object = names.pool(stated.name);
    if object.len() > POOL_NAME_MAX {
        let reason = format!("'{object}' names its pods and is longer than {POOL_NAME_MAX}");
        return Err(Invalid::new(format!("{} name", stated.field), reason));
    }
    if stated.name == OPERATOR {
        let reason = format!("'{OPERATOR}' names the operator's own Secret");
        return Err(Invalid::new(format!("{} name", stated.field), reason));
    }
    let wanted = storage::read(&stated.spec.storage, &format!("{}.storage", stated.field))?;
    let storage = match storage_that_is(observed, &object) {
        Some(is) => storage::change(wanted, &is, warnings),
        None => wanted,
    };
    let load = shape.load.filter(|_| stated.spec.roles.contains(&Role::Broker));
    let field = format!("{}.resources", stated.field);
    let resources = resources::read(stated.spec.resources.as_ref(), load, shape.brokers, &field)?;
    let shared = observed.cluster.spec.kafka.template.clone().unwrap_or_default();
    let own = stated.spec.template.unwrap_or_default();
    let pod: PodTemplate = own.pod.or(shared.pod).unwrap_or_default();
    let claim: ResourceTemplate =
        own.persistent_volume_claim.or(shared.persistent_volume_claim).unwrap_or_default();
    Ok(ValidatedPool {
        name: stated.name.to_owned(),
        is_stated: stated.is_stated,
        first_id,
        roles: roles::held(observed, &object, &stated.spec.roles, &node_ids, &stated.field)?,
        node_ids,
        kept,
        stated_roles: stated.spec.roles,
        storage,
        requests: resources.requests,
        limits: resources.limits,
        resources_because: resources.because,
        pod,
        claim,
    })
}

/// The storage that a live StatefulSet was made with.
fn storage_that_is(observed: &Observed, object: &str) -> Option<ValidatedStorage> {
    let live = observed.live.get("StatefulSet", object)?;
    let text = live
        .pointer("/metadata/annotations")
        .and_then(|all| all.get(STORAGE_ANNOTATION))
        .and_then(Value::as_str)?;
    storage::read(&serde_json::from_str(text).ok()?, "live").ok()
}
