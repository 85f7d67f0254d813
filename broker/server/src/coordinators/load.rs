//! From a partition's log to a shard's state.
//!
//! Invariant: the state is that of everything before its offset, all of which is committed. A record that cannot be read
//! is told and left out, as Kafka does; a log that cannot be read ends the attempt.

use std::{io, sync::Arc};

use broker_log::ReadError;
use broker_protocol::{Message as _, records::control::EndTxnMarker, wire::Reader};
use broker_records::{
    BatchError, BatchView, Codec, ControlKey, ControlType, Decompress as _, DecompressError, RecordError,
    Records, batches,
};
use broker_types::{LeaderEpoch, Offset};
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::hosted::{At, Entry, Hosted, Marker};
use crate::{
    broker::Broker,
    partition::{FetchError, Partition},
};

/// How large a batch may become.
const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Why a shard could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    /// The lead is lost, or the broker stops.
    #[error("the lead is over")]
    Over,
    #[error(transparent)]
    Plan(#[from] ReadError),
    #[error("the log cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("the log is damaged at offset {offset}: {reason}")]
    Damaged { offset: Offset, reason: String },
}

impl From<FetchError> for LoadError {
    fn from(_: FetchError) -> Self {
        Self::Over
    }
}

/// What a log holds.
pub(super) struct Loaded<S: Hosted> {
    pub(super) state: S::State,
    /// The offset behind the last record.
    pub(super) end: Offset,
    pub(super) records: u64,
}

/// Waits until everything in the log is committed, then reads it.
pub(super) async fn load<S: Hosted>(
    broker: &Arc<Broker>,
    partition: &Arc<Partition>,
    epoch: LeaderEpoch,
    stop: &CancellationToken,
) -> Result<Loaded<S>, LoadError> {
    let mut committed = partition.watch_committed().ok_or(LoadError::Over)?;
    let end = partition.log_end_in(epoch)?;
    committed.wait_for(|offset| *offset >= end).await.map_err(|_| LoadError::Over)?;
    let (own, partition, stop) = (Arc::clone(broker), Arc::clone(partition), stop.clone());
    broker.blocking(move || read(&own, &partition, end, &stop)).await
}

fn read<S: Hosted>(
    broker: &Broker,
    partition: &Partition,
    end: Offset,
    stop: &CancellationToken,
) -> Result<Loaded<S>, LoadError> {
    let mut loaded = Loaded { state: S::State::default(), end, records: 0 };
    let read_bytes = S::keeping(broker).load_bytes;
    let mut next = partition.with_log(None, |log| log.start_offset())?;
    while next < end {
        if stop.is_cancelled() {
            return Err(LoadError::Over);
        }
        let slice = partition.with_log(None, |log| log.read(next, read_bytes, end, true))??;
        let bytes = Bytes::from(slice.read_to_vec()?);
        let begun = next;
        for batch in batches(&bytes) {
            let batch = match batch {
                Ok(batch) => batch,
                // The last one may be cut.
                Err(BatchError::Truncated { .. }) => break,
                Err(error) => return Err(damaged(next, &error)),
            };
            replay::<S>(broker, partition, &bytes, &batch, &mut loaded)?;
            next = next.max(batch.header.next_offset());
        }
        if next == begun {
            // What is left of the range was compacted away.
            if slice.is_empty() {
                break;
            }
            return Err(damaged(next, &"no whole batch is there"));
        }
    }
    Ok(loaded)
}

fn replay<S: Hosted>(
    broker: &Broker,
    partition: &Partition,
    bytes: &Bytes,
    batch: &BatchView<'_>,
    loaded: &mut Loaded<S>,
) -> Result<(), LoadError> {
    let header = &batch.header;
    let first = header.first_offset();
    if !batch.crc_is_valid() {
        return Err(damaged(first, &"the checksum does not fit"));
    }
    let codec = header.attributes.codec().ok_or_else(|| damaged(first, &"the codec is not known"))?;
    let payload = payload(broker, bytes, batch, codec).map_err(|error| damaged(first, &error))?;
    let producer = header.producer_and_epoch().filter(|_| header.attributes.is_transactional());
    for record in Records::new(&payload, header.record_count) {
        let record = record.map_err(|error: RecordError| damaged(first, &error))?;
        let offset = first.plus(i64::from(record.offset_delta));
        let own = |part: Option<&[u8]>| part.map(|part| payload.slice_ref(part));
        let entry = if header.attributes.is_control() {
            match marker(producer, record.key, own(record.value)) {
                Some(marker) => Entry::Marker(marker),
                None => continue,
            }
        } else {
            Entry::Data { producer, key: own(record.key), value: own(record.value) }
        };
        loaded.records += 1;
        match S::decode(entry) {
            Ok(Some(record)) => S::replay(&mut loaded.state, offset, &record),
            Ok(None) => {}
            Err(error) => {
                let at = At { topic: S::TOPIC, partition: partition.id().partition, offset };
                tracing::warn!(%at, %error, "a record of a coordinator is skipped");
            }
        }
    }
    Ok(())
}

fn payload(
    broker: &Broker,
    bytes: &Bytes,
    batch: &BatchView<'_>,
    codec: Codec,
) -> Result<Bytes, DecompressError> {
    if codec == Codec::None {
        return Ok(bytes.slice_ref(batch.payload()));
    }
    let mut plain = Vec::new();
    broker.codecs().decompress(codec, batch.payload(), BATCH_BYTES_MAX, &mut plain)?;
    Ok(Bytes::from(plain))
}

/// The end of a transaction, if the control record is one.
fn marker(
    producer: Option<(broker_types::ProducerId, broker_types::ProducerEpoch)>,
    key: Option<&[u8]>,
    value: Option<Bytes>,
) -> Option<Marker> {
    let is_commit = match ControlKey::parse(key?)?.control_type()? {
        ControlType::Commit => true,
        ControlType::Abort => false,
        _ => return None,
    };
    let mut reader = Reader::new(value?);
    let version = reader.i16("version").ok()?;
    let end = EndTxnMarker::decode(&mut reader, version).ok()?;
    Some(Marker { producer: producer?, is_commit, coordinator_epoch: end.coordinator_epoch })
}

fn damaged(offset: Offset, reason: &dyn std::fmt::Display) -> LoadError {
    LoadError::Damaged { offset, reason: reason.to_string() }
}
