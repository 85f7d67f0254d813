use std::{num::NonZeroUsize, path::Path};

use broker_log::{DirectoryError, Disk as _, LastStop, LoadSpec, Loaded, Log, LogDirectory, Owner, SimDisk};
use broker_types::{
    BrokerEpoch, BrokerId, ClusterId, DirectoryId, PartitionId, TopicName, TopicPartition, Uuid,
};

use crate::support::*;

fn owner(cluster: &str, node: i32) -> Owner {
    Owner { cluster_id: ClusterId::new(cluster), node_id: BrokerId::new(node) }
}

fn id(byte: u8) -> DirectoryId {
    DirectoryId::new(Uuid::from_bytes([byte; 16]))
}

fn open_dir(disk: &SimDisk) -> LogDirectory<SimDisk> {
    LogDirectory::open(disk.clone(), Path::new("/a/data"), &owner("c", 1), id(1)).expect("opens")
}

fn load(directory: &LogDirectory<SimDisk>) -> Loaded<SimDisk> {
    let spec = LoadSpec {
        config_of: |_: &TopicName| config(),
        threads: NonZeroUsize::new(3).expect("is"),
        now: ms(5),
    };
    directory.load(&spec).expect("loads")
}

fn partition(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(TopicName::new(topic), PartitionId::new(partition))
}

#[test]
fn a_fresh_directory_is_formatted_and_known_again() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    assert_eq!((directory.id(), directory.last_stop()), (id(1), LastStop::Unclean));
    let again = LogDirectory::open(disk.clone(), Path::new("/a/data"), &owner("c", 1), id(2));
    assert!(matches!(again, Err(DirectoryError::Locked { .. })));
    drop(directory);
    let again = LogDirectory::open(disk, Path::new("/a/data"), &owner("c", 1), id(2)).expect("opens");
    assert_eq!(again.id(), id(1), "keeps its id");
}

#[test]
fn anothers_directory_is_refused_untouched() {
    let disk = SimDisk::new(1);
    drop(open_dir(&disk));
    let before = disk.fingerprint();
    let open = |owner| LogDirectory::open(disk.clone(), Path::new("/a/data"), &owner, id(2));
    let cluster = open(owner("d", 1)).expect_err("is refused");
    assert_eq!(cluster.to_string(), "/a/data belongs to the cluster c, not to d");
    let node = open(owner("c", 2)).expect_err("is refused");
    assert_eq!(node.to_string(), "/a/data belongs to the node 1, not to 2");
    disk.put(Path::new("/a/data/meta.properties"), b"version=9\n").expect("puts");
    let malformed = open(owner("c", 1)).expect_err("is refused");
    assert!(malformed.to_string().contains("version has the unusable value '9'"), "{malformed}");
    disk.remove_file(Path::new("/a/data/meta.properties")).expect("removes");
    disk.create_dir(Path::new("/a/data/t-0")).expect("makes");
    assert!(matches!(open(owner("c", 1)), Err(DirectoryError::Ownerless { .. })));
    disk.remove_dir(Path::new("/a/data/t-0")).expect("removes");
    drop(open_dir(&disk));
    assert_eq!(disk.fingerprint(), before);
}

