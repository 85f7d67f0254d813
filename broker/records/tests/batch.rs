//! Batches through the public interface: what is built is read back, and damage is noticed.

use broker_records::{
    Attributes, BatchBuilder, BatchError, BatchHeader, BatchView, BuildError, CONTROL_KEY_BYTES, Codec,
    ControlBatch, ControlKey, ControlType, HEADER_BYTES, HeaderView, NewRecord, RecordError, Records,
    TimestampType, batches, patch,
};
use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::Bytes;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Owned {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..max)
}

fn record() -> impl Strategy<Value = Owned> {
    let headers = prop::collection::vec((bytes(4), prop::option::of(bytes(4))), 0..4);
    (-1..=i64::MAX, prop::option::of(bytes(40)), prop::option::of(bytes(300)), headers)
        .prop_map(|(timestamp, key, value, headers)| Owned { timestamp, key, value, headers })
}

fn build(records: &[Owned]) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::new(7)).leader_epoch(LeaderEpoch::new(2)).producer(
        ProducerId::new(1),
        ProducerEpoch::new(0),
        Sequence::new(5),
    );
    for record in records {
        let headers: Vec<_> = record.headers.iter().map(|(k, v)| HeaderView::new(k, v.as_deref())).collect();
        let new = NewRecord {
            timestamp: Timestamp::from_wire(record.timestamp),
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        };
        builder.append(&new).expect("room");
    }
    builder.build()
}

proptest! {
    #[test]
    fn what_is_built_is_read(records in prop::collection::vec(record(), 1..20)) {
        let bytes = build(&records);
        let batch = BatchView::parse(&bytes).expect("whole");
        prop_assert!(batch.crc_is_valid());
        prop_assert_eq!(batch.header.size_bytes(), bytes.len());
        prop_assert_eq!(batch.header.max_timestamp, records.iter().map(|r| r.timestamp).max().unwrap_or(-1));
        let read: Vec<_> = batch.records().collect::<Result<_, _>>().expect("well formed");
        prop_assert_eq!(read.len(), records.len());
        for ((view, record), delta) in read.iter().zip(&records).zip(0i32..) {
            prop_assert_eq!(view.offset_delta, delta);
            prop_assert_eq!(batch.header.base_timestamp.wrapping_add(view.timestamp_delta), record.timestamp);
            prop_assert_eq!(view.key, record.key.as_deref());
            prop_assert_eq!(view.value, record.value.as_deref());
            let headers: Vec<_> =
                view.headers.iter().map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec))).collect();
            prop_assert_eq!(&headers, &record.headers);
        }
    }

    #[test]
    fn a_payload_cut_anywhere_is_an_error(records in prop::collection::vec(record(), 1..4)) {
        let bytes = build(&records);
        let batch = BatchView::parse(&bytes).expect("whole");
        let payload = batch.payload();
        for end in 0..payload.len() {
            let mut read = Records::new(&payload[..end], batch.header.record_count);
            prop_assert!(read.by_ref().any(|record| record.is_err()));
            prop_assert_eq!(read.next(), None);
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(payload in bytes(200), count in any::<i32>()) {
        let read = Records::new(&payload, count).take_while(Result::is_ok).count();
        prop_assert!(read <= payload.len());
        prop_assert!(batches(&payload).count() <= payload.len());
    }
}

fn small(base_offset: i64) -> Bytes {
    let mut builder = BatchBuilder::new(Offset::new(base_offset));
    builder.append(&NewRecord { value: Some(b"v"), ..NewRecord::default() }).expect("room");
    builder.build()
}

#[test]
fn a_batch_cut_anywhere_is_truncated_and_a_flip_breaks_the_checksum() {
    let good = small(0);
    for end in 0..good.len() {
        assert!(matches!(BatchView::parse(&good[..end]), Err(BatchError::Truncated { .. })));
    }
    for bit in 21 * 8..good.len() * 8 {
        let mut flipped = good.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!BatchView::parse(&flipped).expect("whole").crc_is_valid(), "bit {bit}");
    }
}

#[test]
fn batches_end_at_a_partial_one_and_stop_at_nonsense() {
    let (a, b) = (small(0), small(1));
    let both = [a.clone(), b].concat();
    for end in 0..=both.len() {
        let mut walk = batches(&both[..end]);
        let whole = usize::from(end >= a.len()) + usize::from(end >= both.len());
        assert_eq!(walk.by_ref().filter(Result::is_ok).count(), whole);
        assert_eq!(walk.consumed(), [0, a.len(), both.len()][whole]);
        assert_eq!(walk.next(), None);
    }
    let junk = [a.clone(), Bytes::from_static(&[0; 12])].concat();
    let mut walk = batches(&junk);
    assert!(walk.next().is_some_and(|batch| batch.is_ok()));
    assert_eq!(walk.next(), Some(Err(BatchError::Length(0))));
    assert_eq!(walk.next(), None);
    assert_eq!(walk.consumed(), a.len());
    let old = [&[0u8; 16][..], &[1]].concat();
    assert_eq!(batches(&old).next(), Some(Err(BatchError::Magic(1))));
}

#[test]
fn offset_and_epoch_are_patched_without_the_checksum() {
    let mut batch = small(0).to_vec();
    let header = BatchHeader::parse(&batch).expect("header");
    let prefix = patch::patched_prefix(Offset::new(99), header.length, LeaderEpoch::new(4));
    let spliced = [&prefix[..], &batch[patch::PREFIX_BYTES..]].concat();
    patch::set_base_offset(&mut batch, Offset::new(99)).expect("long enough");
    patch::set_leader_epoch(&mut batch, LeaderEpoch::new(4)).expect("long enough");
    assert_eq!(spliced, batch);
    let view = BatchView::parse(&batch).expect("whole");
    assert!(view.crc_is_valid());
    assert_eq!(view.header.crc, header.crc);
    assert_eq!(view.header.first_offset(), Offset::new(99));
    assert_eq!(view.header.next_offset(), Offset::new(100));
    assert_eq!(view.header.epoch(), LeaderEpoch::new(4));
    assert!(patch::set_base_offset(&mut [0; HEADER_BYTES - 1], Offset::ZERO).is_err());
}

