//! What a log remembers beside its records, learned anew from their headers: leader epochs and producers.

use std::io;

use broker_types::{LeaderEpoch, Offset};

use crate::{
    disk::Disk,
    epochs::Epochs,
    log::Log,
    names::{FileKind, file_path},
    producers::snapshot,
    segment::Home,
};

/// The memory in which headers are read.
const PRODUCER_SCAN_BYTES: usize = 64 << 10;
/// A snapshot larger than this is not one.
const SNAPSHOT_BYTES_MAX: u64 = 1 << 30;

impl<D: Disk> Log<D> {
    /// Learns the epochs of the segments before `before` from their headers: the checkpoint is lost.
    pub(super) fn learn_epochs(&mut self, before: usize) -> io::Result<()> {
        let mut buffer = vec![0; PRODUCER_SCAN_BYTES];
        for segment in self.segments.iter().take(before) {
            segment.collect_epochs(
                Home { disk: &self.disk, folder: &self.folder },
                &mut buffer,
                &mut self.epochs,
            )?;
        }
        Ok(())
    }

    /// Learns the epochs before the first one known: records were deleted, and a loss of power has brought them
    /// back, but not their epochs.
    pub(super) fn learn_early_epochs(&mut self) -> io::Result<()> {
        let first = self.epochs.entries().first().copied();
        if self.end == self.start || first.is_some_and(|first| first.start <= self.start) {
            return Ok(());
        }
        let home = Home { disk: &self.disk, folder: &self.folder };
        let from = self.segment_of(self.start);
        let header = self.segments[from].first_header(home)?;
        let Some(epoch) = header.and_then(|header| LeaderEpoch::from_wire(header.leader_epoch)) else {
            return Ok(());
        };
        if first.is_some_and(|first| first.epoch < epoch) {
            return Ok(());
        }
        let known_from = first.map_or(self.end, |first| first.start);
        let mut learned = Epochs::default();
        let mut buffer = vec![0; PRODUCER_SCAN_BYTES];
        for segment in self.segments[from..].iter().take_while(|segment| segment.base < known_from) {
            segment.collect_epochs(home, &mut buffer, &mut learned)?;
        }
        for entry in self.epochs.entries() {
            // The first one known may begin where the deletion ended, not where the epoch did.
            if learned.latest().is_none_or(|latest| latest < entry.epoch) {
                learned.assign(entry.epoch, entry.start);
            }
        }
        self.epochs = learned;
        Ok(())
    }

    /// Brings the producers to the state at `to`: the newest snapshot not beyond it, and the headers after that.
    pub(crate) fn rebuild_producers(&mut self, to: Offset) -> io::Result<()> {
        // Records below the start count while they are there: a transaction may have begun among them.
        let oldest = self.segments.first().map_or(self.start, |segment| segment.base);
        let mut from = oldest;
        self.producers.forget(from);
        while let Some(&at) = self.producers.snapshots().iter().rfind(|&&at| at <= to && at >= oldest) {
            let path = file_path(&self.folder, at, FileKind::Snapshot);
            let bytes = crate::disk::read_file(&self.disk, &path, SNAPSHOT_BYTES_MAX)?;
            match snapshot::decode(&bytes) {
                Ok(entries) => {
                    self.producers.load(at, entries);
                    from = at;
                    break;
                }
                Err(error) => {
                    tracing::warn!(log = %self.topic_partition, offset = %at, %error, "a producer snapshot is not usable; removed");
                    self.remove_snapshots(|offset| offset == at)?;
                }
            }
        }
        if from < to {
            let mut buffer = vec![0; PRODUCER_SCAN_BYTES];
            for index in self.segment_of(from)..self.segments.len() {
                let segment = &self.segments[index];
                if segment.base >= to {
                    break;
                }
                let home = Home { disk: &self.disk, folder: &self.folder };
                segment.replay_producers(home, from, to, &mut buffer, &mut self.producers)?;
            }
        }
        self.producers.set_end(to);
        Ok(())
    }
}
