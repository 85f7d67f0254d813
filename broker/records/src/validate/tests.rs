use alloc::vec::Vec;
use core::time::Duration;

use broker_types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};
use bytes::Bytes;

use super::*;
use crate::header::ATTRIBUTES_AT;
use crate::{
    Attributes, BatchBuilder, CompressError, ControlBatch, ControlType, DecompressError, HeaderView,
    NewRecord, RecordError, TimestampType, patch,
};

const NOW: i64 = 1_700_000_000_000;

/// A stand-in for codecs: the codec's id, then the bytes in reverse.
struct Reverse;

impl Compress for Reverse {
    fn compress(
        &self,
        codec: Codec,
        level: Option<i32>,
        input: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), CompressError> {
        if level == Some(99) {
            return Err(CompressError::Level { codec, level: 99 });
        }
        out.push(codec.id());
        out.extend(input.iter().rev());
        Ok(())
    }
}

impl Decompress for Reverse {
    fn decompress(
        &self,
        codec: Codec,
        input: &[u8],
        limit_bytes: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), DecompressError> {
        match input {
            [id, rest @ ..] if *id == codec.id() => {
                if rest.len() > limit_bytes {
                    return Err(DecompressError::TooLarge { codec, limit_bytes });
                }
                out.extend(rest.iter().rev());
                Ok(())
            }
            _ => Err(DecompressError::Corrupt { codec, reason: "not reversed" }),
        }
    }
}

fn rules() -> ValidationRules {
    ValidationRules { now: Timestamp::from_millis(NOW), ..ValidationRules::default() }
}

fn check(bytes: &[u8], rules: &ValidationRules) -> Result<Validated, Rejected> {
    validate(bytes, rules, &Reverse, &mut Scratch::new())
}

fn builder(timestamps: &[i64]) -> BatchBuilder {
    let mut builder = BatchBuilder::new(Offset::ZERO);
    for timestamp in timestamps {
        let headers = [HeaderView::new(b"h", Some(b"1")), HeaderView::new(b"h", None)];
        let record = NewRecord {
            timestamp: Timestamp::from_wire(*timestamp),
            key: Some(b"key"),
            value: Some(b"a value of some bytes"),
            headers: &headers,
        };
        builder.append(&record).expect("room");
    }
    builder
}

fn batch(timestamps: &[i64]) -> Bytes {
    builder(timestamps).build()
}

fn compressed(codec: Codec, timestamps: &[i64]) -> Bytes {
    builder(timestamps)
        .attributes(Attributes::NONE.with_codec(codec))
        .build_compressed(&Reverse, None)
        .expect("compresses")
}

/// The batch with `change` made to its bytes and a checksum that fits.
fn resealed(batch: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = batch.to_vec();
    change(&mut bytes);
    patch::seal(&mut bytes).expect("a batch");
    bytes
}

fn codes(result: Result<Validated, Rejected>) -> RejectedCode {
    result.expect_err("refused").code()
}

#[test]
fn a_good_batch_stands_as_it_came() {
    let bytes = batch(&[NOW, NOW + 5, NOW - 7]);
    let validated = check(&bytes, &rules()).expect("good");
    assert_eq!(validated.replaced, None);
    assert_eq!(validated.record_count, 3);
    assert_eq!(validated.input_bytes, bytes.len());
    assert_eq!(validated.max_timestamp, Some(Timestamp::from_millis(NOW + 5)));
    assert_eq!(validated.offset_delta_of_max_timestamp, 1);
    assert_eq!(validated.uncompressed_bytes, bytes.len() - crate::HEADER_BYTES);
}

#[test]
fn every_codec_is_looked_into_and_kept() {
    for codec in Codec::ALL {
        let bytes = compressed(codec, &[NOW, NOW + 1]);
        let validated = check(&bytes, &rules()).expect("good");
        assert_eq!(validated.replaced, None, "{codec}");
        assert_eq!(validated.header.attributes.codec(), Some(codec));
        assert_eq!(validated.offset_delta_of_max_timestamp, 1);
    }
}

#[test]
fn a_trailing_partial_batch_is_dropped_and_a_whole_one_refused() {
    let one = batch(&[NOW]);
    let two = [one.clone(), one.clone()].concat();
    let validated = check(&two[..two.len() - 1], &rules()).expect("one batch and a part");
    assert_eq!(validated.input_bytes, one.len());
    assert_eq!(check(&two, &rules()), Err(Rejected::MoreThanOneBatch));
    assert_eq!(check(&one[..one.len() - 1], &rules()), Err(Rejected::NoBatch));
    assert_eq!(check(&[], &rules()), Err(Rejected::NoBatch));
    assert_eq!(codes(check(&[], &rules())), RejectedCode::InvalidRecord);
}

