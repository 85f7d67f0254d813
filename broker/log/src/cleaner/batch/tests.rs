use std::ops::ControlFlow;

use broker_records::{
    Attributes, BatchBuilder, Compress, CompressError, ControlBatch, ControlType, Decompress,
    DecompressError, NewRecord,
};
use broker_types::{LeaderEpoch, Sequence};
use bytes::Bytes;

use super::*;
use crate::cleaner::{HashKey, tools::CleanLimits};

struct NoCodecs;

impl Compress for NoCodecs {
    fn compress(&self, codec: Codec, _: Option<i32>, _: &[u8], _: &mut Vec<u8>) -> Result<(), CompressError> {
        Err(CompressError::Unsupported(codec))
    }
}

impl Decompress for NoCodecs {
    fn decompress(&self, codec: Codec, _: &[u8], _: usize, _: &mut Vec<u8>) -> Result<(), DecompressError> {
        Err(DecompressError::Unsupported(codec))
    }
}

const NOW: i64 = 1_000_000;
const RETENTION_MS: u64 = 5000;
const EPOCH: ProducerEpoch = ProducerEpoch::new(2);

/// A round whose map has these keys and ends at 100.
struct Round {
    map: OffsetMap,
    map_end: i64,
    last_batches: LastBatches,
    now: i64,
    transactions: Transactions,
}

/// What is left of a batch: its horizon, and its records as offset and value.
type Left = (Option<i64>, Vec<(i64, Option<Vec<u8>>)>);

fn round(keys: &[(&str, i64)]) -> Round {
    let mut map = OffsetMap::new(HashKey::new([1; 16]), 100, &CleanLimits::default());
    for (key, offset) in keys {
        map.put(key.as_bytes(), Offset::new(*offset)).expect("there is room");
    }
    Round {
        map,
        map_end: 100,
        last_batches: LastBatches::new(),
        now: NOW,
        transactions: Transactions::default(),
    }
}

impl Round {
    /// `None`: gone.
    fn judge(&mut self, bytes: &[u8]) -> Option<(Fate, Bytes)> {
        let rules = Rules {
            map: &self.map,
            map_end: Offset::new(self.map_end),
            last_batches: &self.last_batches,
            round_end: Offset::new(200),
            now: Timestamp::from_millis(self.now),
            delete_retention: Duration::from_millis(RETENTION_MS),
        };
        let mut pace = |_| ControlFlow::Continue(());
        let tools = Tools {
            codecs: &NoCodecs,
            key: HashKey::new([1; 16]),
            limits: CleanLimits::default(),
            pace: &mut pace,
        };
        let batch = BatchView::parse(bytes).expect("parses");
        let (mut scratch, mut totals) = (Scratch::default(), Totals::default());
        let (fate, _) = rules
            .judge(&batch, &mut self.transactions, &mut scratch, &mut totals, &tools)
            .expect("the batch is good");
        match fate {
            Fate::Gone => None,
            Fate::Same => Some((fate, Bytes::copy_from_slice(bytes))),
            Fate::Rewritten => Some((fate, scratch.rewritten.into())),
        }
    }

    fn left(&mut self, bytes: &[u8]) -> Option<Left> {
        self.judge(bytes).map(|(_, bytes)| {
            let batch = BatchView::parse(&bytes).expect("parses");
            assert!(batch.crc_is_valid());
            let records = batch.records().map(|record| record.expect("reads")).map(|record| {
                let offset = batch.header.base_offset + i64::from(record.offset_delta);
                (offset, record.value.map(<[u8]>::to_vec))
            });
            (horizon_of(&batch.header).map(Timestamp::as_millis), records.collect())
        })
    }
}

fn builder(base: i64, producer: Option<i64>, is_txn: bool) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Offset::new(base)).leader_epoch(LeaderEpoch::new(1));
    if let Some(producer) = producer {
        builder = builder.producer(ProducerId::new(producer), EPOCH, Sequence::new(7));
    }
    if is_txn { builder.attributes(Attributes::NONE.with_transactional()) } else { builder }
}

fn fill(mut builder: BatchBuilder, records: &[(Option<&str>, Option<&str>)]) -> Bytes {
    for (key, value) in records {
        let record = NewRecord {
            timestamp: Some(Timestamp::from_millis(500)),
            key: key.map(str::as_bytes),
            value: value.map(str::as_bytes),
            headers: &[],
        };
        builder.append(&record).expect("there is room");
    }
    builder.build()
}

fn plain_batch(base: i64, records: &[(Option<&str>, Option<&str>)]) -> Bytes {
    fill(builder(base, None, false), records)
}

fn marker(base: i64, producer: i64, control: ControlType) -> Bytes {
    let who = (ProducerId::new(producer), EPOCH);
    let mut batch =
        ControlBatch::marker(Offset::new(base), LeaderEpoch::new(1), Timestamp::from_millis(500), who);
    batch.append(control, &[0, 0, 0, 0, 0, 7]).expect("there is room");
    batch.build()
}

