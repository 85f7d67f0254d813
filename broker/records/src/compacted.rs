//! A batch as compaction leaves it: some of its records, or none, in the place that it had.
//!
//! Base offset, last offset, leader epoch, producer and sequence stay, so that offsets and sequences go on without
//! a gap that means something; only the records, the timestamps that follow from them and the size change.

use alloc::vec::Vec;

use broker_types::Timestamp;

use crate::builder::write_header;
use crate::{BatchHeader, Codec, Compress, CompressError, HEADER_BYTES, RecordView, TimestampType, varint};

/// Why a batch could not be written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompactedError {
    /// The codec failed.
    #[error(transparent)]
    Compress(#[from] CompressError),
    /// The batch would pass 2 GiB, or hold more records than its count can say.
    #[error("the batch would be larger than its length field can say")]
    TooLarge,
}

/// Writes the batch of `header` into `out`, which is emptied first, with these of its records, compressed as it was.
/// `horizon` is the time from which on its tombstones or its marker may go (KIP-534); it takes the place of the
/// base timestamp.
///
/// # Errors
/// When the codec fails or the batch grows too large.
pub fn write_records<C: Compress + ?Sized>(
    header: &BatchHeader,
    records: &[RecordView<'_>],
    horizon: Option<Timestamp>,
    codecs: &C,
    out: &mut Vec<u8>,
) -> Result<(), CompactedError> {
    let stamped = match header.attributes.timestamp_type() {
        TimestampType::LogAppend => Some(header.max_timestamp),
        TimestampType::Create => None,
    };
    let time_of = |record: &RecordView<'_>| {
        stamped.unwrap_or_else(|| header.base_timestamp.saturating_add(record.timestamp_delta))
    };
    let first = records.first().map_or(-1, time_of);
    let base_timestamp = horizon.map_or(first, Timestamp::as_millis);
    let mut max_timestamp = stamped.unwrap_or(-1);
    let codec = header.attributes.codec().unwrap_or_default();
    out.clear();
    out.resize(HEADER_BYTES, 0);
    let mut plain = Vec::new();
    let body_of_batch = if codec == Codec::None { &mut *out } else { &mut plain };
    let mut body = Vec::new();
    for record in records {
        let time = time_of(record);
        max_timestamp = max_timestamp.max(time);
        body.clear();
        RecordView { timestamp_delta: time.wrapping_sub(base_timestamp), ..*record }.write_body(&mut body);
        varint::write_i32(i32::try_from(body.len()).map_err(|_| CompactedError::TooLarge)?, body_of_batch);
        body_of_batch.extend_from_slice(&body);
    }
    if codec != Codec::None {
        codecs.compress(codec, None, &plain, out)?;
    }
    i32::try_from(out.len()).map_err(|_| CompactedError::TooLarge)?;
    let attributes = match horizon {
        Some(_) => header.attributes.with_delete_horizon(),
        None => header.attributes,
    };
    let record_count = i32::try_from(records.len()).map_err(|_| CompactedError::TooLarge)?;
    write_header(BatchHeader { attributes, base_timestamp, max_timestamp, record_count, ..*header }, out);
    Ok(())
}