#[test]
fn old_and_unknown_formats_are_told_apart() {
    let mut bytes = batch(&[NOW]).to_vec();
    bytes[16] = 1;
    assert_eq!(check(&bytes, &rules()), Err(Rejected::OldFormat(1)));
    bytes[16] = 3;
    assert_eq!(check(&bytes, &rules()), Err(Rejected::Batch(BatchError::Magic(3))));
    assert_eq!(codes(check(&bytes, &rules())), RejectedCode::CorruptMessage);
}

#[test]
fn the_envelope_is_checked_in_kafkas_order() {
    let mut bytes = batch(&[NOW]).to_vec();
    bytes[30] ^= 1;
    assert_eq!(codes(check(&bytes, &rules())), RejectedCode::CorruptMessage);
    let small = ValidationRules { batch_bytes_max: bytes.len() - 1, ..rules() };
    assert_eq!(codes(check(&bytes, &small)), RejectedCode::MessageTooLarge);
    patch::set_base_offset(&mut bytes, Offset::new(4)).expect("a batch");
    assert_eq!(check(&bytes, &small), Err(Rejected::BaseOffset(4)));
    let exact = ValidationRules { batch_bytes_max: bytes.len(), ..rules() };
    assert!(check(&batch(&[NOW]), &exact).is_ok());
}

#[test]
fn a_header_that_disagrees_with_itself_is_refused() {
    let good = batch(&[NOW, NOW]);
    let count = |n: i32| resealed(&good, |b| b[57..61].copy_from_slice(&n.to_be_bytes()));
    let last = |n: i32| resealed(&good, |b| b[23..27].copy_from_slice(&n.to_be_bytes()));
    assert_eq!(check(&count(0), &rules()), Err(Rejected::Count { record_count: 0 }));
    assert_eq!(check(&count(-1), &rules()), Err(Rejected::Count { record_count: -1 }));
    assert_eq!(
        check(&count(3), &rules()),
        Err(Rejected::CountMismatch { last_offset_delta: 1, record_count: 3 })
    );
    assert_eq!(check(&last(-1), &rules()), Err(Rejected::OffsetRange { last_offset_delta: -1 }));
    assert!(check(&last(i32::MAX), &rules()).is_err());
    let both = |n: i32| {
        resealed(&good, |b| {
            b[23..27].copy_from_slice(&(n - 1).to_be_bytes());
            b[57..61].copy_from_slice(&n.to_be_bytes());
        })
    };
    assert!(matches!(check(&both(1), &rules()), Err(Rejected::Structure(RecordError::Trailing(_)))));
    assert_eq!(check(&both(3), &rules()), Err(Rejected::Structure(RecordError::Truncated)));
    assert_eq!(check(&both(i32::MAX), &rules()), Err(Rejected::Structure(RecordError::Truncated)));
}

#[test]
fn control_batches_and_producers_without_sequence_are_refused() {
    let mut control = ControlBatch::marker(
        Offset::ZERO,
        broker_types::LeaderEpoch::ZERO,
        Timestamp::from_millis(NOW),
        (ProducerId::new(3), ProducerEpoch::new(0)),
    );
    control.append(ControlType::Commit, &[0, 0]).expect("room");
    assert_eq!(check(&control.build(), &rules()), Err(Rejected::Control));
    let mut anonymous =
        BatchBuilder::new(Offset::ZERO).marker_producer(ProducerId::new(3), ProducerEpoch::new(0));
    anonymous.append(&NewRecord::default()).expect("room");
    assert_eq!(
        check(&anonymous.build(), &rules()),
        Err(Rejected::Sequence { producer_id: 3, base_sequence: -1 })
    );
    let mut idempotent =
        BatchBuilder::new(Offset::ZERO).producer(ProducerId::new(3), ProducerEpoch::new(1), Sequence::new(9));
    idempotent.append(&NewRecord::default()).expect("room");
    let validated = check(&idempotent.build(), &rules()).expect("good");
    assert_eq!(
        validated.header.producer(),
        Some((ProducerId::new(3), ProducerEpoch::new(1), Sequence::new(9)))
    );
    assert_eq!(validated.max_timestamp, None);
}

#[test]
fn codecs_that_cannot_be_are_refused() {
    let unknown = resealed(&batch(&[NOW]), |b| b[ATTRIBUTES_AT + 1] = 6);
    assert_eq!(check(&unknown, &rules()), Err(Rejected::UnknownCodec(6)));
    let early = ValidationRules { zstd_allowed: false, ..rules() };
    let zstd = compressed(Codec::Zstd, &[NOW]);
    assert_eq!(check(&zstd, &early), Err(Rejected::ZstdNotAllowed));
    let wrong = resealed(&zstd, |b| b[ATTRIBUTES_AT + 1] = 1);
    assert_eq!(codes(check(&wrong, &rules())), RejectedCode::InvalidRecord);
    let tight = ValidationRules { decompressed_bytes_max: 10, ..rules() };
    assert_eq!(codes(check(&zstd, &tight)), RejectedCode::MessageTooLarge);
}