fn value(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

#[test]
fn of_each_key_the_last_record_stays() {
    let mut round = round(&[("a", 50), ("b", 11), ("c", 12)]);
    let batch = plain_batch(
        10,
        &[(Some("a"), Some("1")), (Some("b"), Some("2")), (Some("c"), Some("3")), (Some("d"), Some("4"))],
    );
    let left = round.left(&batch);
    assert_eq!(left, Some((None, vec![(11, value("2")), (12, value("3")), (13, value("4"))])));
    let all_later = plain_batch(20, &[(Some("a"), Some("1"))]);
    assert_eq!(round.judge(&all_later), None);
    let untouched = plain_batch(50, &[(Some("a"), Some("1")), (Some("z"), Some("1"))]);
    assert_eq!(round.judge(&untouched), Some((Fate::Same, untouched.clone())));
}

#[test]
fn records_without_a_key_go_and_those_beyond_the_map_stay() {
    let mut round = round(&[("a", 98)]);
    let batch = plain_batch(97, &[(None, Some("0")), (Some("a"), Some("1")), (Some("b"), Some("2"))]);
    assert_eq!(round.left(&batch), Some((None, vec![(98, value("1")), (99, value("2"))])));
    let beyond = plain_batch(100, &[(None, Some("0")), (Some("a"), None)]);
    let left = round.left(&beyond).expect("stays").1;
    assert_eq!(left, [(100, value("0")), (101, None)]);
}

#[test]
fn a_tombstone_gets_a_horizon_once_and_goes_when_that_is_reached() {
    let mut round = round(&[("a", 10)]);
    let batch = plain_batch(10, &[(Some("a"), None), (Some("b"), Some("1"))]);
    let (fate, stamped) = round.judge(&batch).expect("stays");
    assert_eq!(fate, Fate::Rewritten);
    let horizon = NOW + i64::try_from(RETENTION_MS).expect("small");
    assert_eq!(round.left(&batch), Some((Some(horizon), vec![(10, None), (11, value("1"))])));

    round.now = horizon - 1;
    assert_eq!(round.judge(&stamped), Some((Fate::Same, stamped.clone())), "one millisecond before");
    round.now = horizon;
    assert_eq!(round.left(&stamped), Some((Some(horizon), vec![(11, value("1"))])));
    let alone = round_trip(&mut round, &plain_batch(30, &[(Some("x"), None)]));
    round.now += 2 * i64::try_from(RETENTION_MS).expect("small");
    assert_eq!(round.judge(&alone), None, "nothing else was in the batch");
}

fn round_trip(round: &mut Round, batch: &Bytes) -> Bytes {
    round.judge(batch).expect("stays").1
}

#[test]
fn the_last_batch_of_a_producer_stays_empty_for_its_sequence() {
    let mut round = round(&[("a", 90)]);
    round.last_batches.insert(ProducerId::new(5), LastBatch::Records(Offset::new(21)));
    let records = [(Some("a"), Some("1")), (Some("a"), Some("2"))];
    let last = fill(builder(20, Some(5), false), &records);
    let before = fill(builder(18, Some(5), false), &records);
    let other = fill(builder(20, Some(6), false), &records);
    assert_eq!(round.judge(&before), None);
    assert_eq!(round.judge(&other), None);
    let (fate, bytes) = round.judge(&last).expect("stays");
    let header = BatchHeader::parse(&bytes).expect("parses");
    assert_eq!((fate, header.record_count, header.last_offset()), (Fate::Rewritten, 0, Offset::new(21)));
    assert_eq!(header.last_sequence(), Some(Sequence::new(8)));
    assert_eq!(round.judge(&bytes).map(|(_, again)| again), Some(bytes.clone()), "again: the same");
    round.last_batches.clear();
    assert_eq!(round.judge(&bytes), None, "the producer is forgotten");
}

#[test]
fn the_last_batch_of_the_round_stays_for_its_offset() {
    let mut round = round(&[("a", 199)]);
    round.map_end = 200;
    let batch = plain_batch(198, &[(Some("b"), Some("1")), (None, Some("1"))]);
    assert_eq!(round.left(&batch), Some((None, vec![(198, value("1"))])));
    let batch = plain_batch(198, &[(None, Some("1")), (None, Some("1"))]);
    assert_eq!(round.left(&batch), Some((None, vec![])));
}

#[test]
fn records_of_aborted_transactions_go() {
    let mut round = round(&[]);
    round.transactions.expect([AbortedTxn {
        producer_id: ProducerId::new(5),
        first_offset: Offset::new(10),
        last_offset: Offset::new(30),
        last_stable_offset: Offset::new(31),
    }]);
    let record = [(Some("a"), Some("1"))];
    assert_eq!(round.judge(&fill(builder(10, Some(5), true), &record)), None);
    assert!(round.judge(&fill(builder(11, Some(6), true), &record)).is_some());
    let abort = marker(30, 5, ControlType::Abort);
    assert_eq!(round.judge(&abort), Some((Fate::Same, abort.clone())), "its records were met");
    assert!(round.judge(&fill(builder(31, Some(5), true), &record)).is_some(), "the next transaction");
}

#[test]
fn a_marker_goes_when_nothing_of_its_transaction_is_left_and_its_horizon_passed() {
    let mut round = round(&[]);
    let commit = marker(30, 5, ControlType::Commit);
    let stamped = round_trip(&mut round, &commit);
    let horizon = horizon_of(&BatchHeader::parse(&stamped).expect("parses"));
    assert_eq!(horizon, Some(Timestamp::from_millis(NOW).plus(Duration::from_millis(RETENTION_MS))));
    assert_eq!(round.judge(&stamped), Some((Fate::Same, stamped.clone())), "not yet");
    round.now += i64::try_from(RETENTION_MS).expect("small");
    assert_eq!(round.judge(&stamped), None);
    round.last_batches.insert(ProducerId::new(5), LastBatch::Marker(EPOCH));
    let (_, bytes) = round.judge(&stamped).expect("stays for the producer's epoch");
    let header = BatchHeader::parse(&bytes).expect("parses");
    assert_eq!((header.record_count, header.attributes.is_control()), (0, true));
    // With records of its transaction it stays as it is.
    round.last_batches.clear();
    assert!(round.judge(&fill(builder(29, Some(5), true), &[(Some("a"), Some("1"))])).is_some());
    assert_eq!(round.judge(&stamped), Some((Fate::Same, stamped.clone())));
}
