//! The offset checkpoints of a log directory: `topic partition offset` lines.
//!
//! `recovery-point-offset-checkpoint`: synced up to here. `replication-offset-checkpoint`: the high watermark.
//! `log-start-offset-checkpoint`: records were deleted up to here. `cleaner-offset-checkpoint`: compacted up to here.

use std::collections::BTreeMap;

use broker_types::{Offset, PartitionId, TopicName, TopicPartition};

use super::{MalformedCheckpoint, decode_lines, encode_lines};

/// Which of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OffsetCheckpoint {
    /// Everything before the offset is synced.
    RecoveryPoint,
    /// The high watermark.
    HighWatermark,
    /// The first offset that readers may see, where it is not simply the first segment's.
    LogStart,
    /// Everything before the offset was compacted.
    Cleaner,
}

impl OffsetCheckpoint {
    /// The file's name.
    #[must_use]
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::RecoveryPoint => "recovery-point-offset-checkpoint",
            Self::HighWatermark => "replication-offset-checkpoint",
            Self::LogStart => "log-start-offset-checkpoint",
            Self::Cleaner => "cleaner-offset-checkpoint",
        }
    }
}

/// Offsets by partition.
pub(crate) type Offsets = BTreeMap<TopicPartition, Offset>;

pub(crate) fn encode(offsets: &Offsets) -> String {
    encode_lines(offsets.iter().map(|(tp, offset)| format!("{} {} {offset}", tp.topic, tp.partition)))
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Offsets, MalformedCheckpoint> {
    let entries = decode_lines(bytes, |line| {
        let mut words = line.split_whitespace();
        let (topic, partition, offset) = (words.next()?, words.next()?, words.next()?);
        let tp = TopicPartition::new(TopicName::new(topic), PartitionId::new(partition.parse().ok()?));
        let offset = Offset::from_wire(offset.parse().ok()?)?;
        words.next().is_none().then_some((tp, offset))
    })?;
    Ok(entries.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_and_is_kafkas_text() {
        let tp = |topic, partition| TopicPartition::new(TopicName::new(topic), PartitionId::new(partition));
        let offsets = Offsets::from([(tp("b", 0), Offset::new(7)), (tp("a", 12), Offset::ZERO)]);
        assert_eq!(encode(&offsets), "0\n2\na 12 0\nb 0 7\n");
        assert_eq!(decode(encode(&offsets).as_bytes()), Ok(offsets));
        assert_eq!(decode(b""), Ok(Offsets::new()));
    }

    #[test]
    fn damage_is_refused() {
        assert_eq!(decode(b"1\n0\n"), Err(MalformedCheckpoint::Version));
        assert_eq!(decode(b"0\nx\n"), Err(MalformedCheckpoint::Line(2)));
        assert_eq!(decode(b"0\n2\na 0 1\n"), Err(MalformedCheckpoint::Count { promised: 2, found: 1 }));
        for line in ["a 0", "a x 1", "a 0 1 2", "a 0 -1", ""] {
            let text = format!("0\n1\n{line}\n");
            assert_eq!(decode(text.as_bytes()), Err(MalformedCheckpoint::Line(3)), "{line}");
        }
        assert_eq!(decode(&[0xff, 0xfe]), Err(MalformedCheckpoint::NotText));
    }
}
