//! Record batches built by hand: right ones and wrong ones.

/// The base timestamp of every batch.
pub(super) const TIMESTAMP: i64 = 1_700_000_000_000;

/// The parts of a batch that a case may get wrong.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    base_offset: i64,
    magic: i8,
    attributes: i16,
    last_offset_delta: i32,
    timestamp: i64,
    producer: (i64, i16, i32),
    count: i32,
    records: Vec<u8>,
    crc_flip: u32,
    length_extra: i32,
}

impl Batch {
    /// A right batch of `count` records without keys.
    pub(super) fn new(count: i32) -> Self {
        let records = (0..count).flat_map(record).collect();
        Self {
            base_offset: 0,
            magic: 2,
            attributes: 0,
            last_offset_delta: count - 1,
            timestamp: TIMESTAMP,
            producer: (-1, -1, -1),
            count,
            records,
            crc_flip: 0,
            length_extra: 0,
        }
    }

    /// With this producer id, epoch and first sequence.
    pub(super) fn sent_by(self, producer: (i64, i16, i32)) -> Self {
        Self { producer, ..self }
    }

    /// As a part of its producer's transaction.
    pub(super) fn in_transaction(self) -> Self {
        Self { attributes: self.attributes | 1 << 4, ..self }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut tail = Vec::new();
        tail.extend(self.attributes.to_be_bytes());
        tail.extend(self.last_offset_delta.to_be_bytes());
        tail.extend(self.timestamp.to_be_bytes());
        tail.extend(self.timestamp.to_be_bytes());
        tail.extend(self.producer.0.to_be_bytes());
        tail.extend(self.producer.1.to_be_bytes());
        tail.extend(self.producer.2.to_be_bytes());
        tail.extend(self.count.to_be_bytes());
        tail.extend(&self.records);
        let length = i32::try_from(tail.len()).expect("a small batch") + 9 + self.length_extra;
        let mut bytes = Vec::new();
        bytes.extend(self.base_offset.to_be_bytes());
        bytes.extend(length.to_be_bytes());
        bytes.extend((-1_i32).to_be_bytes());
        bytes.extend(self.magic.to_be_bytes());
        bytes.extend((crc32c::crc32c(&tail) ^ self.crc_flip).to_be_bytes());
        bytes.extend(tail);
        bytes
    }
}

/// One record of a batch: no key, a short value, no headers.
fn record(offset_delta: i32) -> Vec<u8> {
    let delta = u8::try_from(offset_delta * 2).expect("a small delta");
    // Attributes, timestamp delta, offset delta, key length -1, value length 5, value, no headers.
    let body = [&[0, 0, delta, 1, 10][..], b"value", &[0]].concat();
    [&[u8::try_from(body.len() * 2).expect("a short record")][..], &body].concat()
}

/// What is sent to the first partition of a topic: name, topic, records.
pub(super) fn cases() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let right = Batch::new(3);
    let change = |change: fn(&mut Batch)| {
        let mut batch = right.clone();
        change(&mut batch);
        batch.bytes()
    };
    let twice = [right.bytes(), right.bytes()].concat();
    let cut = right.bytes()[..right.bytes().len() - 4].to_vec();
    let trailing = [&right.bytes()[..], &[0; 5]].concat();
    vec![
        ("a right batch", "diff", right.bytes()),
        ("no records at all", "diff", vec![]),
        ("two batches", "diff", twice),
        ("a batch that is cut", "diff", cut),
        ("bytes after a batch", "diff", trailing),
        ("a wrong checksum", "diff", change(|batch| batch.crc_flip = 1)),
        ("magic 1", "diff", change(|batch| batch.magic = 1)),
        ("magic 3", "diff", change(|batch| batch.magic = 3)),
        ("magic -1", "diff", change(|batch| batch.magic = -1)),
        ("a base offset", "diff", change(|batch| batch.base_offset = 5)),
        ("more records promised", "diff", change(|batch| batch.count = 4)),
        ("fewer records promised", "diff", change(|batch| batch.count = 2)),
        ("no records promised", "diff", change(|batch| batch.count = 0)),
        ("2^31 records promised", "diff", change(|batch| batch.count = i32::MAX)),
        ("a negative count", "diff", change(|batch| batch.count = -1)),
        ("a wrong last offset", "diff", change(|batch| batch.last_offset_delta = 7)),
        ("a length too long", "diff", change(|batch| batch.length_extra = 50)),
        ("a length too short", "diff", change(|batch| batch.length_extra = -30)),
        ("a tiny length", "diff", change(|batch| batch.length_extra = -80)),
        ("a control batch", "diff", change(|batch| batch.attributes = 0x20)),
        ("log append time", "small", change(|batch| batch.attributes = 0x08)),
        ("a time far in the future", "diff", change(|batch| batch.timestamp = i64::MAX / 2)),
        ("no time", "diff", change(|batch| batch.timestamp = -1)),
        ("a producer without sequence", "diff", change(|batch| batch.producer = (9, 0, -1))),
        ("records that are cut", "diff", change(|batch| batch.records.truncate(20))),
        ("records of zeros", "diff", change(|batch| batch.records.fill(0))),
        ("too large", "small", Batch { records: vec![0; 1200], ..right.clone() }.bytes()),
        ("no key for a compacted topic", "compact", right.bytes()),
    ]
}

/// What each broker refuses in its own way: Apache Kafka calls bytes that do not decompress an unknown error of the
/// server, and transactions are refused altogether by a broker that has none.
pub(super) fn refused_cases() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let right = Batch::new(3);
    let change = |change: fn(&mut Batch)| {
        let mut batch = right.clone();
        change(&mut batch);
        batch.bytes()
    };
    vec![
        ("a transactional batch without producer", "diff", change(|batch| batch.attributes = 0x10)),
        ("codec 5", "diff", change(|batch| batch.attributes = 5)),
        ("gzip that is none", "diff", change(|batch| batch.attributes = 1)),
        ("snappy that is none", "diff", change(|batch| batch.attributes = 2)),
        ("lz4 that is none", "diff", change(|batch| batch.attributes = 3)),
        ("zstd that is none", "diff", change(|batch| batch.attributes = 4)),
    ]
}
