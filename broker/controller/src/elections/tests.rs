use alloc::{string::ToString, vec};

use broker_protocol::records::metadata::ConfigRecord;
use broker_types::BrokerId;

use super::*;
use crate::{Request, Response, testing::Cluster};

fn leaders(cluster: &Cluster, topic: &str) -> Vec<Option<i32>> {
    let topic = cluster.image.topics().find(topic).expect("is there");
    topic.partitions().values().map(|partition| partition.leader.map(BrokerId::get)).collect()
}

fn ask(
    cluster: &mut Cluster,
    kind: ElectionType,
    topics: Option<&[(&str, &[i32])]>,
) -> Vec<alloc::string::String> {
    let partitions = |indexes: &[i32]| indexes.iter().copied().map(PartitionId::new).collect();
    let topics =
        topics.map(|topics| topics.iter().map(|(name, p)| (Str::from(*name), partitions(p))).collect());
    let (_, response) = cluster.ask(Request::ElectLeaders(ElectLeaders { kind, topics }));
    let Response::ElectLeaders(Ok(elections)) = response else { panic!("{response:?}") };
    let text =
        |result: Result<(), ElectionError>| result.map_or_else(|error| error.to_string(), |()| "ok".into());
    let mut lines = Vec::new();
    for (topic, results) in elections {
        let line = |(index, result)| alloc::format!("{topic}-{index}: {}", text(result));
        lines.extend(results.into_iter().map(line));
    }
    lines
}

/// Allows unclean elections of the topic `t`.
fn allow_unclean(cluster: &mut Cluster) {
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: Str::from("t"),
        name: Str::from("unclean.leader.election.enable"),
        value: Some(Str::from("true")),
    };
    cluster.replay(&[config.into()]);
}

/// Brokers 1 to 3; `t` has two partitions that prefer 1 and one that prefers 2. 1 has been away, and is back in sync
/// with the first only.
fn imbalanced_cluster() -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1, 2, 3]);
    cluster.create("t", &[&[1, 2, 3], &[1, 2, 3], &[2, 3, 1]]);
    cluster.beat(1, |beat| beat.want_fence = true);
    cluster.beat(1, |_| {});
    let topic = cluster.image.topics().find("t").expect("is there").id();
    let mut back = crate::partition_change::unchanged(topic, PartitionId::new(0));
    back.isr = Some(vec![2, 3, 1]);
    cluster.replay(&[back.into()]);
    cluster
}

#[test]
fn preferred_leaders_are_elected_where_they_are_in_sync() {
    let mut cluster = imbalanced_cluster();
    let named: &[(&str, &[i32])] = &[("t", &[0, 1, 2, 7]), ("x", &[0])];
    assert_eq!(
        ask(&mut cluster, ElectionType::Preferred, Some(named)),
        vec![
            "t-0: ok",
            "t-1: The preferred leader was not available.",
            "t-2: Leader election not needed for topic partition.",
            "t-7: No such partition as t-7",
            "x-0: No such topic as x",
        ]
    );
    assert_eq!(leaders(&cluster, "t"), vec![Some(1), Some(2), Some(2)]);
}

#[test]
fn without_names_only_those_that_need_it_are_answered() {
    let mut cluster = imbalanced_cluster();
    assert_eq!(
        ask(&mut cluster, ElectionType::Preferred, None),
        vec!["t-0: ok", "t-1: The preferred leader was not available."]
    );
}

#[test]
fn the_second_election_of_one_partition_in_a_request_is_not_needed() {
    let mut cluster = imbalanced_cluster();
    let named: &[(&str, &[i32])] = &[("t", &[0, 0])];
    assert_eq!(
        ask(&mut cluster, ElectionType::Preferred, Some(named)),
        vec!["t-0: ok", "t-0: Leader election not needed for topic partition."]
    );
}

#[test]
fn an_unclean_election_is_made_on_demand_and_marks_the_leader() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2], &[2, 1]]);
    cluster.beat(2, |beat| beat.want_fence = true);
    cluster.beat(1, |beat| beat.want_fence = true);
    let named: &[(&str, &[i32])] = &[("t", &[0])];
    assert_eq!(
        ask(&mut cluster, ElectionType::Unclean, Some(named)),
        vec!["t-0: Eligible topic partition leaders are not available."]
    );
    cluster.beat(2, |_| {});
    assert_eq!(leaders(&cluster, "t"), vec![None, None]);
    assert_eq!(ask(&mut cluster, ElectionType::Unclean, None), vec!["t-0: ok", "t-1: ok"]);
    let partition = cluster.image.topics().find("t").expect("is there").partition(PartitionId::new(0));
    let partition = partition.expect("is there");
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert_eq!(*partition.isr, [BrokerId::new(2)]);
    assert_eq!(partition.recovery, broker_metadata::LeaderRecovery::Recovering);
}

#[test]
fn a_timer_gives_preferred_replicas_the_lead_back() {
    let mut cluster = imbalanced_cluster();
    let settings = cluster.controller.settings().clone();
    let start = cluster.now.mono;
    let mut timers = ElectionTimers::new(&settings, start);
    let at = start.plus(Duration::from_secs(300));
    assert_eq!(timers.next_deadline(), Some(at));
    assert_eq!(timers.due(&settings, start, &cluster.image), vec![]);
    let records = timers.due(&settings, at, &cluster.image);
    assert_eq!(records.len(), 1);
    cluster.replay(&records);
    assert_eq!(leaders(&cluster, "t"), vec![Some(1), Some(2), Some(2)]);
    // Then the other timer, and both again after their intervals.
    assert_eq!(timers.due(&settings, at, &cluster.image), vec![]);
    assert_eq!(timers.next_deadline(), Some(at.plus(Duration::from_secs(300))));
}

#[test]
fn a_pass_is_bounded_and_the_next_follows_at_once() {
    let now = Mono::from_micros(5);
    let interval = Some(Duration::from_secs(1));
    let record = || {
        crate::partition_change::unchanged(
            broker_types::TopicId::new(broker_types::Uuid::from_bytes([1; 16])),
            PartitionId::new(0),
        )
        .into()
    };
    let full: Vec<MetadataRecord> = (0..MAX_ELECTIONS).map(|_| record()).collect();
    assert_eq!(next_pass(interval, now, &full), Some(now));
    assert_eq!(next_pass(interval, now, &full[1..]), Some(now.plus(Duration::from_secs(1))));
    assert_eq!(next_pass(None, now, &full), None);
}

#[test]
fn a_timer_makes_unclean_elections_where_the_topic_allows_them() {
    let mut cluster = Cluster::with_brokers(&[1, 2]);
    cluster.create("t", &[&[1, 2]]);
    cluster.create("u", &[&[1, 2]]);
    cluster.beat(2, |beat| beat.want_fence = true);
    cluster.beat(1, |beat| beat.want_fence = true);
    cluster.beat(2, |_| {});
    assert_eq!(leaders(&cluster, "t"), vec![None]);
    allow_unclean(&mut cluster);
    let settings = cluster.controller.settings().clone();
    let mut timers = ElectionTimers::new(&settings, cluster.now.mono);
    let at = cluster.now.mono.plus(Duration::from_secs(300));
    // Nobody can be balanced; then the unclean pass.
    assert_eq!(timers.due(&settings, at, &cluster.image), vec![]);
    let records = timers.due(&settings, at, &cluster.image);
    cluster.replay(&records);
    assert_eq!((leaders(&cluster, "t"), leaders(&cluster, "u")), (vec![Some(2)], vec![None]));
}
