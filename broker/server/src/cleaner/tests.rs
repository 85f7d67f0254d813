use std::{ops::ControlFlow, path::PathBuf};

use broker_records::{BatchBuilder, NewRecord, batches};
use broker_types::Offset;

use super::*;
use crate::{partition::Sent, testing::TestBroker};

const KEY: [u8; 16] = [9; 16];

/// The topic is compacted whenever a byte of it is dirty, in small segments.
fn compact(test: &TestBroker, topic: &str) {
    let partition = test.partition(topic);
    let mut settings = (*partition.settings()).clone();
    settings.log.compact_policy = true;
    settings.log.delete_policy = false;
    settings.log.dirty_ratio_min = 0.0;
    settings.log.segment_bytes = 1024;
    partition.set_settings(test.broker.clock().now(), Arc::new(settings));
}

/// Sixty records of seven keys, in whole segments.
fn fill(test: &TestBroker, topic: &str) {
    let partition = test.partition(topic);
    let now = test.broker.clock().now();
    for i in 0..60 {
        let mut batch = BatchBuilder::new(Offset::ZERO);
        let (key, value) = (format!("key {}", i % 7), format!("value {i}"));
        let record = NewRecord {
            timestamp: Some(now.wall),
            key: Some(key.as_bytes()),
            value: Some(value.as_bytes()),
            headers: &[],
        };
        batch.append(&record).unwrap();
        let sent = Sent { bytes: &batch.build(), zstd_allowed: true, commit_by: None, guard: None };
        partition.produce(sent, now, test.broker.codecs()).unwrap();
    }
    partition.care_for_log(|log| log.roll(now.wall)).unwrap().unwrap();
    partition.flush_if_due(now);
}

fn offsets(test: &TestBroker, topic: &str) -> Vec<i64> {
    let partition = test.partition(topic);
    let read = |log: &mut broker_log::Log| {
        let mut found = Vec::new();
        let mut next = log.start_offset();
        while next < log.end_offset() {
            let bytes = log.read(next, 1 << 20, log.end_offset(), true).unwrap().read_to_vec().unwrap();
            let Some(last) = batches(&bytes).map_while(Result::ok).last() else { break };
            next = last.header.next_offset();
            found.extend(batches(&bytes).map_while(Result::ok).map(|batch| batch.header.base_offset));
        }
        found
    };
    partition.care_for_log(read).unwrap()
}

fn means(test: &TestBroker, draining: CancellationToken) -> Means {
    Means {
        limits: CleanLimits { io_bytes: 256, ..CleanLimits::default() },
        key: HashKey::new(KEY),
        pace: Arc::new(Pace::new(test.broker.clock, draining)),
    }
}

fn first_segment(test: &TestBroker, topic: &str) -> PathBuf {
    let folder = test.partition(topic).care_for_log(|log| log.folder().to_owned()).unwrap();
    folder.join("00000000000000000000.log")
}

#[tokio::test]
async fn the_dirtiest_log_that_is_due_is_picked_and_cleaned() {
    let test = TestBroker::with_topics(&["plain", "a", "b"]).await;
    for topic in ["a", "b"] {
        compact(&test, topic);
        fill(&test, topic);
    }
    fill(&test, "plain");
    let means = means(&test, CancellationToken::new());
    assert!(matches!(round::clean(&test.broker, &test.partition("a"), &means), Ended::Cleaned(_)));
    assert_eq!(offsets(&test, "a"), (53..60).collect::<Vec<_>>());
    fill(&test, "a");
    let look = pick::look(&test.broker, &[]);
    assert_eq!(look.next.unwrap().id(), test.partition("b").id(), "all of it is dirty");
    assert!((look.dirty_ratio_max - 1.0).abs() < f64::EPSILON);
    let next = pick::look(&test.broker, &[test.partition("b")]).next;
    assert_eq!(next.unwrap().id(), test.partition("a").id(), "the other one is under way");
    assert_eq!(offsets(&test, "plain").len(), 60);
    let checkpoint = first_segment(&test, "a").parent().unwrap().with_file_name("cleaner-offset-checkpoint");
    assert_eq!(std::fs::read_to_string(checkpoint).unwrap(), "0\n1\na 0 60\n");
}

