//! Who votes in the quorum of controllers: those that are wanted, one change at a time (KIP-853).
//!
//! Order: a vote that belongs to a lost volume ends, for its node cannot have two; then controllers that are wanted and
//! have caught up get a vote; only then do those that are not wanted lose theirs, the active one last. Each change rests
//! on what the quorum says at that moment: a majority of those that vote afterwards has caught up. Where it says nothing,
//! nobody gets a vote and nobody loses it.

use std::cmp::Reverse;

use operator_api::{BootstrapState, Role, VoterChange, VoterChangeStatus};

use super::{Action, progress::Progress};
use crate::{
    kafka::{Ask, KafkaState},
    objects,
    observed::Observed,
    validated::ValidatedCluster,
};

/// A voter: a node with one directory. With another one it is another voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterKey {
    /// The id of the Kafka cluster: no other one's voters are changed.
    pub cluster_id: String,
    /// The node.
    pub id: i32,
    /// The id of the directory that its metadata is in.
    pub directory: String,
}

/// Where a controller listens for the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerEndpoint {
    /// The name of the listener.
    pub listener: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What is done about the voters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// What must be known first.
    pub(super) ask: Ask,
    /// The change.
    pub(super) action: Option<Action>,
    /// What is reported while there is something to change.
    pub(super) status: Option<VoterChangeStatus>,
    /// Who votes.
    pub(super) voters: Vec<i32>,
}

/// A change that is wanted, and the action or what it waits for.
struct Wish {
    id: i32,
    change: VoterChange,
    reason: &'static str,
    action: Result<Action, String>,
}

/// The next change of the voters. `has_brokers`: somebody can be asked.
pub(super) fn next(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    has_brokers: bool,
) -> Step {
    let before = observed.cluster.status.as_ref();
    if cluster.nodes_with(Role::Controller).len() <= 1 {
        return Step::default();
    }
    let voters = before.map(|status| status.voters.clone()).unwrap_or_default();
    let status = before.and_then(|status| status.voter_change.clone());
    if cluster.identity.bootstrap.state != BootstrapState::Done || !has_brokers {
        return Step { status, voters, ..Step::default() };
    }
    if observed.kafka.asked < Ask::Quorum {
        return Step { ask: Ask::Quorum, status, voters, ..Step::default() };
    }
    let state = match &observed.kafka.told {
        Ok(state) => state,
        Err(why) => {
            let waits_for = Some(format!("the quorum cannot be asked: {why}"));
            let status = status.map(|status| VoterChangeStatus { waits_for, ..status });
            return Step { status, voters, ..Step::default() };
        }
    };
    let voters = state.quorum.voters.keys().copied().collect();
    let Some(Wish { id, change, reason, action }) = wish(cluster, progress, observed, state) else {
        return Step { voters, ..Step::default() };
    };
    let pod = cluster.pool_of(id).map(|pool| cluster.names.pod(&pool.name, id)).unwrap_or_default();
    let reason = reason.to_owned();
    let status = |waits_for| Some(VoterChangeStatus { node_id: id, pod, change, reason, waits_for });
    match action {
        Ok(action) => Step { action: Some(action), status: status(None), voters, ..Step::default() },
        Err(why) => Step { status: status(Some(why)), voters, ..Step::default() },
    }
}

/// The change that comes first, if one is wanted.
fn wish(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    state: &KafkaState,
) -> Option<Wish> {
    let wanted = cluster.wanted(Role::Controller);
    let voters = &state.quorum.voters;
    let lost = wanted.iter().copied().filter(|id| has_lost_its_volume(cluster, state, *id)).map(|id| Wish {
        id,
        change: VoterChange::Remove,
        reason: "its volume was lost, and it is here with another one",
        action: removal(cluster, observed, state, id),
    });
    let new = wanted.iter().copied().filter(|id| !voters.contains_key(id)).map(|id| Wish {
        id,
        change: VoterChange::Add,
        reason: "it is a controller, and has no vote yet",
        action: addition(cluster, progress, observed, state, id),
    });
    // Voters of which we have no node are somebody else's.
    let is_ours = |id: &i32| !wanted.contains(id) && cluster.pool_of(*id).is_some();
    let mut unwanted: Vec<i32> = voters.keys().copied().filter(is_ours).collect();
    unwanted.sort_by_key(|id| (state.quorum.leader == Some(*id), Reverse(*id)));
    let unwanted = unwanted.into_iter().map(|id| Wish {
        id,
        change: VoterChange::Remove,
        reason: "it is not wanted as a controller any more",
        action: removal(cluster, observed, state, id),
    });
    first(lost).or_else(|| first(new)).or_else(|| first(unwanted))
}