/// Writes the batch of `header` into `out`, which is emptied first, without records: it only keeps the place of its
/// offsets and its producer's sequence. Not compressed, without a delete horizon, as Kafka writes it.
pub fn write_empty(header: &BatchHeader, out: &mut Vec<u8>) {
    out.clear();
    out.resize(HEADER_BYTES, 0);
    let attributes = header.attributes.with_codec(Codec::None).without_delete_horizon();
    write_header(BatchHeader { attributes, base_timestamp: -1, record_count: 0, ..*header }, out);
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use broker_types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence};

    use super::*;
    use crate::{Attributes, BatchBuilder, BatchView, HeaderView, NewRecord};

    struct NoCodecs;

    impl Compress for NoCodecs {
        fn compress(
            &self,
            codec: Codec,
            _: Option<i32>,
            _: &[u8],
            _: &mut Vec<u8>,
        ) -> Result<(), CompressError> {
            Err(CompressError::Unsupported(codec))
        }
    }

    fn original(append_time: Option<i64>) -> Vec<u8> {
        let mut builder = BatchBuilder::new(Offset::new(70)).leader_epoch(LeaderEpoch::new(4)).producer(
            ProducerId::new(9),
            ProducerEpoch::new(2),
            Sequence::new(30),
        );
        if let Some(time) = append_time {
            builder = builder.log_append_time(Timestamp::from_millis(time));
        }
        for (at, key) in [(500, "a"), (700, "b"), (600, "c")] {
            let headers = [HeaderView::new(b"h", Some(key.as_bytes())), HeaderView::new(b"h", None)];
            let record = NewRecord {
                timestamp: Some(Timestamp::from_millis(at)),
                key: Some(key.as_bytes()),
                value: Some(b"value"),
                headers: &headers,
            };
            builder.append(&record).expect("there is room");
        }
        builder.build().to_vec()
    }

    fn times(view: &BatchView<'_>) -> Vec<(i32, i64)> {
        let base = view.header.base_timestamp;
        view.records()
            .map(|record| record.expect("reads"))
            .map(|record| (record.offset_delta, base + record.timestamp_delta))
            .collect()
    }

    #[test]
    fn what_stays_keeps_its_place_its_time_and_its_headers() {
        let bytes = original(None);
        let batch = BatchView::parse(&bytes).expect("parses");
        let all: Vec<_> = batch.records().map(|record| record.expect("reads")).collect();
        let mut out = vec![1, 2, 3];
        write_records(&batch.header, &all[..1], None, &NoCodecs, &mut out).expect("writes");
        let left = BatchView::parse(&out).expect("parses");
        assert!(left.crc_is_valid());
        assert_eq!(times(&left), [(0, 500)]);
        assert_eq!((left.header.max_timestamp, left.header.record_count), (500, 1));
        assert_eq!(left.header.last_offset(), Offset::new(72), "the last record's place stays");
        assert_eq!(left.header.last_sequence(), batch.header.last_sequence());
        assert_eq!((left.header.leader_epoch, left.header.producer_id), (4, 9));
        let record = left.records().next().expect("is there").expect("reads");
        assert_eq!(record.headers, all[0].headers);
        write_records(&batch.header, &all, None, &NoCodecs, &mut out).expect("writes");
        assert_eq!(out, bytes, "all of them: the same bytes");
    }

    #[test]
    fn a_horizon_takes_the_base_timestamps_place() {
        let bytes = original(None);
        let batch = BatchView::parse(&bytes).expect("parses");
        let all: Vec<_> = batch.records().map(|record| record.expect("reads")).collect();
        let mut out = Vec::new();
        let horizon = Some(Timestamp::from_millis(90_000));
        write_records(&batch.header, &all[1..], horizon, &NoCodecs, &mut out).expect("writes");
        let left = BatchView::parse(&out).expect("parses");
        assert!(left.header.attributes.has_delete_horizon());
        assert_eq!(left.header.base_timestamp, 90_000);
        assert_eq!(times(&left), [(1, 700), (2, 600)]);
        assert_eq!(left.header.max_timestamp, 700);
    }

    #[test]
    fn the_leaders_time_stays_that_of_the_batch() {
        let bytes = original(Some(8000));
        let batch = BatchView::parse(&bytes).expect("parses");
        let all: Vec<_> = batch.records().map(|record| record.expect("reads")).collect();
        let mut out = Vec::new();
        write_records(&batch.header, &all[..2], None, &NoCodecs, &mut out).expect("writes");
        let left = BatchView::parse(&out).expect("parses");
        assert_eq!((left.header.base_timestamp, left.header.max_timestamp), (8000, 8000));
    }

    #[test]
    fn an_empty_batch_keeps_offsets_sequence_and_newest_time_only() {
        let bytes = original(None);
        let batch = BatchView::parse(&bytes).expect("parses");
        let attributes = Attributes::NONE.with_codec(Codec::Zstd).with_transactional().with_delete_horizon();
        let header = BatchHeader { attributes, ..batch.header };
        let mut out = Vec::new();
        write_empty(&header, &mut out);
        let left = BatchView::parse(&out).expect("parses");
        assert_eq!(out.len(), HEADER_BYTES);
        assert!(left.crc_is_valid());
        assert_eq!(left.header.attributes, Attributes::NONE.with_transactional());
        assert_eq!((left.header.record_count, left.header.base_timestamp), (0, -1));
        assert_eq!(left.header.max_timestamp, 700);
        assert_eq!(left.header.last_sequence(), batch.header.last_sequence());
        assert_eq!(left.header.next_offset(), Offset::new(73));
    }

    #[test]
    fn a_codec_that_fails_is_told() {
        let bytes = original(None);
        let batch = BatchView::parse(&bytes).expect("parses");
        let header = BatchHeader { attributes: Attributes::NONE.with_codec(Codec::Lz4), ..batch.header };
        let failed = write_records(&header, &[], None, &NoCodecs, &mut Vec::new());
        assert_eq!(failed, Err(CompactedError::Compress(CompressError::Unsupported(Codec::Lz4))));
    }
}
