//! Leaders and followers that copy throttled replicas only as fast as they may.

use std::time::Duration;

use broker_metadata::Image;
use broker_protocol::{
    Str,
    records::metadata::{ConfigRecord, MetadataRecord},
};
use broker_types::Offset;

use super::*;
use crate::{replicas, testing::TestBroker};

fn items(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

#[test]
fn a_list_names_partitions_on_brokers_and_a_star_all() {
    let me = BrokerId::new(2);
    let throttled = ThrottledPartitions::of(&items("0:1,1:2,5:2"), me);
    assert_eq!(throttled, ThrottledPartitions::These([1, 5].map(PartitionId::new).to_vec()));
    assert!(throttled.contains(PartitionId::new(5)) && !throttled.contains(PartitionId::new(0)));
    assert!(ThrottledPartitions::of(&items("*"), me).contains(PartitionId::new(7)));
    assert!(!ThrottledPartitions::of(&[], me).contains(PartitionId::new(0)));
}

/// Publishes dynamic values of topic `a` and of broker 1; `None` takes one away.
fn configure(test: &TestBroker, values: &[(i8, &str, &str, Option<&str>)]) {
    let mut image = Image::clone(&test.broker.image());
    let at = image.last_offset().map_or(0, Offset::get);
    for (after, (kind, resource, name, value)) in (1..).zip(values) {
        let record = ConfigRecord {
            resource_type: *kind,
            resource_name: Str::from(*resource),
            name: Str::from(*name),
            value: value.map(Str::from),
        };
        image.apply(Offset::new(at + after), &MetadataRecord::from(record));
    }
    assert_eq!(image.fault(), None);
    replicas::published(&test.broker, image);
}

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

#[tokio::test]
async fn rates_and_lists_hold_at_once_and_go_at_once() {
    let test = TestBroker::with_topics(&["a"]).await;
    let (partition, throttles, now) =
        (test.partition("a"), &test.broker.throttles, test.broker.clock().mono());
    assert!(!partition.is_throttled_as_leader() && !partition.is_throttled_as_follower());
    throttles.leader.record(now, 5_000);
    throttles.follower.record(now, 5_000);
    assert_eq!(throttles.leader.exceeded_until(now), None);
    configure(
        &test,
        &[
            (TOPIC, "a", "leader.replication.throttled.replicas", Some("0:1")),
            (TOPIC, "a", "follower.replication.throttled.replicas", Some("0:2")),
            (BROKER, "1", LEADER_RATE, Some("1000")),
            (BROKER, "1", LOG_DIRS_RATE, Some("9223372036854775807")),
        ],
    );
    assert!(partition.is_throttled_as_leader() && !partition.is_throttled_as_follower());
    assert_eq!(throttles.leader.exceeded_until(now), Some(now.plus(Duration::from_secs(5))));
    assert_eq!(throttles.follower.exceeded_until(now), None, "only the leader's rate is set");
    configure(
        &test,
        &[
            (TOPIC, "a", "leader.replication.throttled.replicas", None),
            (TOPIC, "a", "follower.replication.throttled.replicas", Some("*")),
            (BROKER, "1", LEADER_RATE, None),
            (BROKER, "", FOLLOWER_RATE, Some("2500")),
        ],
    );
    assert!(!partition.is_throttled_as_leader() && partition.is_throttled_as_follower());
    assert_eq!(throttles.leader.exceeded_until(now), None);
    assert_eq!(throttles.follower.exceeded_until(now), Some(now.plus(Duration::from_secs(2))));
}
