//! What is reported.

use operator_api::{
    Bootstrap, BootstrapState, CLUSTER_LABEL, ConditionType, KafkaClusterStatus, KafkaNodePoolStatus,
    POOL_LABEL, PoolName, PoolResources, Role, SizingStatus,
};

use super::{Action, Steps, open_files, progress::Progress};
use crate::{
    conditions::{Wanted, Warning, merge},
    observed::Observed,
    quantity::Bytes,
    size::model,
    validate::{KAFKA_VERSION, METADATA_VERSION},
    validated::{Backing, ValidatedCluster, ValidatedPool},
};

/// The status that records who a cluster is, before anything is made.
pub(super) fn recorded(cluster: &ValidatedCluster, observed: &Observed) -> KafkaClusterStatus {
    let before = observed.cluster.status.clone().unwrap_or_default();
    let wanted = [Wanted::no(ConditionType::Ready, "Creating", "the cluster is being made")];
    let generation = observed.cluster.metadata.generation;
    KafkaClusterStatus {
        conditions: merge(&before.conditions, &wanted, generation, &observed.now),
        observed_generation: generation,
        version: Some(cluster.version.clone()),
        cluster_id: Some(cluster.identity.cluster_id.clone()),
        bootstrap: Some(cluster.identity.bootstrap.clone()),
        ..before
    }
}

pub(super) fn of(
    cluster: &ValidatedCluster,
    observed: &Observed,
    progress: &[Progress],
    actions: &[Action],
    warnings: &[Warning],
    steps: &Steps,
) -> KafkaClusterStatus {
    let before = observed.cluster.status.as_ref();
    let unready = progress.iter().find_map(|progress| progress.unready.as_ref());
    let mut wanted = vec![match unready {
        None => Wanted::yes(ConditionType::Ready, "Ready", ""),
        Some((reason, message)) => Wanted::no(ConditionType::Ready, reason, message.clone()),
    }];
    let bootstrap = bootstrap(cluster, progress);
    let is_quiet = actions.is_empty()
        && steps.are_over()
        && unready.is_none()
        && bootstrap == cluster.identity.bootstrap;
    wanted.push(if is_quiet {
        Wanted::yes(ConditionType::Quiesced, "NothingToDo", "")
    } else {
        Wanted::no(
            ConditionType::Quiesced,
            "InProgress",
            steps.certificates.waits_for.clone().or(steps.dynamic.unknown.clone()).unwrap_or_default(),
        )
    });
    wanted.extend(warnings.iter().map(Wanted::warning));
    let generation = observed.cluster.metadata.generation;
    let old = before.map(|status| status.conditions.as_slice()).unwrap_or_default();
    KafkaClusterStatus {
        conditions: merge(old, &wanted, generation, &observed.now),
        observed_generation: generation,
        version: Some(cluster.version.clone()),
        kafka_version: Some(KAFKA_VERSION.to_owned()),
        kafka_metadata_version: Some(METADATA_VERSION.to_owned()),
        cluster_id: Some(cluster.identity.cluster_id.clone()),
        bootstrap: Some(bootstrap),
        certificate_authorities: steps.certificates.statuses.clone(),
        listeners: Vec::new(),
        kafka_node_pools: cluster.pools.iter().map(|pool| PoolName { name: pool.name.clone() }).collect(),
        resources: cluster.pools.iter().map(resources).collect(),
        open_files_min: open_files::fewest(observed),
        sizing: cluster.sizing.as_ref().map(|report| sizing(cluster, report)),
        roll: steps.roll.status.clone(),
        balance: steps.balance.status.clone(),
        balanced_brokers: steps.balance.balanced.clone(),
        voters: steps.voters.voters.clone(),
        voter_change: steps.voters.status.clone(),
        leaving: steps.leaving.nodes.clone(),
        dynamic_config: steps.dynamic.ours.clone(),
    }
}

