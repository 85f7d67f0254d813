//! How far the nodes of a pool are from what is wanted.

use operator_api::Role;
use serde_json::Value;

use super::advertised;
use crate::{
    observed::{Observed, PodState},
    validated::{ValidatedCluster, ValidatedPool},
};

/// How far a pool is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Progress {
    /// Why it is not ready, if it is not: reason and message.
    pub(super) unready: Option<(&'static str, String)>,
    /// The names of its pods that run and are Ready.
    pub(super) ready_pods: Vec<String>,
    /// Pods that were made from something else than what is wanted now, or that somebody wants restarted.
    pub(super) outdated: Vec<Outdated>,
    /// Whether it is known which of its pods are outdated: its StatefulSet is as wanted and was seen by its controller.
    pub(super) is_settled: bool,
    /// A pod that is as wanted and does not serve, or that is not there.
    pub(super) away: Option<String>,
}

/// Why a pod is restarted whose broker tells clients what holds no longer.
const ADDRESSES: &str = "its address for clients changed";

/// A pod to be restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outdated {
    pub(super) pod: String,
    /// Which pod of this name.
    pub(super) uid: Option<String>,
    pub(super) node_id: i32,
    pub(super) roles: Vec<Role>,
    pub(super) why: &'static str,
    pub(super) is_ready: bool,
    /// Whether it cannot run at all.
    pub(super) is_stuck: bool,
}

impl Progress {
    pub(super) fn is_ready(&self) -> bool {
        self.unready.is_none()
    }
}

/// How far `pool` is. `is_settled`: its StatefulSet is as wanted.
pub(super) fn of(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    observed: &Observed,
    is_settled: bool,
) -> Progress {
    let names: Vec<_> = pool.node_ids.iter().map(|id| cluster.names.pod(&pool.name, *id)).collect();
    let pods: Vec<_> =
        names.iter().map(|name| (name, observed.pods.iter().find(|pod| pod.name == *name))).collect();
    let ready = pods.iter().filter_map(|(_, pod)| pod.filter(|pod| pod.is_ready && !pod.is_going));
    let ready_pods = ready.map(|pod| pod.name.clone()).collect();
    let live = observed.live.get("StatefulSet", &cluster.names.pool(&pool.name));
    let revision = live.filter(|_| is_settled).and_then(current_revision);
    let outdated: Vec<_> = pool
        .node_ids
        .iter()
        .zip(&pods)
        .filter_map(|(node_id, (name, pod))| {
            let says_otherwise = |pod: &PodState| {
                advertised::is_outdated(cluster, observed, pod, *node_id).then_some(ADDRESSES)
            };
            let why = why_outdated((*pod)?, revision?).or_else(|| says_otherwise((*pod)?));
            let (pod, why) = (*pod, why?);
            Some(Outdated {
                pod: name.to_string(),
                uid: pod?.uid.clone(),
                node_id: *node_id,
                roles: pool.roles.clone(),
                why,
                is_ready: pod?.is_ready,
                is_stuck: pod?.problem.is_some(),
            })
        })
        .collect();
    let is_outdated = |name: &str| outdated.iter().any(|one| one.pod == name);
    let mut away = pods
        .iter()
        .filter(|(name, pod)| !is_outdated(name) && pod.is_none_or(|pod| !pod.is_ready || pod.is_going));
    let away = away.next().map(|(name, _)| name.to_string());
    let unready = match (live, revision) {
        (None, _) => Some(("Creating", format!("pool {} is being made", pool.name))),
        (Some(_), None) => Some(("Applying", format!("pool {} is being changed", pool.name))),
        (Some(_), Some(_)) => pods.iter().find_map(|(name, pod)| why_unready(name, *pod)).or_else(|| {
            let Outdated { pod, why, .. } = outdated.first()?;
            Some(("Restarting", format!("pod {pod} is to be restarted: {why}")))
        }),
    };
    Progress { unready, ready_pods, outdated, is_settled: revision.is_some(), away }
}

/// The revision that pods are made from, once the StatefulSet's controller has seen the last change.
fn current_revision(live: &Value) -> Option<&str> {
    let number = |path: &str| live.pointer(path).and_then(Value::as_i64);
    let has_seen = number("/status/observedGeneration")? >= number("/metadata/generation")?;
    let is_going = live.pointer("/metadata/deletionTimestamp").is_some();
    live.pointer("/status/updateRevision").and_then(Value::as_str).filter(|_| has_seen && !is_going)
}

fn why_outdated(pod: &PodState, revision: &str) -> Option<&'static str> {
    if pod.is_going {
        return None;
    }
    if pod.restart_asked {
        return Some("it was asked for by annotation");
    }
    (pod.revision.as_deref() != Some(revision)).then_some("its settings changed")
}

fn why_unready(name: &str, pod: Option<&PodState>) -> Option<(&'static str, String)> {
    let Some(pod) = pod else { return Some(("Creating", format!("pod {name} is being made"))) };
    if let Some(problem) = &pod.problem {
        return Some(("PodStuck", format!("pod {name}: {problem}")));
    }
    if pod.is_going {
        return Some(("Restarting", format!("pod {name} is stopping")));
    }
    (!pod.is_ready).then(|| ("Creating", format!("pod {name} is starting")))
}