#[test]
fn timestamps_stay_within_the_topics_bounds() {
    let bounds = ValidationRules {
        before_max: Some(Duration::from_secs(10)),
        after_max: Some(Duration::from_secs(1)),
        ..rules()
    };
    assert!(check(&batch(&[NOW - 10_000, NOW + 1_000, -1]), &bounds).is_ok());
    let error = check(&batch(&[NOW, NOW - 10_001, NOW + 1_001]), &bounds).expect_err("out of bounds");
    assert_eq!(error.code(), RejectedCode::InvalidTimestamp);
    let range = |timestamp| RecordIssueKind::TimestampRange {
        timestamp,
        earliest: NOW - 10_000,
        latest: NOW + 1_000,
    };
    assert_eq!(
        error.issues(),
        [
            RecordIssue { batch_index: 1, kind: range(NOW - 10_001) },
            RecordIssue { batch_index: 2, kind: range(NOW + 1_001) },
        ]
    );
    let stamped = ValidationRules { timestamp_type: TimestampType::LogAppend, ..bounds };
    assert!(check(&batch(&[NOW - 10_001]), &stamped).is_ok());
}

#[test]
fn a_compacted_topic_names_each_record_without_a_key() {
    let compacted = ValidationRules { requires_keys: true, ..rules() };
    assert!(check(&batch(&[NOW]), &compacted).is_ok());
    let mut mixed = builder(&[NOW]);
    mixed
        .append(&NewRecord { timestamp: Some(Timestamp::from_millis(NOW)), ..NewRecord::default() })
        .expect("room");
    let error = check(&mixed.build(), &compacted).expect_err("no key");
    assert_eq!(error.code(), RejectedCode::InvalidRecord);
    assert_eq!(error.issues(), [RecordIssue { batch_index: 1, kind: RecordIssueKind::NoKey }]);
}

