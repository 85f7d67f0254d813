//! What batches of the metadata log hold: records of the metadata, voter sets, the epochs that they were written in.

use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{VoterHistory, Voters};
use broker_records::{BatchView, Codec, ControlKey, batches};
use broker_types::{LeaderEpoch, Offset};
use bytes::Bytes;

/// Why bytes of the metadata log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metadata log does not read at offset {offset}: {reason}")]
pub(crate) struct Unreadable {
    pub(crate) offset: Offset,
    pub(crate) reason: String,
}

/// What came from a leader, as far as batches are whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    /// The whole batches.
    pub(crate) bytes: Bytes,
    /// The offset after the last record; `from` when there are none.
    pub(crate) end: Offset,
    /// The first offset of each epoch.
    pub(crate) epochs: Vec<(LeaderEpoch, Offset)>,
    /// Voter sets, with the offsets after their records.
    pub(crate) voters: Vec<(Offset, Voters)>,
}

impl Contents {
    /// Looks through what was fetched from `from` on. A batch that is cut off at the end is left out.
    pub(crate) fn of(bytes: &Bytes, from: Offset) -> Result<Self, Unreadable> {
        let mut contents = Self { bytes: Bytes::new(), end: from, epochs: Vec::new(), voters: Vec::new() };
        let mut found = batches(bytes);
        let mut whole = 0;
        // What a leader may send ends anywhere.
        while let Some(Ok(batch)) = found.next() {
            let at = |reason: String| Unreadable { offset: batch.header.first_offset(), reason };
            if !batch.crc_is_valid() {
                return Err(at("its checksum does not fit".to_owned()));
            }
            if batch.header.first_offset() < contents.end {
                return Err(at(format!("it lies before {}", contents.end)));
            }
            if batch.header.attributes.is_control() {
                contents.control(bytes, &batch)?;
            }
            let epoch = batch.header.epoch();
            if contents.epochs.last().is_none_or(|(last, _)| *last < epoch) {
                contents.epochs.push((epoch, batch.header.first_offset()));
            }
            contents.end = batch.header.next_offset();
            whole = found.consumed();
        }
        contents.bytes = bytes.slice(..whole);
        Ok(contents)
    }

    fn control(&mut self, bytes: &Bytes, batch: &BatchView<'_>) -> Result<(), Unreadable> {
        let first = batch.header.first_offset();
        let at = |reason: String| Unreadable { offset: first, reason };
        for record in batch.records() {
            let record = record.map_err(|error| at(error.to_string()))?;
            let kind = ControlKey::parse(record.key.unwrap_or_default()).and_then(ControlKey::control_type);
            let offset = first.plus(i64::from(record.offset_delta));
            let mut history = VoterHistory::default();
            let value = bytes.slice_ref(record.value.unwrap_or_default());
            history.control(offset, kind, &value).map_err(|error| at(error.to_string()))?;
            if history.is_logged() {
                self.voters.push((offset.next(), history.latest().clone()));
            }
        }
        Ok(())
    }
}

/// The metadata records of a batch, with the offset of the first; none of a control batch.
pub(crate) fn metadata(
    bytes: &Bytes,
    batch: &BatchView<'_>,
) -> Result<Vec<(Offset, MetadataRecord)>, Unreadable> {
    let first = batch.header.first_offset();
    let at = |offset, reason: String| Unreadable { offset, reason };
    if batch.header.attributes.is_control() {
        return Ok(Vec::new());
    }
    if batch.header.attributes.codec() != Some(Codec::None) {
        return Err(at(first, "it is compressed, which metadata never is".to_owned()));
    }
    let mut records = Vec::new();
    for record in batch.records() {
        let record = record.map_err(|error| at(first, error.to_string()))?;
        let offset = first.plus(i64::from(record.offset_delta));
        let value = bytes.slice_ref(record.value.unwrap_or_default());
        let decoded = MetadataRecord::decode(value).map_err(|error| at(offset, error.to_string()))?;
        records.push((offset, decoded));
    }
    Ok(records)
}

#[cfg(test)]
mod tests;
