//! What this member writes itself: records that its controller decided, and snapshots of what is committed.

use broker_coordinator as coordinator;
use broker_metadata::MetadataVersion;
use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{self as raft, SnapshotId};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::{LeaderEpoch, Now, Offset};
use bytes::Bytes;

use super::{Events, Member};
use crate::quorum::QuorumDiskError;

impl<E: Events> Member<E> {
    /// Writes records as one batch, which is what makes them all or none.
    pub(super) fn append(
        &mut self,
        epoch: LeaderEpoch,
        records: &[MetadataRecord],
    ) -> Result<(), QuorumDiskError> {
        let now = self.clock.now();
        let first = self.disk.end();
        let mut batch = BatchBuilder::new(first).leader_epoch(epoch);
        for (record, offset) in records.iter().zip(0..) {
            if is_change(record) {
                self.last_change = Some(first.plus(offset));
            }
            let value = self.encode(record)?;
            let record = NewRecord { timestamp: Some(now.wall), value: Some(&value), ..NewRecord::default() };
            batch.append(&record).map_err(broker_raft::SnapshotTooLarge::from)?;
        }
        let batch = batch.build();
        self.disk.append(&batch, now.wall)?;
        self.settings.snapshots.committed(batch.len() as u64);
        let end = self.disk.end();
        let last = Offset::new(end.get() - 1);
        self.driver_step(coordinator::Event::Appended { first, last })?;
        self.raft_step(raft::Event::Appended { end })
    }

    fn encode(&mut self, record: &MetadataRecord) -> Result<Bytes, QuorumDiskError> {
        if let MetadataRecord::FeatureLevel(feature) = record
            && feature.name.as_str() == MetadataVersion::FEATURE
        {
            self.version = MetadataVersion::from_level(feature.feature_level).unwrap_or(self.version);
        }
        Ok(record.encode(self.version.record_version(record))?.into_bytes())
    }

    pub(super) fn snapshot_if_due(&mut self) -> Result<(), QuorumDiskError> {
        let Now { wall: now, .. } = self.clock.now();
        if !self.settings.snapshots.is_due(now) {
            return Ok(());
        }
        let image = self.published.clone();
        let Some(last) = image.last_offset() else { return Ok(()) };
        let version = image.metadata_version();
        let values = image.to_records(version).map(|record| {
            let value = record.encode(version.record_version(&record))?;
            Ok::<_, QuorumDiskError>(value.into_bytes())
        });
        let end = last.next();
        let id = SnapshotId { end, epoch: self.raft.epoch_before(end) };
        self.disk.write_snapshot(id, self.raft.voters_before(end), values, now)?;
        self.raft_step(raft::Event::SnapshotTaken { id, log_start: self.disk.start() })?;
        self.settings.snapshots.written(now);
        tracing::info!(%id, "metadata snapshot written");
        Ok(())
    }
}

/// Whether publishing is worth it: a no-op changes nothing but the offset.
pub(super) const fn is_change(record: &MetadataRecord) -> bool {
    !matches!(record, MetadataRecord::NoOp(_))
}