/// Of several, the first that can be; else the first.
fn first(wishes: impl Iterator<Item = Wish>) -> Option<Wish> {
    let mut waiting = None;
    for wish in wishes {
        if wish.action.is_ok() {
            return Some(wish);
        }
        waiting.get_or_insert(wish);
    }
    waiting
}

/// Whether voter `id` is heard from with another directory than the one that votes, and later.
fn has_lost_its_volume(cluster: &ValidatedCluster, state: &KafkaState, id: i32) -> bool {
    let pair = state.quorum.voters.get(&id).zip(state.quorum.observer(id));
    pair.is_some_and(|(voter, observer)| {
        observer.directory != voter.directory
            && observer.last_fetch > voter.last_fetch
            && state.quorum.has_caught_up(observer, cluster.behind_max_ms())
    })
}

fn addition(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    state: &KafkaState,
    id: i32,
) -> Result<Action, String> {
    nobody_stops(cluster, observed)?;
    let pool = cluster.pool_of(id).ok_or_else(|| format!("node {id} is not there"))?;
    let pod = cluster.names.pod(&pool.name, id);
    let of_pool = progress.iter().find(|progress| progress.ready_pods.contains(&pod));
    let Some(of_pool) = of_pool else { return Err(format!("pod {pod} does not serve yet")) };
    if !of_pool.is_settled {
        return Err(format!("pool {} is being changed", pool.name));
    }
    if of_pool.outdated.iter().any(|outdated| outdated.pod == pod) {
        return Err(format!("pod {pod} is to be restarted first"));
    }
    state.quorum.leader.ok_or_else(|| "there is no active controller".to_owned())?;
    let replica = state.quorum.observer(id);
    let replica = replica.ok_or_else(|| format!("controller {id} has not been heard of yet"))?;
    if !state.quorum.has_caught_up(replica, cluster.behind_max_ms()) {
        return Err(format!("controller {id} has not caught up yet"));
    }
    Ok(Action::AddVoter {
        voter: key(cluster, id, &replica.directory),
        at: objects::controller_endpoint(&cluster.names, &pod),
    })
}

fn removal(
    cluster: &ValidatedCluster,
    observed: &Observed,
    state: &KafkaState,
    id: i32,
) -> Result<Action, String> {
    nobody_stops(cluster, observed)?;
    let copies = state.copies(id);
    if copies > 0 && cluster.kept().contains(&id) {
        return Err(format!("broker {id} holds copies of {copies} partitions"));
    }
    state.quorum.can_remove(id, cluster.behind_max_ms())?;
    let directory = state.quorum.voters.get(&id).map(|voter| voter.directory.as_str()).unwrap_or_default();
    Ok(Action::RemoveVoter { voter: key(cluster, id, directory) })
}

fn key(cluster: &ValidatedCluster, id: i32, directory: &str) -> VoterKey {
    VoterKey { cluster_id: cluster.identity.cluster_id.clone(), id, directory: directory.to_owned() }
}

/// A controller that is on its way out counts for one that has caught up until it is gone.
fn nobody_stops(cluster: &ValidatedCluster, observed: &Observed) -> Result<(), String> {
    let controllers = cluster.nodes_with(Role::Controller);
    let mut pods =
        controllers.iter().filter_map(|id| Some(cluster.names.pod(&cluster.pool_of(*id)?.name, *id)));
    let is_going = |name: &String| observed.pods.iter().any(|pod| pod.name == *name && pod.is_going);
    pods.find(is_going).map_or(Ok(()), |pod| Err(format!("pod {pod} is stopping")))
}
