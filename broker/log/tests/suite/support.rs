//! Short ways to make batches and logs.

use std::path::Path;

use broker_log::{AppendInfo, AppendOrigin, Log, LogConfig, OpenSpec, Recovery, RecoveryReport, SimDisk};
use broker_records::{BatchBuilder, ControlBatch, ControlType, NewRecord, batches};
use broker_types::{
    LeaderEpoch, Offset, PartitionId, ProducerEpoch, ProducerId, Sequence, Timestamp, TopicId, TopicName,
    TopicPartition, Uuid,
};
use bytes::Bytes;

pub(crate) const DIR: &str = "/data";

pub(crate) fn tp() -> TopicPartition {
    TopicPartition::new(TopicName::new("orders"), PartitionId::new(3))
}

pub(crate) fn folder() -> &'static Path {
    Path::new("/data/orders-3")
}

pub(crate) fn topic_id() -> TopicId {
    TopicId::new(Uuid::from_bytes([5; 16]))
}

pub(crate) fn at(offset: i64) -> Offset {
    Offset::new(offset)
}

pub(crate) fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn epoch(raw: i32) -> LeaderEpoch {
    LeaderEpoch::new(raw)
}

pub(crate) fn disk(seed: u64) -> SimDisk {
    use broker_log::Disk as _;
    let disk = SimDisk::new(seed);
    disk.create_dir(Path::new(DIR)).expect("makes the directory");
    disk.sync_dir(Path::new("/")).expect("syncs");
    disk
}

/// Small segments and an index entry for nearly every batch.
pub(crate) fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 1024,
        index_interval_bytes: 100,
        verifies_transactions: false,
        ..LogConfig::default()
    }
}

pub(crate) fn create(disk: &SimDisk, config: LogConfig) -> Log<SimDisk> {
    Log::create(disk, Path::new(DIR), tp(), Some(topic_id()), config, ms(0)).expect("creates the log")
}

fn fill(mut builder: BatchBuilder, first: i64, records: usize, timestamp: i64) -> Bytes {
    for i in 0..records {
        let value = format!("value {} {}", first + i64::try_from(i).expect("small"), "x".repeat(20));
        let record = NewRecord {
            timestamp: Some(ms(timestamp)),
            key: None,
            value: Some(value.as_bytes()),
            headers: &[],
        };
        builder.append(&record).expect("there is room");
    }
    builder.build()
}

/// A batch as a producer sends it.
pub(crate) fn batch(records: usize, timestamp: i64) -> Bytes {
    fill(BatchBuilder::new(at(0)), 0, records, timestamp)
}

/// A batch of an idempotent producer.
pub(crate) fn from_producer(id: i64, producer_epoch: i16, sequence: i32, records: usize) -> Bytes {
    let builder = BatchBuilder::new(at(0)).producer(
        ProducerId::new(id),
        ProducerEpoch::new(producer_epoch),
        Sequence::new(sequence),
    );
    fill(builder, 0, records, 1000)
}

/// A batch of a transaction.
pub(crate) fn in_txn(id: i64, sequence: i32, records: usize) -> Bytes {
    let builder = BatchBuilder::new(at(0))
        .producer(ProducerId::new(id), ProducerEpoch::new(0), Sequence::new(sequence))
        .attributes(broker_records::Attributes::NONE.with_transactional());
    fill(builder, 0, records, 1000)
}

/// The batch that ends a transaction.
pub(crate) fn marker(id: i64, control: ControlType) -> Bytes {
    let producer = (ProducerId::new(id), ProducerEpoch::new(0));
    let mut batch = ControlBatch::marker(at(0), epoch(0), ms(1000), producer);
    batch.append(control, &[0, 0, 0, 0, 0, 7]).expect("there is room");
    batch.build()
}

/// A batch as a leader has stamped it.
pub(crate) fn stamped(first: i64, leader_epoch: i32, records: usize) -> Bytes {
    fill(BatchBuilder::new(at(first)).leader_epoch(epoch(leader_epoch)), first, records, 1000)
}

pub(crate) fn append(log: &mut Log<SimDisk>, bytes: &Bytes) -> AppendInfo {
    log.append_as_leader(bytes, epoch(0), ms(1000), AppendOrigin::Client).expect("appends")
}

/// Appends `count` batches of one record, at rising times.
pub(crate) fn append_many(log: &mut Log<SimDisk>, count: i64) {
    for i in 0..count {
        append(log, &batch(1, 1000 + i));
    }
}

pub(crate) fn open_with(
    disk: &SimDisk,
    recovery: Recovery,
    config: LogConfig,
) -> (Log<SimDisk>, RecoveryReport) {
    let spec = OpenSpec {
        topic_partition: tp(),
        config,
        recovery,
        log_start: at(0),
        high_watermark: at(0),
        now: ms(2000),
    };
    Log::open(disk, folder(), spec).expect("opens")
}

pub(crate) fn open(disk: &SimDisk, recovery: Recovery) -> (Log<SimDisk>, RecoveryReport) {
    open_with(disk, recovery, config())
}

pub(crate) const fn unclean(recovery_point: i64) -> Recovery {
    Recovery::Unclean { recovery_point: Offset::new(recovery_point) }
}

/// First and last offset of every batch from the start to the end of the log, each verified.
pub(crate) fn contents(log: &Log<SimDisk>) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let mut next = log.start_offset();
    while next < log.end_offset() {
        let slice = log.read(next, 1 << 20, log.end_offset(), true).expect("reads");
        assert!(!slice.is_empty(), "nothing at {next} before the end {}", log.end_offset());
        let bytes = slice.read_to_vec().expect("reads");
        let before = next;
        for batch in batches(&bytes) {
            let batch = batch.expect("parses");
            assert!(batch.crc_is_valid(), "the batch at {next} is damaged");
            found.push((batch.header.first_offset().get(), batch.header.last_offset().get()));
            next = batch.header.next_offset();
        }
        assert!(next > before, "reading goes on");
    }
    found
}
