//! Records of internal topics as their logs have them.

use broker_group::EndTransaction;
use broker_records::{
    Attributes, BatchBuilder, BatchView, ControlBatch, ControlKey, ControlType, NewRecord, batches,
};
use broker_types::{LeaderEpoch, Offset, Producer, Timestamp, TransactionResult};
use bytes::Bytes;

/// One record.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Data { producer: Option<Producer>, key: Option<Bytes>, value: Option<Bytes> },
    End(EndTransaction),
}

/// A transaction marker.
pub(super) fn marker(end: EndTransaction, now: Timestamp) -> Bytes {
    let who = (end.producer.id, end.producer.epoch);
    let mut batch = ControlBatch::marker(Offset::ZERO, LeaderEpoch::new(0), now, who);
    let kind = match end.result {
        TransactionResult::Commit => ControlType::Commit,
        TransactionResult::Abort => ControlType::Abort,
    };
    let [a, b, c, d] = end.coordinator_epoch.to_be_bytes();
    let appended = batch.append(kind, &[0, 0, a, b, c, d]);
    debug_assert!(appended.is_ok());
    batch.build()
}

/// The batch of one append.
pub(super) fn batch(entries: &[Entry], now: Timestamp) -> Result<Bytes, String> {
    if let [Entry::End(end)] = entries {
        return Ok(marker(*end, now));
    }
    let mut builder = BatchBuilder::new(Offset::ZERO);
    let mut whose = None;
    for (index, entry) in entries.iter().enumerate() {
        let Entry::Data { producer, key, value } = entry else {
            return Err("a marker is not alone".to_owned());
        };
        if index == 0 {
            whose = *producer;
            if let Some(producer) = producer {
                builder = builder
                    .attributes(Attributes::NONE.with_transactional())
                    .marker_producer(producer.id, producer.epoch);
            }
        }
        if *producer != whose {
            return Err("one append is of several producers".to_owned());
        }
        let record =
            NewRecord { timestamp: Some(now), key: key.as_deref(), value: value.as_deref(), headers: &[] };
        builder.append(&record).map_err(|error| error.to_string())?;
    }
    Ok(builder.build())
}

/// The marker in a control batch.
pub(super) fn end_of(batch: &BatchView<'_>) -> Option<EndTransaction> {
    let (id, epoch) = batch.header.producer_and_epoch().filter(|_| batch.header.attributes.is_control())?;
    let record = batch.records().next()?.ok()?;
    let result = match ControlKey::parse(record.key?)?.control_type()? {
        ControlType::Commit => TransactionResult::Commit,
        ControlType::Abort => TransactionResult::Abort,
        _ => return None,
    };
    let [_, _, a, b, c, d] = *record.value?.first_chunk::<6>()?;
    let coordinator_epoch = i32::from_be_bytes([a, b, c, d]);
    Some(EndTransaction { producer: Producer { id, epoch }, coordinator_epoch, result })
}

/// All records of these batches with their offsets.
pub(super) fn entries(bytes: &Bytes) -> Result<Vec<(Offset, Entry)>, String> {
    let mut all = Vec::new();
    for batch in batches(bytes) {
        let batch = batch.map_err(|error| error.to_string())?;
        if let Some(end) = end_of(&batch) {
            all.push((batch.header.first_offset(), Entry::End(end)));
            continue;
        }
        let transactional = batch.header.attributes.is_transactional();
        let producer = batch.header.producer_and_epoch().filter(|_| transactional);
        let producer = producer.map(|(id, epoch)| Producer { id, epoch });
        for record in batch.records() {
            let record = record.map_err(|error| error.to_string())?;
            let offset = batch.header.first_offset().plus(i64::from(record.offset_delta));
            let own = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
            all.push((
                offset,
                Entry::Data { producer, key: record.key.map(own), value: record.value.map(own) },
            ));
        }
    }
    Ok(all)
}
