//! `<offset>.snapshot`: the producers' state at that offset.
//!
//! `version i16 = 1 | crc u32 (CRC-32C of what follows) | count i32 | entries`, an entry being `producer id i64 |
//! epoch i16 | last sequence i32 | last offset i64 | offset delta i32 | timestamp i64 | coordinator epoch i32 |
//! first offset of the open transaction i64`, with -1 for what is absent.
//!
//! Durability point: none of its own. A snapshot that a crash tore fails its checksum and an older one is used.

use broker_types::{Offset, ProducerEpoch, ProducerId, Sequence, Timestamp};

use super::{ProducerBatch, ProducerEntry, Producers};

const VERSION: i16 = 1;
const ENTRIES_AT: usize = 6;
const ENTRY_BYTES: usize = 46;

/// A snapshot that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CorruptSnapshot {
    #[error("it is too short")]
    Length,
    #[error("its version is {0}")]
    Version(i16),
    #[error("its checksum does not match")]
    Checksum,
}

pub(crate) fn encode(producers: &Producers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ENTRIES_AT + 4 + producers.len() * ENTRY_BYTES);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&i32::try_from(producers.len()).unwrap_or(i32::MAX).to_be_bytes());
    for (id, entry) in producers.iter() {
        let last = entry.last_batch();
        let sequence = last.and_then(|batch| batch.last_sequence).map_or(-1, Sequence::get);
        bytes.extend_from_slice(&id.get().to_be_bytes());
        bytes.extend_from_slice(&entry.epoch.get().to_be_bytes());
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.extend_from_slice(&last.map_or(-1, |batch| batch.last_offset.get()).to_be_bytes());
        bytes.extend_from_slice(&last.map_or(0, |batch| batch.offset_delta).to_be_bytes());
        bytes.extend_from_slice(&entry.last_timestamp.as_millis().to_be_bytes());
        bytes.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
        bytes.extend_from_slice(&entry.txn_first.map_or(-1, Offset::get).to_be_bytes());
    }
    let crc = crc32c::crc32c(&bytes[ENTRIES_AT..]);
    bytes[2..ENTRIES_AT].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// Takes fixed-size fields off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], CorruptSnapshot> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(CorruptSnapshot::Length)?;
        self.0 = rest;
        Ok(*head)
    }

    fn i32(&mut self) -> Result<i32, CorruptSnapshot> {
        Ok(i32::from_be_bytes(self.take()?))
    }

    fn i64(&mut self) -> Result<i64, CorruptSnapshot> {
        Ok(i64::from_be_bytes(self.take()?))
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<(ProducerId, ProducerEntry)>, CorruptSnapshot> {
    let mut reader = Reader(bytes);
    let version = i16::from_be_bytes(reader.take()?);
    if version != VERSION {
        return Err(CorruptSnapshot::Version(version));
    }
    let crc = u32::from_be_bytes(reader.take()?);
    if crc != crc32c::crc32c(reader.0) {
        return Err(CorruptSnapshot::Checksum);
    }
    let count = usize::try_from(reader.i32()?).map_err(|_| CorruptSnapshot::Length)?;
    if reader.0.len() / ENTRY_BYTES < count {
        return Err(CorruptSnapshot::Length);
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let id = ProducerId::new(reader.i64()?);
        let mut entry = ProducerEntry::new(ProducerEpoch::new(i16::from_be_bytes(reader.take()?)));
        let last_sequence = Sequence::from_wire(reader.i32()?);
        let last_offset = Offset::from_wire(reader.i64()?);
        let offset_delta = reader.i32()?;
        let timestamp = Timestamp::from_millis(reader.i64()?);
        if let Some(last_offset) = last_offset {
            entry.add(entry.epoch, ProducerBatch { last_sequence, last_offset, offset_delta, timestamp });
        }
        entry.last_timestamp = timestamp;
        entry.coordinator_epoch = reader.i32()?;
        entry.txn_first = Offset::from_wire(reader.i64()?);
        entries.push((id, entry));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Producers {
        let mut producers = Producers::new(Offset::new(50), Vec::new());
        let mut busy = ProducerEntry::new(ProducerEpoch::new(3));
        let batch = ProducerBatch {
            last_sequence: Some(Sequence::new(41)),
            last_offset: Offset::new(49),
            offset_delta: 4,
            timestamp: Timestamp::from_millis(1_700_000_000_000),
        };
        busy.add(ProducerEpoch::new(3), batch);
        busy.txn_first = Some(Offset::new(45));
        let mut ended = ProducerEntry::new(ProducerEpoch::new(0));
        ended.end_txn(ProducerEpoch::new(0), 7, Timestamp::from_millis(5));
        producers.load(Offset::new(50), vec![(ProducerId::new(1), busy), (ProducerId::new(2), ended)]);
        producers
    }

    #[test]
    fn a_snapshot_reads_back() {
        let producers = sample();
        let bytes = encode(&producers);
        assert_eq!(bytes.len(), ENTRIES_AT + 4 + 2 * ENTRY_BYTES);
        let entries = decode(&bytes).expect("decodes");
        let expected: Vec<_> = producers.iter().map(|(id, entry)| (id, entry.clone())).collect();
        assert_eq!(entries, expected);
        assert_eq!(decode(&encode(&Producers::default())), Ok(Vec::new()));
    }

    #[test]
    fn every_cut_and_every_flip_is_refused() {
        let bytes = encode(&sample());
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "cut to {length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&damaged).is_err(), "flipped bit {bit}");
        }
    }

    #[test]
    fn a_count_beyond_the_bytes_is_refused_before_it_is_allocated() {
        let mut bytes = encode(&Producers::default());
        bytes[6..10].copy_from_slice(&i32::MAX.to_be_bytes());
        let crc = crc32c::crc32c(&bytes[6..]);
        bytes[2..6].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(decode(&bytes), Err(CorruptSnapshot::Length));
    }
}
