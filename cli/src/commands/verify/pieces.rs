//! Pieces of replicas, compared batch by batch. The checksum of a batch covers all of it but its offset and its
//! leader's epoch, so these three say whether two batches are the same.

use broker_records::{BatchError, batches};
use broker_types::Offset;

/// A batch as it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) first: i64,
    /// The offset after its last record.
    pub(super) next: i64,
    records: i32,
    epoch: i32,
    crc: u32,
}

/// What is wrong with a piece by itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("the checksum of the batch at offset {0} does not fit")]
    Checksum(i64),
    #[error("after offset {0} there is no batch: {1}")]
    Shape(i64, BatchError),
}

/// The batches of a piece that begins at `from`.
pub(super) fn read(bytes: &[u8], from: Offset) -> Result<Vec<Batch>, Damage> {
    let mut found: Vec<Batch> = Vec::new();
    for batch in batches(bytes) {
        let at = found.last().map_or(from.get(), |last| last.next);
        let batch = batch.map_err(|error| Damage::Shape(at, error))?;
        let header = &batch.header;
        if !batch.crc_is_valid() {
            return Err(Damage::Checksum(header.first_offset().get()));
        }
        found.push(Batch {
            first: header.first_offset().get(),
            next: header.next_offset().get(),
            records: header.record_count,
            epoch: header.leader_epoch,
            crc: header.crc,
        });
    }
    Ok(found)
}

/// Whether batches may be gone or smaller on one replica and not on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// All replicas have the same.
    Kept,
    /// Each replica is compacted in its own time: what has the same offsets and the same number of records must be the
    /// same.
    Compacted,
}

/// The first offset at which two replicas differ before `to`, up to which both were read.
pub(super) fn difference(one: &[Batch], other: &[Batch], to: i64, policy: Policy) -> Option<i64> {
    let before = |all: &[Batch]| all.iter().copied().filter(|batch| batch.next <= to).collect::<Vec<_>>();
    let (one, other) = (before(one), before(other));
    match policy {
        Policy::Kept => {
            let differs = one.iter().zip(&other).find(|(a, b)| a != b).map(|(a, b)| a.first.min(b.first));
            let longer = if one.len() > other.len() { one.get(other.len()) } else { other.get(one.len()) };
            differs.or_else(|| longer.map(|batch| batch.first))
        }
        Policy::Compacted => {
            let place = |batch: &Batch| (batch.first, batch.next, batch.records);
            let same_place = |a: &&Batch| other.iter().any(|b| place(a) == place(b) && a != &b);
            one.iter().find(same_place).map(|batch| batch.first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: i64, next: i64, crc: u32) -> Batch {
        Batch { first, next, records: i32::try_from(next - first).unwrap(), epoch: 1, crc }
    }

    #[test]
    fn the_first_difference_is_found() {
        let one = [batch(0, 3, 1), batch(3, 5, 2), batch(5, 9, 3)];
        let differs = |other: &[Batch], to| difference(&one, other, to, Policy::Kept);
        assert_eq!(differs(&one, 9), None);
        assert_eq!(differs(&[batch(0, 3, 1), batch(3, 5, 7)], 5), Some(3));
        assert_eq!(differs(&[batch(0, 3, 1), batch(3, 4, 2), batch(4, 5, 2)], 5), Some(3));
        assert_eq!(differs(&[batch(0, 3, 1)], 5), Some(3), "a batch is missing");
        assert_eq!(differs(&[batch(0, 3, 1)], 3), None, "what was not read is not compared");
        assert_eq!(differs(&[Batch { epoch: 2, ..batch(0, 3, 1) }], 3), Some(0));
    }

    #[test]
    fn compacted_replicas_may_lack_what_others_have() {
        let one = [batch(0, 3, 1), batch(3, 5, 2)];
        let differs = |other: &[Batch]| difference(&one, other, 5, Policy::Compacted);
        assert_eq!(differs(&[batch(3, 5, 2)]), None);
        assert_eq!(differs(&[Batch { records: 1, ..batch(0, 3, 9) }]), None);
        assert_eq!(differs(&[batch(0, 3, 1), batch(3, 5, 9)]), Some(3));
    }

    #[test]
    fn damage_is_told_with_its_offset() {
        assert_eq!(read(&[], Offset::new(4)), Ok(Vec::new()));
        let nonsense = read(&[0xff; 100], Offset::new(4));
        assert!(matches!(nonsense, Err(Damage::Shape(4, _))), "{nonsense:?}");
    }
}
