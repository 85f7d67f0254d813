//! What stays of one batch.

use std::{collections::BTreeMap, time::Duration};

use broker_records::{BatchHeader, BatchView, Codec, RecordView, Records, compacted};
use broker_types::{Offset, ProducerEpoch, ProducerId, Timestamp};

use super::{
    cleaned::Totals,
    error::DamageReason,
    offset_map::OffsetMap,
    tools::Tools,
    transactions::{MarkerFate, Transactions},
};
use crate::index::AbortedTxn;

/// The last batch of a producer that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastBatch {
    /// Its records end here.
    Records(Offset),
    /// Its epoch has only a marker.
    Marker(ProducerEpoch),
}

/// The last batches of all producers that are remembered.
pub(super) type LastBatches = BTreeMap<ProducerId, LastBatch>;

/// By what a round judges batches.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    pub(super) map: &'a OffsetMap,
    /// Beyond it the map says nothing.
    pub(super) map_end: Offset,
    pub(super) last_batches: &'a LastBatches,
    /// The batch that ends here stays, empty or not.
    pub(super) round_end: Offset,
    pub(super) now: Timestamp,
    pub(super) delete_retention: Duration,
}

/// Memory that is used again from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    payload: Vec<u8>,
    /// The batch as it stays, when that is not as it was.
    pub(super) rewritten: Vec<u8>,
}

/// What happens to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Gone,
    Same,
    /// As in the scratch memory.
    Rewritten,
}

/// A batch's fate, and the aborted transaction whose marker it is.
pub(super) type Judged = (Fate, Option<AbortedTxn>);

/// What is left of a batch when its records are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// None is: they are those of an aborted transaction, or a marker that may go.
    Nothing,
    /// The marker is.
    Marker { spent: bool },
    /// Whatever the map lets stay.
    Each,
}

impl Rules<'_> {
    /// Judges the next batch of the log.
    pub(super) fn judge(
        &self,
        batch: &BatchView<'_>,
        transactions: &mut Transactions,
        scratch: &mut Scratch,
        totals: &mut Totals,
        tools: &Tools<'_>,
    ) -> Result<Judged, DamageReason> {
        let header = &batch.header;
        let (look, aborted) = self.look(batch, transactions);
        let keeps_place = self.keeps_place(header);
        totals.records_read += u64::from(header.record_count.max(0).unsigned_abs());
        if look == Look::Nothing {
            return Ok((emptied(header, keeps_place, scratch), aborted));
        }
        scratch.payload.clear();
        let payload = plain(batch, &mut scratch.payload, tools)?;
        let mut kept = Vec::new();
        let mut has_tombstones = false;
        let mut all = true;
        for record in Records::new(payload, header.record_count) {
            let record = record?;
            if self.stays(header, &record, look, totals) {
                has_tombstones |= record.value.is_none();
                kept.push(record);
            } else {
                all = false;
            }
        }
        totals.records_kept += kept.len() as u64;
        if kept.is_empty() {
            return Ok((emptied(header, keeps_place, scratch), aborted));
        }
        let begins_horizon = !header.attributes.has_delete_horizon()
            && (has_tombstones || look == Look::Marker { spent: true });
        if all && !begins_horizon {
            return Ok((Fate::Same, aborted));
        }
        let horizon =
            if begins_horizon { Some(self.now.plus(self.delete_retention)) } else { horizon_of(header) };
        compacted::write_records(header, &kept, horizon, tools.codecs, &mut scratch.rewritten)?;
        Ok((Fate::Rewritten, aborted))
    }

    /// What the transactions say.
    fn look(&self, batch: &BatchView<'_>, transactions: &mut Transactions) -> (Look, Option<AbortedTxn>) {
        if !batch.header.attributes.is_control() {
            let is_aborted = transactions.pass_records(&batch.header);
            return (if is_aborted { Look::Nothing } else { Look::Each }, None);
        }
        match transactions.pass_control(batch) {
            MarkerFate::Needed(aborted) => (Look::Marker { spent: false }, aborted),
            MarkerFate::Spent if horizon_of(&batch.header).is_some_and(|horizon| horizon <= self.now) => {
                (Look::Nothing, None)
            }
            MarkerFate::Spent => (Look::Marker { spent: true }, None),
        }
    }

    /// Whether the batch stays even when it is empty: for its producer's sequence or epoch, or for the offset that the
    /// round ends with.
    fn keeps_place(&self, header: &BatchHeader) -> bool {
        if header.next_offset() == self.round_end {
            return true;
        }
        let Some((producer, epoch)) = header.producer_and_epoch() else { return false };
        match self.last_batches.get(&producer) {
            Some(LastBatch::Records(last)) => header.last_offset() == *last,
            Some(LastBatch::Marker(last)) => header.attributes.is_control() && epoch == *last,
            None => false,
        }
    }

    fn stays(&self, header: &BatchHeader, record: &RecordView<'_>, look: Look, totals: &mut Totals) -> bool {
        if look != Look::Each {
            return true;
        }
        let offset = header.first_offset().plus(i64::from(record.offset_delta.max(0)));
        if offset >= self.map_end {
            return true;
        }
        let Some(key) = record.key else {
            totals.records_without_key += 1;
            return false;
        };
        let is_last = self.map.get(key).is_none_or(|last| offset >= last);
        let may_go = record.value.is_none() && horizon_of(header).is_some_and(|horizon| horizon <= self.now);
        is_last && !may_go
    }
}

/// The fate of a batch of which no record stays.
fn emptied(header: &BatchHeader, keeps_place: bool, scratch: &mut Scratch) -> Fate {
    if !keeps_place {
        return Fate::Gone;
    }
    compacted::write_empty(header, &mut scratch.rewritten);
    Fate::Rewritten
}

/// When the batch's tombstones or its marker may go.
fn horizon_of(header: &BatchHeader) -> Option<Timestamp> {
    header.attributes.has_delete_horizon().then(|| Timestamp::from_millis(header.base_timestamp))
}

/// The records of a batch, decompressed.
pub(super) fn plain<'a>(
    batch: &BatchView<'a>,
    payload: &'a mut Vec<u8>,
    tools: &Tools<'_>,
) -> Result<&'a [u8], DamageReason> {
    let attributes = batch.header.attributes;
    // A batch that was emptied says that it is not compressed.
    match attributes.codec().ok_or(DamageReason::Codec(attributes.codec_id()))? {
        Codec::None => Ok(batch.payload()),
        codec => {
            payload.clear();
            tools.codecs.decompress(codec, batch.payload(), tools.limits.decompressed_bytes_max, payload)?;
            Ok(payload)
        }
    }
}

#[cfg(test)]
mod tests;
