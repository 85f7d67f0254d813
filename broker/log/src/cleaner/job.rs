//! The second half of a round: segments written anew, group by group.

use std::ops::Range;

use super::{
    batch::{Fate, Rules},
    begin::{Cleaning, Mapped},
    cleaned::Cleaned,
    error::{CleanError, Damage},
    output::{Output, discard},
    source::Source,
    tools::Tools,
};
use crate::{
    disk::Disk,
    index::{AbortedTxn, TxnIndex},
    storage_error::StorageError,
};

impl<D: Disk> Cleaning<D> {
    /// Writes the next new segment and syncs it; `None` when all are written. Give it to
    /// [`Log::swap_in`](crate::Log::swap_in) before the next.
    ///
    /// # Errors
    /// See [`CleanError`]; nothing of the segment is left then, unless the disk failed.
    pub fn next_segment(&mut self, tools: &mut Tools<'_>) -> Result<Option<Cleaned>, CleanError> {
        self.check_wanted()?;
        let Some(mut mapped) = self.mapped.take() else { return Ok(None) };
        let group = mapped.groups.pop_front();
        let written = group.map(|group| self.write_group(group, &mapped, tools)).transpose();
        self.mapped = Some(mapped);
        written
    }

    fn write_group(
        &mut self,
        group: Range<usize>,
        mapped: &Mapped,
        tools: &mut Tools<'_>,
    ) -> Result<Cleaned, CleanError> {
        let base = self.segments[group.start].base;
        let written = self.try_write_group(group, mapped, tools);
        written.map_err(|error| {
            let error = self.judged(error);
            if !matches!(error, CleanError::Storage(_)) {
                discard(&self.disk, &self.folder, base);
            }
            error
        })
    }

    fn try_write_group(
        &mut self,
        group: Range<usize>,
        mapped: &Mapped,
        tools: &mut Tools<'_>,
    ) -> Result<Cleaned, CleanError> {
        let (disk, folder) = (self.disk.clone(), self.folder.clone());
        let base = self.segments[group.start].base;
        let limits = tools.limits;
        let mut output =
            Output::create(&disk, &folder, base, self.config.index_interval_bytes, limits.io_bytes)?;
        for index in group.clone() {
            self.check_wanted()?;
            let txns = self.aborted_in(index)?;
            self.transactions.expect(txns);
            self.clean_segment(index, mapped, &mut output, tools)?;
        }
        let written = output.finish(tools)?;
        self.totals.bytes_written += written.size;
        Ok(Cleaned {
            base,
            replaces: self.segments[group].iter().map(|old| old.base).collect(),
            has_txn_index: written.has_txn_index,
            size: written.size,
            created: self.now,
        })
    }

    fn clean_segment(
        &mut self,
        index: usize,
        mapped: &Mapped,
        output: &mut Output<'_, D>,
        tools: &mut Tools<'_>,
    ) -> Result<(), CleanError> {
        let old = self.segments[index];
        let rules = Rules {
            map: &mapped.map,
            map_end: mapped.end,
            last_batches: &self.last_batches,
            round_end: self.range.end,
            now: self.now,
            delete_retention: self.config.delete_retention,
        };
        let mut source =
            Source::open(&self.disk, &self.folder, old, &mut self.buffer, tools.limits.io_bytes)?;
        while let Some((position, batch)) = source.next(tools)? {
            let broken = |reason| Damage { segment: old.base, position, reason };
            self.totals.bytes_read += batch.bytes.len() as u64;
            let (fate, aborted) = rules
                .judge(&batch, &mut self.transactions, &mut self.scratch, &mut self.totals, tools)
                .map_err(broken)?;
            let kept = match fate {
                Fate::Gone => continue,
                Fate::Same => batch.bytes,
                Fate::Rewritten => &self.scratch.rewritten,
            };
            let Ok(header) = broker_records::BatchHeader::parse(kept) else { continue };
            output.push(&header, kept, tools)?.map_err(broken)?;
            if let Some(aborted) = aborted {
                output.push_aborted(aborted);
            }
        }
        Ok(())
    }

    /// The aborted transactions that may have records in a segment of the plan: those whose markers lie in it or behind.
    pub(super) fn aborted_in(&self, index: usize) -> Result<Vec<AbortedTxn>, CleanError> {
        let end = self.segments[index].end;
        let mut found = Vec::new();
        for old in &self.segments[index..] {
            let entries = TxnIndex::existing(old.base, true).all(&self.disk, &self.folder);
            for txn in entries.map_err(StorageError::at("read an index in", &self.folder))? {
                if txn.first_offset < end {
                    found.push(txn);
                }
                if txn.last_stable_offset >= end {
                    return Ok(found);
                }
            }
        }
        found.extend(self.aborted_behind.iter().filter(|txn| txn.first_offset < end));
        Ok(found)
    }
}