#[test]
fn a_timestamp_is_patched_with_its_checksum() {
    let mut batch = [small(0), Bytes::from_static(b"what follows")].concat();
    patch::set_max_timestamp_and_type(&mut batch, 1234, TimestampType::LogAppend).expect("whole");
    let view = BatchView::parse(&batch).expect("whole");
    assert!(view.crc_is_valid());
    assert_eq!(view.header.max_timestamp, 1234);
    assert_eq!(view.header.attributes.timestamp_type(), TimestampType::LogAppend);
    assert!(batch.ends_with(b"what follows"));
    let cut = &mut small(0).to_vec()[..HEADER_BYTES + 1];
    assert!(patch::set_max_timestamp_and_type(cut, 1, TimestampType::Create).is_err());
}

#[test]
fn gaps_are_built_forward_only() {
    let mut builder = BatchBuilder::new(Offset::new(10));
    let record = NewRecord { value: Some(b"v"), ..NewRecord::default() };
    let at = |builder: &mut BatchBuilder, offset| builder.append_at(Offset::new(offset), &record);
    assert_eq!(at(&mut builder, 9), Err(BuildError::Offset { offset: Offset::new(9) }));
    assert_eq!(at(&mut builder, 12), Ok(()));
    assert_eq!(at(&mut builder, 12), Err(BuildError::Offset { offset: Offset::new(12) }));
    assert!(at(&mut builder, i64::MAX).is_err());
    assert_eq!(at(&mut builder, 20), Ok(()));
    assert_eq!(builder.next_offset(), Offset::new(21));
    let bytes = builder.build();
    let view = BatchView::parse(&bytes).expect("whole");
    assert_eq!(view.header.last_offset(), Offset::new(20));
    let deltas: Vec<_> = view.records().map(|record| record.expect("good").offset_delta).collect();
    assert_eq!(deltas, [2, 10]);
}

#[test]
fn a_batch_without_records_is_valid() {
    let bytes = BatchBuilder::new(Offset::new(3)).build();
    let view = BatchView::parse(&bytes).expect("whole");
    assert!(view.crc_is_valid());
    assert_eq!(bytes.len(), HEADER_BYTES);
    assert_eq!(view.records().next(), None);
    assert_eq!(view.header.next_offset(), Offset::new(4));
}

#[test]
fn a_compressed_payload_is_not_read_as_records() {
    let mut bytes = small(0).to_vec();
    bytes[22] = Codec::Lz4.id();
    let view = BatchView::parse(&bytes).expect("whole");
    assert_eq!(view.records().collect::<Vec<_>>(), [Err(RecordError::Compressed)]);
}

#[test]
fn markers_and_quorum_records_are_control_batches() {
    let time = Timestamp::from_millis(1_000);
    let producer = (ProducerId::new(8), ProducerEpoch::new(2));
    let mut marker = ControlBatch::marker(Offset::new(5), LeaderEpoch::new(1), time, producer);
    assert_eq!(marker.append(ControlType::Abort, &[0, 0, 0, 0, 0, 9]), Ok(Offset::new(5)));
    let bytes = marker.build();
    let view = BatchView::parse(&bytes).expect("whole");
    assert_eq!(view.header.attributes.bits(), 0x30);
    assert_eq!(view.header.producer_and_epoch(), Some(producer));
    assert_eq!(view.header.producer(), None);
    let record = view.records().next().expect("one").expect("good");
    let key = ControlKey::parse(record.key.expect("a key")).expect("a control key");
    assert_eq!(key.control_type(), Some(ControlType::Abort));
    assert_eq!(key, ControlKey { version: 0, id: 0 });

    let mut quorum = ControlBatch::quorum(Offset::ZERO, LeaderEpoch::new(1), time);
    quorum.append(ControlType::KRaftVersion, &[1]).expect("room");
    quorum.append(ControlType::KRaftVoters, &[2]).expect("room");
    let bytes = quorum.build();
    let view = BatchView::parse(&bytes).expect("whole");
    assert_eq!(view.header.attributes, Attributes::NONE.with_control());
    assert_eq!((view.header.record_count, view.header.producer_id), (2, -1));
    for known in ControlType::ALL {
        let key = ControlKey::parse(&known.key()).expect("a control key");
        assert_eq!(key.control_type(), Some(known));
    }
    assert_eq!(ControlKey::parse(&[0; CONTROL_KEY_BYTES - 1]), None);
    assert_eq!(ControlKey::parse(&[0, 0, 0, 99]).and_then(ControlKey::control_type), None);
}

#[test]
fn the_bytes_are_those_of_kafkas_own_client() {
    // One record, key "k", value "v", header a=b twice, timestamp 1700000000000, base offset 0, as
    // org.apache.kafka.common.record wrote it.
    let mut builder = BatchBuilder::new(Offset::ZERO);
    let headers = [HeaderView::new(b"a", Some(b"b")), HeaderView::new(b"a", Some(b"b"))];
    let record = NewRecord {
        timestamp: Some(Timestamp::from_millis(1_700_000_000_000)),
        key: Some(b"k"),
        value: Some(b"v"),
        headers: &headers,
    };
    builder.append(&record).expect("room");
    let hex: String = builder.build().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, include_str!("java_batch.hex").trim());
}
