//! Snapshots: `<end offset>-<epoch>.checkpoint`, a log of its own between a header and a footer record (KIP-630).
//!
//! Kafka's `format --standalone` writes one at 0-0 that holds only the quorum's version and its voters.

use alloc::{string::String, vec::Vec};
use core::{fmt, str::FromStr};

use broker_protocol::{
    Message,
    records::control::{KRaftVersionRecord, SnapshotFooterRecord, SnapshotHeaderRecord, VotersRecord},
    wire::{DecodeError, EncodeError, Reader, Writer},
};
use broker_records::{
    BatchBuilder, BatchError, BuildError, ControlBatch, ControlKey, ControlType, NewRecord, batches,
};
use broker_types::{LeaderEpoch, Offset, Timestamp};
use bytes::Bytes;

use crate::voters::Voters;

/// A batch of a snapshot is closed when it passes this size.
const BATCH_BYTES: usize = 1024 * 1024;
/// The version of every control record here.
pub(crate) const VERSION: i16 = 0;
/// Quorums whose voters are in the log (KIP-853).
pub(crate) const DYNAMIC: i16 = 1;

/// Which part of the log a snapshot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotId {
    /// Everything before it is in the snapshot.
    pub end: Offset,
    /// The epoch of the last record before it.
    pub epoch: LeaderEpoch,
}

/// A snapshot's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The voters; none in a snapshot of a static quorum.
    pub voters: Voters,
    /// The values of its data records, in order.
    pub values: Vec<Bytes>,
}

/// Why bytes are not a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSnapshot {
    /// A batch does not read.
    #[error("a batch of the snapshot is malformed: {0}")]
    Batch(#[from] BatchError),
    /// A batch's checksum does not fit.
    #[error("the snapshot is damaged at offset {0}")]
    Checksum(Offset),
    /// A record does not read.
    #[error("a record of the snapshot is malformed")]
    Record,
    /// A control record's value does not read.
    #[error("a control record of the snapshot is malformed: {0}")]
    Control(#[from] DecodeError),
    /// There is no footer: it was not written to its end.
    #[error("the snapshot has no end")]
    Unfinished,
}

/// A record is too large for a batch, or cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotTooLarge {
    /// It does not fit a batch.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// It does not fit its format.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{:010}.checkpoint", self.end.get(), self.epoch.get())
    }
}

impl FromStr for SnapshotId {
    type Err = NotASnapshotName;

    fn from_str(name: &str) -> Result<Self, NotASnapshotName> {
        let refused = || NotASnapshotName(String::from(name));
        let stem = name.strip_suffix(".checkpoint").ok_or_else(refused)?;
        let (end, epoch) = stem.split_once('-').ok_or_else(refused)?;
        if end.len() != 20 || epoch.len() != 10 {
            return Err(refused());
        }
        let end = end.parse().ok().and_then(Offset::from_wire).ok_or_else(refused)?;
        let epoch = epoch.parse().ok().and_then(LeaderEpoch::from_wire).ok_or_else(refused)?;
        Ok(Self { end, epoch })
    }
}

/// A file's name is not a snapshot's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a snapshot")]
pub struct NotASnapshotName(String);

pub(crate) fn encoded<M: Message>(message: &M) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new();
    message.encode(&mut writer, VERSION)?;
    Ok(writer.finish().into_bytes())
}

fn decoded<M: Message>(value: &[u8]) -> Result<M, DecodeError> {
    M::decode(&mut Reader::new(Bytes::copy_from_slice(value)), VERSION)
}

