//! `leader-epoch-checkpoint` of a partition: `epoch start-offset` lines, both rising.

use broker_types::{LeaderEpoch, Offset};

use super::{MalformedCheckpoint, decode_lines, encode_lines};
use crate::epochs::EpochStart;

pub(crate) const FILE_NAME: &str = "leader-epoch-checkpoint";

pub(crate) fn encode(epochs: &[EpochStart]) -> String {
    encode_lines(epochs.iter().map(|entry| format!("{} {}", entry.epoch, entry.start)))
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<EpochStart>, MalformedCheckpoint> {
    decode_lines(bytes, |line| {
        let (epoch, start) = line.split_once(' ')?;
        let epoch = LeaderEpoch::from_wire(epoch.parse().ok()?)?;
        Some(EpochStart { epoch, start: Offset::from_wire(start.parse().ok()?)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_and_damage_is_refused() {
        let entry = |epoch, start| EpochStart { epoch: LeaderEpoch::new(epoch), start: Offset::new(start) };
        let epochs = [entry(0, 0), entry(3, 17)];
        assert_eq!(encode(&epochs), "0\n2\n0 0\n3 17\n");
        assert_eq!(decode(encode(&epochs).as_bytes()).as_deref(), Ok(&epochs[..]));
        assert_eq!(decode(b"0\n1\n3\n"), Err(MalformedCheckpoint::Line(3)));
        assert_eq!(decode(b"0\n1\n-1 0\n"), Err(MalformedCheckpoint::Line(3)));
    }
}
