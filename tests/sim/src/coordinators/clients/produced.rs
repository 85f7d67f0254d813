//! Batches as producers make them.

use broker_records::{Attributes, BatchBuilder, NewRecord};
use broker_types::{Offset, Producer, Sequence, Timestamp};
use bytes::Bytes;

use super::value::Value;

/// A batch of these values, of a transaction or of none.
pub(super) fn batch(
    values: &[Value],
    producer: Producer,
    first: Sequence,
    tag: Option<u64>,
    now: u64,
) -> Bytes {
    let attributes = if tag.is_some() { Attributes::NONE.with_transactional() } else { Attributes::NONE };
    let builder = BatchBuilder::new(Offset::ZERO).attributes(attributes);
    let mut builder = builder.producer(producer.id, producer.epoch, first);
    for value in values {
        let record = NewRecord {
            timestamp: Some(Timestamp::from_millis(1_767_225_600_000 + (now / 1_000) as i64)),
            key: None,
            value: Some(&value.bytes()),
            headers: &[],
        };
        let appended = builder.append(&record);
        debug_assert!(appended.is_ok());
    }
    builder.build()
}