/// The whole file of a snapshot: `values` are encoded data records, `last_time` is when the last of them was
/// appended, `now` stamps the batches.
///
/// # Errors
/// When a record is larger than a batch can be.
pub fn write_snapshot<E>(
    id: SnapshotId,
    voters: &Voters,
    values: impl Iterator<Item = Result<Bytes, E>>,
    last_time: Timestamp,
    now: Timestamp,
) -> Result<Vec<u8>, E>
where
    E: From<SnapshotTooLarge>,
{
    let mut file = Vec::new();
    let mut next = Offset::ZERO;
    let control = |next: Offset, records: &[(ControlType, Result<Bytes, EncodeError>)]| {
        let mut batch = ControlBatch::quorum(next, id.epoch, now);
        let mut end = next;
        for (kind, value) in records {
            let value = value.as_ref().map_err(|error| SnapshotTooLarge::from(*error))?;
            end = batch.append(*kind, value).map_err(SnapshotTooLarge::from)?.next();
        }
        Ok::<_, SnapshotTooLarge>((batch.build(), end))
    };
    let header =
        SnapshotHeaderRecord { version: VERSION, last_contained_log_timestamp: last_time.as_millis() };
    let mut head = Vec::from([(ControlType::SnapshotHeader, encoded(&header))]);
    if !voters.is_empty() {
        let version = KRaftVersionRecord { version: VERSION, kraft_version: DYNAMIC };
        head.push((ControlType::KRaftVersion, encoded(&version)));
        head.push((ControlType::KRaftVoters, encoded(&voters.to_record())));
    }
    let (batch, end) = control(next, &head)?;
    file.extend_from_slice(&batch);
    next = end;
    let mut open = BatchBuilder::new(next).leader_epoch(id.epoch);
    for value in values {
        let value = value?;
        if open.size_bytes() + value.len() > BATCH_BYTES && open.next_offset() > next {
            next = open.next_offset();
            file.extend_from_slice(&open.build());
            open = BatchBuilder::new(next).leader_epoch(id.epoch);
        }
        let record = NewRecord { timestamp: Some(now), value: Some(&value), ..NewRecord::default() };
        open.append(&record).map_err(SnapshotTooLarge::from)?;
    }
    if open.next_offset() > next {
        next = open.next_offset();
        file.extend_from_slice(&open.build());
    }
    let footer = SnapshotFooterRecord { version: VERSION };
    let (batch, _) = control(next, &[(ControlType::SnapshotFooter, encoded(&footer))])?;
    file.extend_from_slice(&batch);
    Ok(file)
}

/// Reads a snapshot's file.
///
/// # Errors
/// When it is damaged or was not written to its end.
pub fn read_snapshot(file: &Bytes) -> Result<Snapshot, InvalidSnapshot> {
    let mut snapshot = Snapshot::default();
    let mut is_finished = false;
    for batch in batches(file) {
        let batch = batch?;
        if !batch.crc_is_valid() {
            return Err(InvalidSnapshot::Checksum(batch.header.first_offset()));
        }
        let is_control = batch.header.attributes.is_control();
        for record in batch.records() {
            let record = record.map_err(|_| InvalidSnapshot::Record)?;
            let value = record.value.unwrap_or_default();
            if !is_control {
                snapshot.values.push(file.slice_ref(value));
                continue;
            }
            let key = record.key.and_then(ControlKey::parse).ok_or(InvalidSnapshot::Record)?;
            match key.control_type() {
                Some(ControlType::KRaftVoters) => {
                    snapshot.voters = Voters::from_record(&decoded::<VotersRecord>(value)?);
                }
                Some(ControlType::SnapshotFooter) => is_finished = true,
                _ => {}
            }
        }
    }
    if is_finished { Ok(snapshot) } else { Err(InvalidSnapshot::Unfinished) }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString as _, vec};

    use broker_types::{BrokerId, DirectoryId, Uuid};

    use super::*;
    use crate::voters::{Voter, VoterEndpoint, VoterKey};

    fn voters() -> Voters {
        let key = VoterKey { id: BrokerId::new(1), directory: DirectoryId::new(Uuid::from_bytes([7; 16])) };
        let endpoint = VoterEndpoint { name: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 9090 };
        Voters::standalone(Voter { key, endpoints: vec![endpoint], kraft_versions: (0, 1) })
    }

    fn write(values: &[&[u8]]) -> Bytes {
        let id = SnapshotId { end: Offset::new(12), epoch: LeaderEpoch::new(3) };
        let values = values.iter().map(|value| Ok(Bytes::copy_from_slice(value)));
        let now = Timestamp::from_millis(5);
        write_snapshot::<SnapshotTooLarge>(id, &voters(), values, now, now).expect("small").into()
    }

    #[test]
    fn a_snapshot_gives_back_voters_and_values() {
        let large = vec![9; BATCH_BYTES];
        let file = write(&[b"one", &large, b"three"]);
        let read = read_snapshot(&file).expect("whole");
        assert_eq!(read.voters, voters());
        assert_eq!(
            read.values,
            [Bytes::from_static(b"one"), Bytes::from(large), Bytes::from_static(b"three")]
        );
    }

    #[test]
    fn a_snapshot_cut_anywhere_is_refused() {
        let file = write(&[b"one", b"two"]);
        for cut in 0..file.len() {
            assert!(read_snapshot(&file.slice(..cut)).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn the_name_tells_offset_and_epoch() {
        let id = SnapshotId { end: Offset::new(12), epoch: LeaderEpoch::new(3) };
        assert_eq!(id.to_string(), "00000000000000000012-0000000003.checkpoint");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("bootstrap.checkpoint".parse::<SnapshotId>().is_err());
        assert!("12-3.checkpoint".parse::<SnapshotId>().is_err());
    }
}
