//! Moves between the directories of a broker.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Error, Result};
use broker_client::{Client, ClientError};
use broker_protocol::ErrorCode;
use broker_types::{BrokerId, TopicPartition};
use tokio::time::{Instant, sleep};

use super::{super::exceptions, Terse, plan::Replica, plural};

/// The pause before moves that could not begin are asked for again.
const PAUSE: Duration = Duration::from_millis(100);

/// How far a replica is on its way to a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MoveState {
    /// It is in no directory that works.
    Nowhere,
    /// It is there.
    Done,
    /// It is elsewhere, and not moved.
    Elsewhere { current: String },
    /// It is moved, perhaps somewhere else.
    Moving { current: String, future: String },
}

/// The states of the replicas in `targets`.
pub(super) async fn states(
    client: &mut Client,
    targets: &BTreeMap<Replica, String>,
) -> Result<BTreeMap<Replica, MoveState>> {
    let mut by_broker: BTreeMap<BrokerId, BTreeMap<TopicPartition, &str>> = BTreeMap::new();
    for (Replica { broker, at }, target) in targets {
        by_broker.entry(*broker).or_default().insert(at.clone(), target);
    }
    let mut states = BTreeMap::new();
    for (broker, wanted) in by_broker {
        let partitions: Vec<_> = wanted.keys().cloned().collect();
        let dirs = client.describe_log_dirs(broker, Some(&partitions)).await?;
        let find = |at: &TopicPartition, is_future| {
            let has = |dir: &&broker_client::admin::log_dirs::LogDir| {
                dir.replicas.get(at).is_some_and(|replica| replica.is_future == is_future)
            };
            dirs.iter().find(has).map(|dir| dir.path.clone())
        };
        for (at, target) in wanted {
            let state = match (find(&at, false), find(&at, true)) {
                (None, _) => MoveState::Nowhere,
                (Some(current), Some(future)) => MoveState::Moving { current, future },
                (Some(current), None) if current == target => MoveState::Done,
                (Some(current), None) => MoveState::Elsewhere { current },
            };
            states.insert(Replica { broker, at }, state);
        }
    }
    Ok(states)
}

/// How far a replica is, in words.
pub(super) fn told(replica: &Replica, state: &MoveState, target: &str) -> String {
    let Replica { broker, at } = replica;
    match state {
        MoveState::Nowhere => format!(
            "Partition {at} is not found in any live log dir on broker {broker}. There is likely an offline log \
             directory on the broker."
        ),
        MoveState::Done => format!("Reassignment of replica {replica} completed successfully."),
        MoveState::Elsewhere { current } => {
            format!(
                "Partition {at} on broker {broker} is not being moved from log dir {current} to {target}."
            )
        }
        MoveState::Moving { future, .. } if future == target => {
            format!("Reassignment of replica {replica} is still in progress.")
        }
        MoveState::Moving { future, .. } => {
            format!(
                "Partition {at} on broker {broker} is being moved to log dir {future} instead of {target}."
            )
        }
    }
}

/// Begins to move replicas. One that is on its way to its broker can move only once it is there, so this is asked again
/// and again, for `patience`.
pub(super) async fn start(
    client: &mut Client,
    targets: &BTreeMap<Replica, String>,
    patience: Duration,
) -> Result<()> {
    let give_up = Instant::now() + patience;
    let mut pending = targets.clone();
    loop {
        for replica in ask(client, &pending).await? {
            let Some(target) = pending.remove(&replica) else { continue };
            let Replica { broker, at } = replica;
            // With Kafka's own space at the end.
            println!(
                "Successfully started moving log directory to {target} for replica {at} with broker {broker} "
            );
        }
        if pending.is_empty() {
            return Ok(());
        }
        if Instant::now() >= give_up {
            let names: Vec<_> = pending.keys().map(ToString::to_string).collect();
            let s = plural(names.len());
            let names = names.join(",");
            return Err(Terse(format!(
                "Timed out before log directory move{s} could be started for: {names}"
            ))
            .into());
        }
        sleep(PAUSE).await;
    }
}

/// Asks for the moves once; those that began.
async fn ask(client: &mut Client, pending: &BTreeMap<Replica, String>) -> Result<BTreeSet<Replica>> {
    let mut by_broker: BTreeMap<BrokerId, BTreeMap<TopicPartition, String>> = BTreeMap::new();
    for (Replica { broker, at }, target) in pending {
        by_broker.entry(*broker).or_default().insert(at.clone(), target.clone());
    }
    let mut begun = BTreeSet::new();
    for (broker, moves) in by_broker {
        for (at, outcome) in client.alter_replica_log_dirs(broker, &moves).await? {
            let replica = Replica { broker, at };
            match outcome {
                Ok(()) => drop(begun.insert(replica)),
                Err(error) if error.code() == Some(ErrorCode::ReplicaNotAvailable) => {}
                Err(error) => return Err(failed(&replica, error)),
            }
        }
    }
    Ok(begun)
}

fn failed(replica: &Replica, error: ClientError) -> Error {
    Error::msg(format!("Failed to alter dir for {replica}\nCaused by: {}", exceptions::thrown_by(error)))
}

#[cfg(test)]
mod tests {
    use broker_types::{PartitionId, TopicName};

    use super::*;

    #[test]
    fn states_are_told_in_kafkas_words() {
        let at = TopicPartition::new(TopicName::new("a"), PartitionId::new(0));
        let replica = Replica { broker: BrokerId::new(2), at };
        let moving = |future: &str| MoveState::Moving { current: "/x".to_owned(), future: future.to_owned() };
        let said = |state| told(&replica, &state, "/b");
        assert_eq!(said(MoveState::Done), "Reassignment of replica a-0-2 completed successfully.");
        assert_eq!(said(moving("/b")), "Reassignment of replica a-0-2 is still in progress.");
        assert_eq!(
            said(moving("/c")),
            "Partition a-0 on broker 2 is being moved to log dir /c instead of /b."
        );
        assert_eq!(
            said(MoveState::Elsewhere { current: "/x".to_owned() }),
            "Partition a-0 on broker 2 is not being moved from log dir /x to /b."
        );
        assert!(
            said(MoveState::Nowhere)
                .starts_with("Partition a-0 is not found in any live log dir on broker 2.")
        );
    }
}
