//! Random batches: plain ones, idempotent producers, transactions and their markers.

use broker_log::{AppendOrigin, Log, SimDisk, Terms, VerificationGuard};
use broker_records::{Attributes, BatchBuilder, BatchHeader, ControlBatch, ControlType, NewRecord};
use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp, TransactionVersion};
use bytes::Bytes;

use crate::Random;

/// Producers 0 and 1 are idempotent, 2 and 3 transactional.
const PRODUCERS: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
struct Producer {
    next_sequence: i32,
    in_txn: bool,
}

/// Makes batches; remembers what was sent.
#[derive(Debug, Default)]
pub(crate) struct Work {
    producers: [Producer; PRODUCERS],
    sent: u64,
    /// How many keys there are; none: records have no keys, and all have values.
    keys: u64,
}

/// What to append.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) bytes: Bytes,
    /// Appended by a coordinator.
    pub(crate) is_marker: bool,
    /// Of which producer, and its state if this is appended.
    producer: Option<(usize, Producer)>,
}

impl Work {
    /// Work for a compacted log: records of so many keys, and tombstones.
    pub(crate) fn of_keys(keys: u64) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Forgets all producers, as they would begin with fresh ids after an error; ids rise with each `generation`.
    pub(crate) fn restart(&mut self) {
        self.producers = [Producer::default(); PRODUCERS];
    }

    pub(crate) fn next(&mut self, random: &mut Random, generation: i64, time: i64) -> Append {
        let index = usize::try_from(random.below(6)).unwrap_or(0);
        let time = time - i64::try_from(random.below(5)).unwrap_or(0);
        let Some(&producer) = self.producers.get(index) else {
            return Append {
                bytes: self.records(BatchBuilder::new(Offset::ZERO), random, time).0,
                is_marker: false,
                producer: None,
            };
        };
        let id = ProducerId::new(generation * 10 + i64::try_from(index).unwrap_or(0));
        if producer.in_txn && random.one_in(3) {
            let kind = if random.one_in(2) { ControlType::Abort } else { ControlType::Commit };
            let bytes = Self::marker(kind, (id, ProducerEpoch::new(0)), time);
            let after = Producer { in_txn: false, ..producer };
            return Append { bytes, is_marker: true, producer: Some((index, after)) };
        }
        let mut builder = BatchBuilder::new(Offset::ZERO).producer(
            id,
            ProducerEpoch::new(0),
            Sequence::new(producer.next_sequence),
        );
        let is_txn = index >= 2;
        if is_txn {
            builder = builder.attributes(Attributes::NONE.with_transactional());
        }
        let (bytes, records) = self.records(builder, random, time);
        let after = Producer { next_sequence: producer.next_sequence + records, in_txn: is_txn };
        Append { bytes, is_marker: false, producer: Some((index, after)) }
    }

    /// The batch that ends a producer's transaction.
    pub(crate) fn marker(kind: ControlType, who: (ProducerId, ProducerEpoch), time: i64) -> Bytes {
        let time = Timestamp::from_millis(time);
        let mut marker = ControlBatch::marker(Offset::ZERO, LeaderEpoch::new(0), time, who);
        let appended = marker.append(kind, &[0, 0, 0, 0, 0, 1]);
        debug_assert!(appended.is_ok());
        marker.build()
    }

    /// The append came back well.
    pub(crate) fn appended(&mut self, append: &Append) {
        if let Some((index, after)) = append.producer
            && let Some(producer) = self.producers.get_mut(index)
        {
            *producer = after;
        }
    }

    fn records(&mut self, mut builder: BatchBuilder, random: &mut Random, time: i64) -> (Bytes, i32) {
        let count = 1 + i32::try_from(random.below(4)).unwrap_or(0);
        for _ in 0..count {
            self.sent += 1;
            let length = usize::try_from(random.below(120)).unwrap_or(0);
            let value = format!("{}:{}", self.sent, "x".repeat(length));
            let has_keys = self.keys > 0;
            let key = has_keys.then(|| format!("key {}", random.below(self.keys)));
            let is_tombstone = has_keys && random.one_in(8);
            let record = NewRecord {
                timestamp: Some(Timestamp::from_millis(time)),
                key: key.as_deref().map(str::as_bytes),
                value: (!is_tombstone).then_some(value.as_bytes()),
                headers: &[],
            };
            let appended = builder.append(&record);
            debug_assert!(appended.is_ok());
        }
        (builder.build(), count)
    }
}

/// How a batch is appended: where it begins a transaction its coordinator was asked, and said yes.
pub(crate) fn terms(log: &mut Log<SimDisk>, bytes: &[u8], origin: AppendOrigin, now: Timestamp) -> Terms {
    Terms { guard: guard(log, bytes, now), ..origin.into() }
}

fn guard(log: &mut Log<SimDisk>, bytes: &[u8], now: Timestamp) -> Option<VerificationGuard> {
    let header = BatchHeader::parse(bytes).ok()?;
    let (id, epoch) = header.producer_and_epoch().filter(|_| header.attributes.is_transactional())?;
    let producer = broker_types::Producer { id, epoch };
    let first = Sequence::from_wire(header.base_sequence);
    log.begin_verification(producer, first, TransactionVersion::V0, now).ok()?
}