/// A controller's mark goes for good when it was ready once.
fn bootstrap(cluster: &ValidatedCluster, progress: &[Progress]) -> Bootstrap {
    let mut bootstrap = cluster.identity.bootstrap.clone();
    for controller in &mut bootstrap.controllers {
        let pool = cluster.pool_of(controller.node_id);
        let pod = pool.map(|pool| cluster.names.pod(&pool.name, controller.node_id));
        if pod.is_some_and(|pod| progress.iter().any(|progress| progress.ready_pods.contains(&pod))) {
            controller.state = BootstrapState::Done;
        }
    }
    if bootstrap.controllers.iter().all(|controller| controller.state == BootstrapState::Done) {
        bootstrap.state = BootstrapState::Done;
    }
    bootstrap
}

fn resources(pool: &ValidatedPool) -> PoolResources {
    PoolResources {
        pool: pool.name.clone(),
        requests: pool.requests.clone(),
        limits: pool.limits.clone(),
        because: pool.resources_because.clone(),
    }
}

fn sizing(cluster: &ValidatedCluster, report: &model::Report) -> SizingStatus {
    let brokers = cluster.nodes_with(Role::Broker).len();
    let mut pools = cluster.pools.iter().filter(|pool| pool.has(Role::Broker));
    let has_disk = pools.all(|pool| disk(pool).is_some_and(|disk| disk >= report.volume));
    SizingStatus {
        recommended_replicas: report.brokers,
        recommended_volume_size: report.volume.to_kubernetes(),
        recommended_memory: report.resources.memory_request.to_kubernetes(),
        binding: report.binding.to_owned(),
        satisfied: i64::try_from(brokers).unwrap_or(i64::MAX) >= report.brokers && has_disk,
        steps: report.steps.iter().map(ToString::to_string).collect(),
    }
}

/// All claims of one node together; `None` when its storage is ephemeral.
fn disk(pool: &ValidatedPool) -> Option<Bytes> {
    let sizes = pool.storage.volumes.iter().map(|volume| match &volume.backing {
        Backing::Claim { size, .. } => size.parse::<Bytes>().ok().map(Bytes::get),
        Backing::Ephemeral { .. } => None,
    });
    sizes.sum::<Option<f64>>().map(Bytes::new)
}

pub(super) fn of_pools(
    cluster: &ValidatedCluster,
    observed: &Observed,
    progress: &[Progress],
) -> Vec<(String, KafkaNodePoolStatus)> {
    let stated = cluster.pools.iter().zip(progress).filter(|(pool, _)| pool.is_stated);
    stated.map(|(pool, progress)| (pool.name.clone(), of_pool(cluster, pool, observed, progress))).collect()
}

fn of_pool(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    observed: &Observed,
    progress: &Progress,
) -> KafkaNodePoolStatus {
    let resource =
        observed.pools.iter().find(|resource| resource.metadata.name.as_deref() == Some(&pool.name));
    let generation = resource.and_then(|resource| resource.metadata.generation);
    let old =
        resource.and_then(|resource| resource.status.as_ref()).map(|status| status.conditions.as_slice());
    let wanted = match &progress.unready {
        None => Wanted::yes(ConditionType::Ready, "Ready", ""),
        Some((reason, message)) => Wanted::no(ConditionType::Ready, reason, message.clone()),
    };
    KafkaNodePoolStatus {
        conditions: merge(old.unwrap_or_default(), &[wanted], generation, &observed.now),
        observed_generation: generation,
        node_ids: pool.node_ids.clone(),
        cluster_id: Some(cluster.identity.cluster_id.clone()),
        roles: pool.roles.clone(),
        replicas: i32::try_from(pool.node_ids.len()).unwrap_or(i32::MAX),
        label_selector: Some(format!(
            "{CLUSTER_LABEL}={},{POOL_LABEL}={}",
            cluster.names.cluster(),
            pool.name
        )),
    }
}
