//! Which producer ids are handed out.

use broker_protocol::records::metadata::ProducerIdsRecord;
use broker_types::ProducerId;

use crate::{Change, ReplayError};

/// The first producer id that no broker has got yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerIds {
    next: Option<ProducerId>,
}

impl ProducerIds {
    /// The start of the next block; `None` before the first block, which starts at 0.
    #[must_use]
    pub fn next(&self) -> Option<ProducerId> {
        self.next
    }

    pub(crate) fn replay(&mut self, record: &ProducerIdsRecord) -> Result<Change, ReplayError> {
        let given = record.next_producer_id;
        let next = ProducerId::from_wire(given).ok_or(ReplayError::Negative {
            record: "ProducerIdsRecord",
            field: "NextProducerId",
            value: given,
        })?;
        if let Some(current) = self.next.filter(|current| next <= *current) {
            return Err(ReplayError::ProducerIdBack { next: current.get(), given });
        }
        self.next = Some(next);
        Ok(Change::ProducerIds)
    }

    pub(crate) fn to_record(&self) -> Option<ProducerIdsRecord> {
        let next = self.next?;
        Some(ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id: next.get() })
    }
}