#[test]
fn a_refusal_of_very_many_records_stays_small() {
    let compacted = ValidationRules { requires_keys: true, ..rules() };
    let mut keyless = BatchBuilder::new(Offset::ZERO);
    for _ in 0..5_000 {
        keyless.append(&NewRecord::default()).expect("room");
    }
    match check(&keyless.build(), &compacted) {
        Err(Rejected::Records { total, issues, .. }) => {
            assert_eq!((total, issues.len()), (5_000, RECORD_ISSUES_MAX));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_leaders_time_is_stamped_and_never_taken_from_a_producer() {
    let stamps = ValidationRules { timestamp_type: TimestampType::LogAppend, ..rules() };
    let validated = check(&batch(&[NOW - 50, NOW - 60]), &stamps).expect("good");
    let bytes = validated.replaced.expect("stamped");
    let view = BatchView::parse(&bytes).expect("a batch");
    assert!(view.crc_is_valid());
    assert_eq!(view.header, validated.header);
    assert_eq!(view.header.max_timestamp, NOW);
    assert_eq!(view.header.base_timestamp, NOW - 50);
    assert_eq!(view.header.attributes.timestamp_type(), TimestampType::LogAppend);
    assert_eq!(validated.max_timestamp, Some(Timestamp::from_millis(NOW)));

    let error = check(&bytes, &stamps).expect_err("claims to be stamped");
    assert_eq!(error.code(), RejectedCode::InvalidTimestamp);
    assert_eq!(error.issues()[0].kind, RecordIssueKind::TimestampType);
}

#[test]
fn a_stamp_is_the_time_of_the_records_where_producers_set_it() {
    let mut stamped = batch(&[NOW - 50, NOW - 60]).to_vec();
    patch::set_max_timestamp_and_type(&mut stamped, NOW, TimestampType::LogAppend).expect("whole");
    let validated = check(&stamped, &rules()).expect("good");
    let bytes = validated.replaced.expect("it is the producers' time");
    let view = BatchView::parse(&bytes).expect("a batch");
    assert_eq!(view.header.attributes.timestamp_type(), TimestampType::Create);
    assert_eq!((view.header.max_timestamp, validated.offset_delta_of_max_timestamp), (NOW, 0));

    let bounded = ValidationRules { after_max: Some(core::time::Duration::from_secs(1)), ..rules() };
    patch::set_max_timestamp_and_type(&mut stamped, NOW + 2_000, TimestampType::LogAppend).expect("whole");
    let error = check(&stamped, &bounded).expect_err("too late");
    assert!(matches!(error.issues()[0].kind, RecordIssueKind::TimestampRange { .. }), "{error:?}");
}

#[test]
fn a_wrong_max_timestamp_is_put_right() {
    let lying = resealed(&batch(&[NOW, NOW - 9]), |b| b[35..43].copy_from_slice(&5i64.to_be_bytes()));
    let validated = check(&lying, &rules()).expect("put right");
    assert_eq!(validated.header.max_timestamp, NOW);
    assert_eq!(validated.replaced.as_deref(), Some(&*batch(&[NOW, NOW - 9])));
}

#[test]
fn batches_are_recompressed_only_for_another_codec() {
    for source in Codec::ALL {
        for target in Codec::ALL {
            let rules = ValidationRules { compression: TargetCompression::Codec(target, Some(3)), ..rules() };
            let validated = check(&compressed(source, &[NOW, NOW + 2]), &rules).expect("good");
            assert_eq!(validated.header.attributes.codec(), Some(target));
            match validated.replaced {
                None => assert_eq!(source, target),
                Some(bytes) => assert_eq!(bytes, compressed(target, &[NOW, NOW + 2])),
            }
        }
    }
    let tight = ValidationRules { compression: TargetCompression::Codec(Codec::Gzip, None), ..rules() };
    let plain = batch(&[NOW]);
    let tight = ValidationRules { batch_bytes_max: plain.len(), ..tight };
    assert_eq!(
        codes(check(&plain, &tight)),
        RejectedCode::MessageTooLarge,
        "one byte more after compression"
    );
    let failing = ValidationRules { compression: TargetCompression::Codec(Codec::Gzip, Some(99)), ..rules() };
    assert_eq!(codes(check(&plain, &failing)), RejectedCode::UnsupportedCompressionType);
}

#[test]
fn odd_offset_deltas_are_repaired() {
    let mut gaps = BatchBuilder::new(Offset::ZERO);
    let headers = [HeaderView::new(b"h", Some(b"1")), HeaderView::new(b"h", Some(b"2"))];
    let record = |value: &'static [u8]| NewRecord {
        timestamp: Some(Timestamp::from_millis(NOW)),
        key: Some(b"key"),
        value: Some(value),
        headers: &headers,
    };
    gaps.append_at(Offset::new(0), &record(b"a")).expect("room");
    gaps.append_at(Offset::new(700), &record(b"b")).expect("room");
    let odd = resealed(&gaps.build(), |b| b[23..27].copy_from_slice(&1i32.to_be_bytes()));
    let mut straight = BatchBuilder::new(Offset::ZERO);
    straight.append(&record(b"a")).expect("room");
    straight.append(&record(b"b")).expect("room");
    let straight = straight.build();
    let validated = check(&odd, &rules()).expect("repaired");
    assert_eq!(validated.replaced.as_deref(), Some(&*straight));
    assert_eq!(validated.header.record_count, 2);
}

#[test]
fn scratch_memory_can_be_given_back() {
    let mut scratch = Scratch::new();
    validate(&compressed(Codec::Lz4, &[NOW; 100]), &rules(), &Reverse, &mut scratch).expect("good");
    assert!(scratch.capacity_bytes() > 1_000);
    scratch.shrink_to(0);
    assert_eq!(scratch.capacity_bytes(), 0);
}

#[test]
fn cuts_and_flips_of_a_good_batch_never_pass() {
    for good in [batch(&[NOW, NOW + 1]), compressed(Codec::Gzip, &[NOW, NOW + 1])] {
        for end in 0..good.len() {
            assert_eq!(check(&good[..end], &rules()), Err(Rejected::NoBatch));
        }
        for bit in 0..good.len() * 8 {
            let mut flipped = good.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match check(&flipped, &rules()) {
                // The leader's own field, outside of the checksum.
                Ok(_) => assert!((12..16).contains(&(bit / 8)), "bit {bit}"),
                Err(error) if bit / 8 >= ATTRIBUTES_AT => {
                    assert!(matches!(error, Rejected::Crc { .. }), "bit {bit}: {error}");
                }
                Err(_) => {}
            }
        }
    }
}

#[test]
fn resealed_nonsense_in_the_payload_is_refused_or_well_formed() {
    let good = batch(&[NOW, NOW + 1]);
    for at in crate::HEADER_BYTES..good.len() {
        for value in [0u8, 1, 0x7f, 0x80, 0xff] {
            let changed = resealed(&good, |b| b[at] = value);
            if let Ok(validated) = check(&changed, &rules()) {
                let bytes = validated.replaced.unwrap_or_else(|| Bytes::from(changed));
                let view = BatchView::parse(&bytes).expect("a batch");
                assert!(view.records().all(|record| record.is_ok()));
            }
        }
    }
    let issue = RecordIssue { batch_index: 2, kind: RecordIssueKind::NoKey };
    assert_eq!(alloc::format!("{issue}"), "a compacted topic takes no record without a key");
}
