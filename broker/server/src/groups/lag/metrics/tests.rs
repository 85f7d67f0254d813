//! Which series there are.

use std::time::Duration;

use broker_group::{GroupLag, GroupState, GroupType, LagTime, PartitionLag, Position};
use broker_types::{GroupId, LeaderEpoch, Now, PartitionId, Timestamp, TopicName};
use prometheus::{Encoder as _, TextEncoder};

use super::*;
use crate::{coordinators::Place, groups::lag::told::LeftOut};

fn place(partition: i32) -> Place {
    Place { partition: PartitionId::new(partition), epoch: LeaderEpoch::new(1) }
}

fn group(name: &str) -> GroupTold {
    let time = LagTime { least: Duration::from_millis(1_500), may_be_longer: true };
    let lag = PartitionLag { position: Position::Within, records: 7, lead: 2, time };
    let mut sum = GroupLag::default();
    sum.add(Some(&lag));
    sum.add(None);
    let topic = TopicName::new("t");
    GroupTold {
        group: GroupId::new(name),
        kind: GroupType::Classic,
        state: GroupState::Stable,
        members: 3,
        lag: sum,
        topics: vec![(topic.clone(), sum)],
        partitions: vec![(topic, PartitionId::new(0), lag)],
    }
}

fn text(registry: &Registry) -> String {
    let mut out = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn registered(limits: LagConfig) -> (Registry, Lag, GroupMetrics) {
    let (registry, lag) = (Registry::new(), Lag::default());
    let metrics = GroupMetrics::register(&registry, &lag, &limits).unwrap();
    (registry, lag, metrics)
}

fn limits(groups_max: u32) -> LagConfig {
    LagConfig { interval: Duration::from_secs(10), groups_max, topics_max: 10, partitions_max: 10 }
}

#[test]
fn every_group_has_its_series_and_one_that_is_gone_has_none() {
    let (registry, lag, metrics) = registered(limits(10));
    assert!(text(&registry).contains("klamm_groups 0\n"));
    let at = Some(Now { mono: Mono::ZERO, wall: Timestamp::from_millis(0) });
    let shards = [(place(0), vec![group("a"), group("b")]), (place(1), vec![group("c")])].into();
    let mut told = Told { at, shards, left_out: LeftOut::default() };
    lag.latest.store(Arc::new(told.clone()));
    metrics.refresh(&told, Mono::from_micros(2_000_000));
    let shown = text(&registry);
    for line in [
        "klamm_groups 3",
        "klamm_group_lag_age_seconds 2",
        r#"klamm_group_state{group="a",state="Stable",type="classic"} 1"#,
        r#"klamm_group_members{group="a"} 3"#,
        r#"klamm_group_lag_records{group="a"} 7"#,
        r#"klamm_group_max_lag_records{group="b"} 7"#,
        r#"klamm_group_max_lag_seconds{group="c"} 1.5"#,
        r#"klamm_group_min_lead_records{group="a"} 2"#,
        r#"klamm_group_unknown_partitions{group="a"} 1"#,
        r#"klamm_group_topic_lag_records{group="a",topic="t"} 7"#,
        r#"klamm_group_topic_max_lag_seconds{group="a",topic="t"} 1.5"#,
        r#"klamm_group_partition_lag_records{group="a",partition="0",topic="t"} 7"#,
        r#"klamm_group_partition_lag_seconds{group="a",partition="0",topic="t"} 1.5"#,
        r#"klamm_group_partition_lead_records{group="a",partition="0",topic="t"} 2"#,
        r#"klamm_group_metrics_left_out{of="groups"} 0"#,
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in\n{shown}");
    }
    told.shards.remove(&place(0));
    lag.latest.store(Arc::new(told));
    let shown = text(&registry);
    assert!(
        !shown.contains(r#"group="a""#) && shown.contains(r#"klamm_group_members{group="c"} 3"#),
        "{shown}"
    );
}

#[test]
fn groups_beyond_the_limit_are_counted() {
    let (registry, lag, _) = registered(limits(1));
    let shards = [(place(0), vec![group("a"), group("b"), group("c")])].into();
    let left_out = LeftOut { topics: 4, partitions: 5, shards: 6 };
    lag.latest.store(Arc::new(Told { at: None, shards, left_out }));
    let shown = text(&registry);
    for (of, count) in [("groups", 2), ("topics", 4), ("partitions", 5), ("shards", 6)] {
        let line = format!("klamm_group_metrics_left_out{{of=\"{of}\"}} {count}\n");
        assert!(shown.contains(&line), "{line} in\n{shown}");
    }
    assert_eq!(shown.lines().filter(|line| line.starts_with("klamm_group_members{")).count(), 1);
}
