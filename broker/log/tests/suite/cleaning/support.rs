//! Keyed records, rounds of cleaning, and what is left.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path};

use broker_compression::Codecs;
use broker_log::{
    AppendOrigin, CleanError, CleanLimits, Cleaning, Disk as _, HashKey, Log, LogConfig, SimDisk, Tools,
    Totals,
};
use broker_records::{
    Attributes, BatchBuilder, BatchView, Codec, Decompress as _, NewRecord, Records, batches,
};
use broker_types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::Bytes;

use crate::support::*;

/// Offset, key, value.
pub(crate) type Kept = (i64, Option<String>, Option<String>);

/// Small segments, every dirty byte is enough.
pub(crate) fn compacted() -> LogConfig {
    LogConfig {
        compact_policy: true,
        delete_policy: false,
        dirty_ratio_min: 0.0,
        delete_retention: std::time::Duration::from_millis(5000),
        ..config()
    }
}

pub(crate) fn filled(builder: BatchBuilder, records: &[(&str, Option<&str>)], time: i64) -> Bytes {
    let mut builder = builder;
    for (key, value) in records {
        let record = NewRecord {
            timestamp: Some(ms(time)),
            key: Some(key.as_bytes()),
            value: value.map(str::as_bytes),
            headers: &[],
        };
        builder.append(&record).expect("there is room");
    }
    builder.build_compressed(&Codecs::new(), None).expect("compresses")
}

/// A batch of keyed records.
pub(crate) fn keyed(records: &[(&str, Option<&str>)], time: i64) -> Bytes {
    filled(BatchBuilder::new(at(0)), records, time)
}

/// A compressed one.
pub(crate) fn keyed_with(codec: Codec, records: &[(&str, Option<&str>)]) -> Bytes {
    filled(BatchBuilder::new(at(0)).attributes(Attributes::NONE.with_codec(codec)), records, 1000)
}

/// One of an idempotent producer, or of a transaction.
pub(crate) fn keyed_by(
    producer: i64,
    sequence: i32,
    is_txn: bool,
    records: &[(&str, Option<&str>)],
) -> Bytes {
    let attributes = if is_txn { Attributes::NONE.with_transactional() } else { Attributes::NONE };
    let builder = BatchBuilder::new(at(0)).attributes(attributes).producer(
        ProducerId::new(producer),
        ProducerEpoch::new(0),
        Sequence::new(sequence),
    );
    filled(builder, records, 1000)
}

/// Appends `count` batches of one record each, of which the keys come again after `keys`.
pub(crate) fn append_keys(log: &mut Log<SimDisk>, count: i64, keys: i64) {
    for i in 0..count {
        let (key, value) = (format!("key {}", i % keys), format!("value {i}"));
        append(log, &keyed(&[(&key, Some(&value))], 1000 + i));
    }
    settle(log);
}

/// Ends the active segment; everything is synced and on all replicas.
pub(crate) fn settle(log: &mut Log<SimDisk>) {
    log.roll(ms(2000)).expect("rolls");
    log.flush(log.end_offset(), ms(2000)).expect("flushes");
    log.set_high_watermark(log.end_offset());
}

pub(crate) fn limits() -> CleanLimits {
    CleanLimits { map_bytes: 1 << 20, io_bytes: 256, ..CleanLimits::default() }
}

