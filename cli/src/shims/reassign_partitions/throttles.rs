//! Throttles of moves: a rate on the brokers that take part, and the replicas that it holds for on the topics.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use broker_client::{
    Client,
    admin::{
        cluster::Fenced,
        configs::{ConfigChange, ConfigResource},
        reassignments::Reassignment,
    },
};
use broker_types::{BrokerId, TopicPartition};

use super::{
    current::Assignment,
    plan::{Plan, joined},
    plural,
};

const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";
const DIRECTORY_RATE: &str = "replica.alter.log.dirs.io.max.bytes.per.second";
const LEADER_REPLICAS: &str = "leader.replication.throttled.replicas";
const FOLLOWER_REPLICAS: &str = "follower.replication.throttled.replicas";

/// From whom to whom a partition moves.
#[derive(Debug, PartialEq, Eq)]
struct Move {
    from: BTreeSet<BrokerId>,
    to: BTreeSet<BrokerId>,
}

/// All moves that go on and are to begin.
#[derive(Debug)]
pub(super) struct Moves(BTreeMap<TopicPartition, Move>);

impl Moves {
    pub(super) fn of(
        ongoing: &BTreeMap<TopicPartition, Reassignment>,
        proposed: &Assignment,
        current: &Assignment,
    ) -> Self {
        let set = |ids: &[BrokerId]| ids.iter().copied().collect::<BTreeSet<_>>();
        let mut moves = BTreeMap::new();
        for (at, reassignment) in ongoing {
            let to = set(&reassignment.adding);
            // Those that come are among the replicas already.
            moves.insert(at.clone(), Move { from: &set(&reassignment.replicas) - &to, to });
        }
        for (at, replicas) in proposed {
            let before = moves.remove(at).map(|going_on| going_on.from);
            let from = before.unwrap_or_else(|| current.get(at).map(|ids| set(ids)).unwrap_or_default());
            moves.insert(at.clone(), Move { to: &set(replicas) - &from, from });
        }
        Self(moves)
    }

    /// By topic, the replicas that send and those that receive, as `partition:broker`.
    fn by_topic(&self) -> BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> {
        let mut topics: BTreeMap<_, (BTreeSet<_>, BTreeSet<_>)> = BTreeMap::new();
        for (at, Move { from, to }) in &self.0 {
            let (leaders, followers) = topics.entry(at.topic.as_str()).or_default();
            leaders.extend(from.iter().map(|id| format!("{}:{id}", at.partition)));
            followers.extend(to.iter().map(|id| format!("{}:{id}", at.partition)));
        }
        topics
    }

    fn brokers(&self) -> BTreeSet<BrokerId> {
        self.0.values().flat_map(|one| one.from.union(&one.to)).copied().collect()
    }
}

/// Throttles moves between brokers.
pub(super) async fn between_brokers(client: &mut Client, moves: &Moves, rate: i64) -> Result<()> {
    let list = |replicas: BTreeSet<String>| replicas.into_iter().collect::<Vec<_>>().join(",");
    for (topic, (leaders, followers)) in moves.by_topic() {
        let changes = [
            ConfigChange::Set(LEADER_REPLICAS.to_owned(), list(leaders)),
            ConfigChange::Set(FOLLOWER_REPLICAS.to_owned(), list(followers)),
        ];
        client.alter_configs(&ConfigResource::Topic(topic.to_owned()), &changes).await?;
    }
    let changes = [LEADER_RATE, FOLLOWER_RATE].map(|key| ConfigChange::Set(key.to_owned(), rate.to_string()));
    for id in moves.brokers() {
        client.alter_configs(&ConfigResource::Broker(id), &changes).await?;
    }
    println!("The inter-broker throttle limit was set to {rate} B/s");
    Ok(())
}

/// Throttles moves between the directories of brokers.
pub(super) async fn between_directories(client: &mut Client, plan: &Plan, rate: i64) -> Result<()> {
    let brokers: BTreeSet<_> = plan.directories.keys().map(|replica| replica.broker).collect();
    let change = [ConfigChange::Set(DIRECTORY_RATE.to_owned(), rate.to_string())];
    for id in brokers {
        client.alter_configs(&ConfigResource::Broker(id), &change).await?;
    }
    println!("The replica-alter-dir throttle limit was set to {rate} B/s");
    Ok(())
}

/// Ends all throttles: who else took part in the moves is not known any more.
pub(super) async fn clear(client: &mut Client, plan: &Plan) -> Result<()> {
    let nodes = client.describe_cluster(Fenced::Excluded).await?.nodes;
    let mut brokers: BTreeSet<_> = nodes.iter().map(|node| node.id).collect();
    brokers.extend(plan.partitions.iter().flat_map(|(_, replicas)| replicas));
    println!("Clearing broker-level throttles on broker{} {}", plural(brokers.len()), joined(&brokers));
    let delete =
        |keys: &[&str]| keys.iter().map(|key| ConfigChange::Delete((*key).to_owned())).collect::<Vec<_>>();
    let rates = delete(&[LEADER_RATE, FOLLOWER_RATE, DIRECTORY_RATE]);
    for id in brokers {
        client.alter_configs(&ConfigResource::Broker(id), &rates).await?;
    }
    let topics: BTreeSet<_> = plan.partitions.iter().map(|(at, _)| at.topic.as_str()).collect();
    let names = topics.iter().copied().collect::<Vec<_>>().join(",");
    println!("Clearing topic-level throttles on topic{} {names}", plural(topics.len()));
    let replicas = delete(&[LEADER_REPLICAS, FOLLOWER_REPLICAS]);
    for topic in topics {
        client.alter_configs(&ConfigResource::Topic(topic.to_owned()), &replicas).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use broker_types::{PartitionId, TopicName};

    use super::*;

    fn ids(ids: &[i32]) -> Vec<BrokerId> {
        ids.iter().copied().map(BrokerId::new).collect()
    }

    #[test]
    fn who_has_a_partition_sends_and_who_gets_it_receives() {
        let at = |partition| TopicPartition::new(TopicName::new("a"), PartitionId::new(partition));
        // Partition 0 moves already from 1 to 2 and is sent on to 3; 1 begins to move; 2 moves and is left alone.
        let going_on = Reassignment { replicas: ids(&[1, 2]), adding: ids(&[2]), removing: ids(&[1]) };
        let ongoing = [(at(0), going_on.clone()), (at(2), going_on)].into();
        let proposed = [(at(0), ids(&[3])), (at(1), ids(&[4, 5]))].into();
        let current = [(at(0), ids(&[1, 2])), (at(1), ids(&[4]))].into();
        let moves = Moves::of(&ongoing, &proposed, &current);
        let (leaders, followers) = &moves.by_topic()["a"];
        assert_eq!(leaders.iter().collect::<Vec<_>>(), ["0:1", "1:4", "2:1"]);
        assert_eq!(followers.iter().collect::<Vec<_>>(), ["0:3", "1:5", "2:2"]);
        assert_eq!(moves.brokers().into_iter().collect::<Vec<_>>(), ids(&[1, 2, 3, 4, 5]));
    }
}
