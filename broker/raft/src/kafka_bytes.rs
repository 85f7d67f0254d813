//! What Apache Kafka 4.3.1 itself writes for a standalone quorum, byte for byte.

use alloc::{vec, vec::Vec};

use broker_types::{BrokerId, DirectoryId, LeaderEpoch, Offset, Timestamp};
use bytes::Bytes;

use crate::{
    SnapshotId, SnapshotTooLarge, Voter, VoterEndpoint, VoterKey, Voters,
    opening::{self, Opening},
    read_snapshot, write_snapshot,
};

/// `00000000000000000000-0000000000.checkpoint` after `kafka-storage format --standalone`.
const CHECKPOINT: &str = "\
        00000000000000000000009a0000000002257c422b002000000002000001a207d5d11d000001a207d5d11dffff \
        ffffffffffffffffffffffff000000032a0000000800000003160000000001a207d5d10000001e000002080000 \
        00050a000000010000820100000408000000066e000002000000016e72f72228004df4853c0b46458fb625020b \
        434f4e54524f4c4c45520a3132372e302e302e3171a500000000010000000000000000000000030000003f0000 \
        000002b3c73dcf002000000000000001a207d5d138000001a207d5d138ffffffffffffffffffffffffffff0000 \
        00011a00000008000000040600000000";
/// The first batch of the log after the first start.
const OPENING: &str = "\
        0000000000000000000000a20000000102d4d25b63002000000002000001a207d6197e000001a207d6197effff \
        ffffffffffffffffffffffff000000033a00000008000000022600000000000102000000010002000000010000 \
        001e00000208000000050a000000010000820100000408000000066e000002000000016e72f72228004df4853c \
        0b46458fb625020b434f4e54524f4c4c45520a3132372e302e302e3171a5000000000100000000";

fn bytes(hex: &str) -> Bytes {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = core::str::from_utf8(pair).expect("digits");
            u8::from_str_radix(pair, 16).expect("digits")
        })
        .collect()
}

fn voters() -> Voters {
    let directory = "bnL3IigATfSFPAtGRY-2JQ".parse().expect("an id");
    let key = VoterKey { id: BrokerId::new(1), directory: DirectoryId::new(directory) };
    let endpoint = VoterEndpoint { name: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 29093 };
    Voters::standalone(Voter { key, endpoints: vec![endpoint], kraft_versions: (0, 1) })
}

#[test]
fn its_snapshot_reads() {
    let snapshot = read_snapshot(&bytes(CHECKPOINT)).expect("whole");
    assert_eq!(snapshot.voters, voters());
    assert!(snapshot.values.is_empty());
}

#[test]
fn ours_differs_only_in_when_the_footer_was_written() {
    let id = SnapshotId { end: Offset::ZERO, epoch: LeaderEpoch::ZERO };
    let (last, now) = (Timestamp::from_millis(1_795_427_782_912), Timestamp::from_millis(1_795_427_782_941));
    let none = core::iter::empty::<Result<Bytes, SnapshotTooLarge>>();
    let ours = write_snapshot(id, &voters(), none, last, now).expect("small");
    let kafkas = bytes(CHECKPOINT);
    assert_eq!(ours.len(), kafkas.len());
    assert_eq!(ours[..166], kafkas[..166], "the header's batch");
    // The footer's batch, without checksum and times.
    assert_eq!(ours[166..166 + 17], kafkas[166..166 + 17]);
    assert_eq!(ours[166 + 21..166 + 27], kafkas[166 + 21..166 + 27]);
    assert_eq!(ours[166 + 43..], kafkas[166 + 43..]);
}

#[test]
fn the_first_opening_of_a_leadership_is_the_same() {
    let opening = Opening {
        leader: BrokerId::new(1),
        epoch: LeaderEpoch::new(1),
        voters: &voters(),
        granting: &[BrokerId::new(1)],
        with_voters: true,
    };
    let ours =
        opening::batch(&opening, Offset::ZERO, Timestamp::from_millis(1_795_427_801_470)).expect("small");
    assert_eq!(ours, bytes(OPENING));
}