#[test]
fn a_clean_stop_is_marked_and_the_mark_is_used_once() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    let mut logs: Vec<Log<SimDisk>> = (0..5)
        .map(|i| directory.create_log(partition("t", i), Some(topic_id()), config(), ms(0)).expect("creates"))
        .collect();
    for (count, log) in logs.iter_mut().enumerate() {
        append_many(log, i64::try_from(count).expect("small") * 10);
        log.set_high_watermark(log.end_offset());
    }
    logs[4].advance_start_offset(at(35)).expect("moves");
    let mut references: Vec<&mut Log<SimDisk>> = logs.iter_mut().collect();
    directory.close(&mut references, Some(BrokerEpoch::new(9))).expect("closes");
    drop((logs, directory));
    disk.crash();

    let directory = open_dir(&disk);
    assert_eq!(directory.last_stop(), LastStop::Clean(Some(BrokerEpoch::new(9))));
    let loaded = load(&directory);
    assert_eq!(loaded.recovered.segments_checked, 0);
    let ends: Vec<_> = loaded.logs.iter().map(|log| log.end_offset().get()).collect();
    assert_eq!(ends, [0, 10, 20, 30, 40]);
    for log in &loaded.logs {
        assert_eq!((log.high_watermark(), log.recovery_point()), (log.end_offset(), log.end_offset()));
        assert_eq!(log.open_files(), 0);
    }
    assert_eq!(loaded.logs[4].start_offset(), at(35));
    drop((loaded, directory));
    let directory = open_dir(&disk);
    assert_eq!(directory.last_stop(), LastStop::Unclean, "nobody closed it");
    let loaded = load(&directory);
    assert_eq!(loaded.recovered.segments_checked, 0, "but all of it is known to be synced");
    assert_eq!(loaded.logs[4].end_offset(), at(40));
}

#[test]
fn folders_that_are_no_live_partitions_are_sorted_out() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    for name in
        ["t-0.abc-delete", "t-1.abc-future", "t-2.abc-stray", "__cluster_metadata-0", "lost+found", "x-7"]
    {
        disk.create_dir(&directory.path().join(name)).expect("makes");
    }
    let loaded = load(&directory);
    assert_eq!(loaded.logs.iter().map(|log| log.topic_partition().to_string()).collect::<Vec<_>>(), ["x-7"]);
    assert_eq!((loaded.futures.len(), loaded.strays.len(), loaded.deletes.len()), (1, 1, 1));
    for job in loaded.deletes {
        job.run().expect("removes");
    }
    assert!(disk.list(Path::new("/a/data/t-0.abc-delete")).is_err());
    assert!(directory.has_log(&partition("x", 7)).expect("looks"));
    assert!(!directory.has_log(&partition("x", 8)).expect("looks"));
}

#[test]
fn checkpoints_are_kafkas_text_and_damage_means_more_recovery() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    let mut log = directory.create_log(partition("t", 0), None, config(), ms(0)).expect("creates");
    append_many(&mut log, 30);
    log.flush(at(30), ms(0)).expect("flushes");
    log.set_high_watermark(at(30));
    directory.checkpoint([&log].into_iter()).expect("checkpoints");
    let path = Path::new("/a/data/recovery-point-offset-checkpoint");
    assert_eq!(disk.get(path).expect("is there"), b"0\n1\nt 0 30\n");
    log.set_high_watermark(at(12));
    directory.checkpoint([&log].into_iter()).expect("checkpoints");
    append_many(&mut log, 1);
    drop((log, directory));
    let directory = open_dir(&disk);
    let loaded = load(&directory);
    assert_eq!(loaded.recovered.segments_checked, 1);
    assert_eq!(loaded.logs[0].high_watermark(), at(12));
    drop((loaded, directory));
    disk.put(path, b"0\n7\n").expect("puts");
    let loaded = load(&open_dir(&disk));
    assert!(loaded.recovered.segments_checked > 1);
    assert_eq!(loaded.logs[0].end_offset(), at(31));
}

#[test]
fn a_checkpoint_never_vouches_for_what_was_written_after_a_cut() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    let mut log = directory.create_log(partition("t", 0), None, config(), ms(0)).expect("creates");
    append_many(&mut log, 40);
    log.flush(at(40), ms(0)).expect("flushes");
    directory.checkpoint([&log].into_iter()).expect("checkpoints");
    let mut round = directory.begin_checkpoint();
    round.add(&log);
    log.truncate_to(at(15), ms(0)).expect("truncates");
    directory.finish_checkpoint(round).expect("checkpoints");
    append_many(&mut log, 40);
    let text = disk.get(Path::new("/a/data/recovery-point-offset-checkpoint")).expect("is there");
    let point: i64 =
        String::from_utf8_lossy(&text).trim().rsplit(' ').next().expect("is").parse().expect("reads");
    assert!(point <= 15, "the recovery point is {point}");
    drop((log, directory));
    let directory = open_dir(&disk);
    let loaded = load(&directory);
    assert!(loaded.recovered.segments_checked >= 4);
}

