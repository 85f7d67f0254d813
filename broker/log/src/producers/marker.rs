//! The record of a transaction marker: key `version i16 | type i16`, value `version i16 | coordinator epoch i32`.

use broker_records::{BatchView, ControlKey, ControlType};

/// What a transaction marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) is_abort: bool,
    pub(crate) coordinator_epoch: i32,
    /// Milliseconds.
    pub(crate) timestamp: i64,
}

impl Marker {
    /// The marker in a batch; `None` when the batch is not one, or was emptied by compaction.
    pub(crate) fn of(batch: &BatchView<'_>) -> Option<Self> {
        if !batch.header.attributes.is_control() || batch.header.producer_id < 0 {
            return None;
        }
        let record = batch.records().next()?.ok()?;
        let is_abort = match ControlKey::parse(record.key?)?.control_type()? {
            ControlType::Abort => true,
            ControlType::Commit => false,
            _ => return None,
        };
        let [_, _, a, b, c, d] = *record.value?.first_chunk::<6>()?;
        Some(Self {
            is_abort,
            coordinator_epoch: i32::from_be_bytes([a, b, c, d]),
            timestamp: batch.header.base_timestamp.saturating_add(record.timestamp_delta),
        })
    }
}