/// A tombstone that went while the log is copied would leave what it deleted in the copy.
#[tokio::test]
async fn a_log_that_is_moved_is_not_cleaned() {
    let test = TestBroker::with_directories(1, &["a", "b"], &["t"]).await;
    compact(&test, "t");
    fill(&test, "t");
    let partition = test.partition("t");
    assert!(pick::look(&test.broker, &[]).next.is_some());
    let begun = partition.care_for_log(|log| log.begin_cleaning(test.broker.clock().wall())).unwrap();
    let _round = begun.unwrap().unwrap();
    assert_eq!(partition.care_for_log(|log| log.is_being_cleaned()), Some(true));
    let is_other = |one: &&Arc<crate::directories::Directory>| one.id() != partition.directory().id();
    let target = Arc::clone(test.broker.directories.online.iter().find(is_other).unwrap());
    let (id, topic, now) = (partition.id().clone(), Some(partition.topic_id()), test.broker.clock().wall());
    let config = partition.settings().log.clone();
    let copy = target.log_directory().create_future(id, topic, config, now, 7).unwrap();
    partition.begin_move(copy, target);
    assert_eq!(partition.care_for_log(|log| log.is_being_cleaned()), Some(false), "the round is given up");
    assert!(pick::look(&test.broker, &[]).next.is_none());
    partition.cancel_move(8).unwrap().unwrap();
    assert!(pick::look(&test.broker, &[]).next.is_some());
}

#[tokio::test]
async fn a_log_that_cannot_be_cleaned_is_set_aside_and_the_others_go_on() {
    let test = TestBroker::with_topics(&["good", "bad"]).await;
    for topic in ["good", "bad"] {
        compact(&test, topic);
        fill(&test, topic);
    }
    let path = first_segment(&test, "bad");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[70] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let draining = CancellationToken::new();
    let mut crew = Crew {
        pace: Arc::new(Pace::new(test.broker.clock, draining)),
        broker: Arc::clone(&test.broker),
        key: HashKey::new(KEY),
        rounds: JoinSet::new(),
        under_way: HashMap::new(),
    };
    let config = crew.config();
    crew.begin_rounds(&config).await;
    assert_eq!(crew.rounds.len(), config.threads);
    while let Some(ended) = crew.rounds.join_next_with_id().await {
        crew.ended(ended);
        crew.begin_rounds(&config).await;
    }
    assert_eq!(offsets(&test, "good").len(), 7);
    let shown = serde_json::to_string(&test.broker.uncleanable.shown()).unwrap();
    let expected = r#"[{"topic":"bad","partition":0,"reason":"the segment at 0 cannot be cleaned at byte 0: the batch fails its checksum"}]"#;
    assert_eq!(shown, expected);
    assert!(pick::look(&test.broker, &[]).next.is_none(), "neither is due");
    assert!(!test.partition("bad").directory().is_offline());
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "nothing is thrown away");
    let text = String::from_utf8(test.broker.metrics().text().unwrap()).unwrap();
    for line in [
        "klamm_cleaner_uncleanable_partitions 1",
        "klamm_cleaner_rounds_total 1",
        "klamm_cleaner_dead_threads 0",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in {text}");
    }
}

#[tokio::test]
async fn a_replica_that_leaves_is_no_longer_shown() {
    let test = TestBroker::with_topics(&["bad"]).await;
    test.broker.uncleanable.add(&test.partition("bad"), "a reason".to_owned());
    assert!(test.broker.uncleanable.contains(&test.partition("bad")));
    test.broker.uncleanable.retain(&test.broker.partitions().all());
    assert_eq!(test.broker.uncleanable.count(), 1);
    test.broker.uncleanable.retain(&[]);
    assert_eq!(test.broker.uncleanable.count(), 0);
}

#[tokio::test]
async fn a_drain_ends_a_slow_round() {
    let test = TestBroker::with_topics(&["a"]).await;
    compact(&test, "a");
    fill(&test, "a");
    let draining = CancellationToken::new();
    let means = means(&test, draining.clone());
    means.pace.set_rate(1.0);
    let (broker, partition) = (Arc::clone(&test.broker), test.partition("a"));
    let round = tokio::task::spawn_blocking(move || round::clean(&broker, &partition, &means));
    draining.cancel();
    assert!(matches!(round.await.unwrap(), Ended::NotDue));
    assert_eq!(offsets(&test, "a").len(), 60);
    let files = std::fs::read_dir(first_segment(&test, "a").parent().unwrap()).unwrap();
    assert!(files.flatten().all(|file| !file.file_name().to_string_lossy().ends_with(".cleaned")));
    let over = Pace::new(test.broker.clock, draining);
    assert_eq!(over.moved(0), ControlFlow::Break(()));
}

#[tokio::test]
async fn the_task_ends_with_the_broker() {
    let test = TestBroker::with_topics(&["a"]).await;
    compact(&test, "a");
    fill(&test, "a");
    let draining = CancellationToken::new();
    draining.cancel();
    run(Arc::clone(&test.broker), HashKey::new(KEY), draining).await;
    assert_eq!(offsets(&test, "a").len(), 60, "no round begins when the broker stops");
}

#[tokio::test]
async fn memory_is_shared_by_the_threads() {
    let test = TestBroker::with_topics(&[]).await;
    let config = CleanerConfig { threads: 4, ..test.broker.settings().config.cleaner.clone() };
    let limits = limits(&config);
    assert_eq!((limits.map_bytes, limits.io_bytes), (32 << 20, 64 << 10));
    assert!((limits.load_factor - 0.9).abs() < f64::EPSILON);
}