#[test]
fn a_partition_that_is_created_again_has_nothing_of_its_predecessor() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    let mut log = directory.create_log(partition("t", 0), None, config(), ms(0)).expect("creates");
    append_many(&mut log, 40);
    log.flush(at(40), ms(0)).expect("flushes");
    log.set_high_watermark(at(40));
    log.advance_start_offset(at(30)).expect("moves");
    directory.checkpoint([&log].into_iter()).expect("checkpoints");
    log.delete(1).expect("renames").run().expect("removes");
    let mut log = directory.create_log(partition("t", 0), None, config(), ms(0)).expect("creates");
    append_many(&mut log, 5);
    drop((log, directory));
    let loaded = load(&open_dir(&disk));
    let log = &loaded.logs[0];
    assert_eq!((log.start_offset(), log.end_offset(), log.high_watermark()), (at(0), at(5), at(0)));
}

#[test]
fn a_directory_fails_once_and_for_good() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    assert!(directory.is_online());
    let error = Log::create(&disk, Path::new("/nowhere"), partition("t", 0), None, config(), ms(0));
    let error = error.expect_err("there is no such folder");
    directory.fail(&error);
    assert!(directory.failure().is_some_and(|reason| reason.starts_with("create /nowhere/t-0: ")));
    assert!(!directory.is_online());
}

#[test]
fn a_copy_that_is_moved_in_is_found_again_and_becomes_the_log_when_it_is_promoted() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    let mut copy =
        directory.create_future(partition("t", 0), Some(topic_id()), config(), ms(0), 7).expect("creates");
    append_many(&mut copy, 30);
    copy.flush(at(30), ms(0)).expect("flushes");
    copy.set_high_watermark(at(20));
    directory.checkpoint([&copy].into_iter()).expect("checkpoints");
    drop((copy, directory));
    disk.crash();

    let directory = open_dir(&disk);
    let mut loaded = load(&directory);
    assert_eq!((loaded.logs.len(), loaded.futures.len()), (0, 1));
    let mut copy = loaded.futures.remove(0);
    assert_eq!(copy.folder(), Path::new("/a/data/t-0.00000000000000000000000000000007-future"));
    assert_eq!(
        (copy.end_offset(), copy.high_watermark(), copy.topic_id()),
        (at(30), at(20), Some(topic_id()))
    );
    copy.promote().expect("renames");
    append_many(&mut copy, 10);
    let read = copy.read(at(0), 1 << 20, at(40), true).expect("reads");
    assert!(!read.read_to_vec().expect("reads").is_empty());
    drop((copy, loaded, directory));
    disk.crash();

    let loaded = load(&open_dir(&disk));
    assert_eq!((loaded.logs.len(), loaded.futures.len()), (1, 0));
    assert!(loaded.logs[0].end_offset() >= at(30), "its name and what was flushed are there");
}

#[test]
fn of_a_partition_and_a_copy_in_one_directory_the_copy_goes() {
    let disk = SimDisk::new(1);
    let directory = open_dir(&disk);
    for name in ["t-0", "t-0.abc-future", "u-0.abc-future", "u-0.abd-future"] {
        disk.create_dir(&directory.path().join(name)).expect("makes");
    }
    let loaded = load(&directory);
    let names = |logs: &[Log<SimDisk>]| -> Vec<String> {
        logs.iter().map(|log| log.folder().display().to_string()).collect()
    };
    assert_eq!(names(&loaded.logs), ["/a/data/t-0"]);
    assert_eq!(names(&loaded.futures), ["/a/data/u-0.abc-future"]);
    assert_eq!(loaded.deletes.len(), 2);
}

#[test]
fn the_longest_topics_cannot_be_moved() {
    assert!(broker_log::is_movable(&partition(&"t".repeat(213), 0)));
    assert!(!broker_log::is_movable(&partition(&"t".repeat(214), 0)), "KAFKA-4893");
}
