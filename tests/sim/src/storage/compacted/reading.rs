//! Everything that a log holds, batch by batch, each verified.

use broker_log::{Log, SimDisk};
use broker_records::{BatchHeader, BatchView, ControlKey, ControlType, batches};
use broker_types::Offset;

use crate::storage::Violation;

/// One record: its offset, key and value.
pub(super) type Record = (Offset, Option<Vec<u8>>, Option<Vec<u8>>);

/// A batch and its records, decoded.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) header: BatchHeader,
    pub(super) marker: Option<ControlType>,
    pub(super) records: Vec<Record>,
}

impl Batch {
    /// Of a batch whose first offset is `first`.
    pub(super) fn of(batch: &BatchView<'_>, first: Offset) -> Result<Self, Violation> {
        let mut header = batch.header;
        header.base_offset = first.get();
        let mut records = Vec::new();
        let mut marker = None;
        for record in batch.records() {
            let record = record.map_err(|error| Violation(format!("at {first}: {error}")))?;
            if header.attributes.is_control() {
                marker = record.key.and_then(ControlKey::parse).and_then(ControlKey::control_type);
            } else {
                let offset = first.plus(i64::from(record.offset_delta));
                records.push((offset, record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec)));
            }
        }
        Ok(Self { header, marker, records })
    }

    pub(super) fn first(&self) -> Offset {
        self.header.first_offset()
    }

    pub(super) fn next(&self) -> Offset {
        self.header.next_offset()
    }
}

/// All batches from the start of the log to its end.
pub(super) fn read(log: &Log<SimDisk>) -> Result<Vec<Batch>, Violation> {
    let mut found: Vec<Batch> = Vec::new();
    let mut next = log.start_offset();
    while next < log.end_offset() {
        let slice = log.read(next, 4096, log.end_offset(), true);
        let bytes = slice.map_err(|error| Violation(error.to_string()))?.read_to_vec();
        let bytes = bytes.map_err(|error| Violation(error.to_string()))?;
        let before = next;
        for batch in batches(&bytes).map_while(Result::ok) {
            let first = batch.header.first_offset();
            if !batch.crc_is_valid() {
                return Err(Violation(format!("the batch at {first} fails its checksum")));
            }
            if found.last().is_some_and(|last| last.next() > first) {
                return Err(Violation(format!("the batch at {first} comes again or too late")));
            }
            next = batch.header.next_offset();
            found.push(Batch::of(&batch, first)?);
        }
        if next == before {
            // Behind the last batch that is there.
            break;
        }
    }
    Ok(found)
}