/// Runs `work` with the tools of a round.
pub(crate) fn with_tools<T>(limits: CleanLimits, work: impl FnOnce(&mut Tools<'_>) -> T) -> T {
    let mut pace = |_| ControlFlow::Continue(());
    let codecs = Codecs::new();
    work(&mut Tools { codecs: &codecs, key: HashKey::new([3; 16]), limits, pace: &mut pace })
}

/// One whole round at `now`.
pub(crate) fn round_with(
    log: &mut Log<SimDisk>,
    now: Timestamp,
    limits: CleanLimits,
) -> Result<Option<Totals>, CleanError> {
    let Some(mut cleaning) = log.begin_cleaning(now)? else { return Ok(None) };
    with_tools(limits, |tools| {
        cleaning.map_keys(tools)?;
        while let Some(cleaned) = cleaning.next_segment(tools)? {
            log.swap_in(&cleaning, cleaned, now)?;
            cleaning.sync_names()?;
        }
        Ok::<_, CleanError>(())
    })?;
    log.complete_cleaning(&cleaning).expect("the round is wanted");
    cleaning.write_checkpoint()?;
    Ok(Some(*cleaning.totals()))
}

/// As [`round_with`], with plenty of memory, and it succeeds.
pub(crate) fn round(log: &mut Log<SimDisk>, now: i64) -> Option<Totals> {
    round_with(log, ms(now), limits()).expect("cleans")
}

/// A round that has mapped its keys.
pub(crate) fn begun(log: &mut Log<SimDisk>) -> Cleaning<SimDisk> {
    let mut cleaning = log.begin_cleaning(ms(3000)).expect("begins").expect("something is dirty");
    with_tools(limits(), |tools| cleaning.map_keys(tools)).expect("maps");
    cleaning
}

/// All records that are there, read from every offset in turn, control records apart.
pub(crate) fn records(log: &Log<SimDisk>) -> Vec<Kept> {
    let mut found = Vec::new();
    let mut next = log.start_offset();
    while next < log.end_offset() {
        let bytes =
            log.read(next, 1 << 20, log.end_offset(), true).expect("reads").read_to_vec().expect("reads");
        let before = next;
        for batch in batches(&bytes).map_while(Result::ok) {
            assert!(batch.crc_is_valid(), "the batch at {next}");
            assert!(batch.header.first_offset() >= next || next == before, "offsets rise");
            found.extend(records_of(&batch));
            next = batch.header.next_offset();
        }
        if next == before {
            // Behind the last batch that is there.
            break;
        }
    }
    found
}

fn records_of(batch: &BatchView<'_>) -> Vec<Kept> {
    if batch.header.attributes.is_control() {
        return Vec::new();
    }
    let mut payload = Vec::new();
    let codec = batch.header.attributes.codec().expect("is known");
    Codecs::new().decompress(codec, batch.payload(), 1 << 20, &mut payload).expect("decompresses");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("is text");
    Records::new(&payload, batch.header.record_count)
        .map(|record| record.expect("reads"))
        .map(|record| {
            let offset = batch.header.base_offset + i64::from(record.offset_delta);
            (offset, record.key.map(text), record.value.map(text))
        })
        .collect()
}

/// The last value of each key; tombstones count as no value.
pub(crate) fn latest(records: &[Kept]) -> BTreeMap<String, String> {
    let mut latest = BTreeMap::new();
    for (_, key, value) in records {
        let Some(key) = key else { continue };
        match value {
            Some(value) => latest.insert(key.clone(), value.clone()),
            None => latest.remove(key),
        };
    }
    latest
}

/// Headers of all batches.
pub(crate) fn headers(log: &Log<SimDisk>) -> Vec<broker_records::BatchHeader> {
    let mut found = Vec::new();
    let mut next = log.start_offset();
    while next < log.end_offset() {
        let bytes =
            log.read(next, 1 << 20, log.end_offset(), true).expect("reads").read_to_vec().expect("reads");
        let before = next;
        for batch in batches(&bytes).map_while(Result::ok) {
            found.push(batch.header);
            next = batch.header.next_offset();
        }
        if next == before {
            break;
        }
    }
    found
}

pub(crate) fn names(disk: &SimDisk) -> Vec<String> {
    let mut names: Vec<_> = disk.list(folder()).expect("lists").into_iter().map(|entry| entry.name).collect();
    names.sort();
    names
}

/// No file of a cleaning that was given up is there.
pub(crate) fn assert_tidy(disk: &SimDisk) {
    let left: Vec<_> = names(disk)
        .into_iter()
        .filter(|name| name.ends_with(".cleaned") || name.ends_with(".swap"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

pub(crate) fn marked(log: &mut Log<SimDisk>, producer: i64, control: broker_records::ControlType) -> Offset {
    let marker = marker(producer, control);
    log.append_as_leader(&marker, epoch(0), ms(1000), AppendOrigin::Coordinator)
        .expect("appends")
        .first_offset
}

pub(crate) const DATA: &str = DIR;

pub(crate) fn data() -> &'static Path {
    Path::new(DATA)
}
