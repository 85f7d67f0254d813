//! Batches of the metadata log as they come from a leader.

use broker_protocol::records::metadata::NoOpRecord;
use broker_records::{BatchBuilder, NewRecord};

use super::*;

fn batch(first: i64, epoch: i32, records: usize) -> Bytes {
    let mut batch = BatchBuilder::new(Offset::new(first)).leader_epoch(LeaderEpoch::new(epoch));
    let value = MetadataRecord::NoOp(NoOpRecord).encode(0).unwrap().into_bytes();
    for _ in 0..records {
        batch.append(&NewRecord { value: Some(&value), ..NewRecord::default() }).unwrap();
    }
    batch.build()
}

fn joined(parts: &[Bytes]) -> Bytes {
    parts.concat().into()
}

#[test]
fn whole_batches_are_taken_with_their_epochs() {
    let bytes = joined(&[batch(5, 1, 2), batch(7, 1, 1), batch(8, 3, 1)]);
    let contents = Contents::of(&bytes, Offset::new(5)).unwrap();
    assert_eq!(contents.end, Offset::new(9));
    let at = |epoch, offset| (LeaderEpoch::new(epoch), Offset::new(offset));
    assert_eq!(contents.epochs, [at(1, 5), at(3, 8)]);
    assert_eq!((contents.bytes, contents.voters), (bytes, Vec::new()));
}

#[test]
fn a_batch_that_is_cut_off_waits_for_the_next_fetch() {
    let first = batch(5, 1, 2);
    let bytes = joined(&[first.clone(), batch(7, 1, 1)]);
    for cut in first.len()..bytes.len() {
        let contents = Contents::of(&bytes.slice(..cut), Offset::new(5)).unwrap();
        assert_eq!((contents.end, &contents.bytes), (Offset::new(7), &first), "cut at {cut}");
    }
    assert_eq!(Contents::of(&Bytes::new(), Offset::new(5)).unwrap().end, Offset::new(5));
}

#[test]
fn a_damaged_batch_is_refused() {
    let good = batch(5, 1, 1);
    let mut bad = good.to_vec();
    *bad.last_mut().unwrap() ^= 1;
    let error = Contents::of(&bad.into(), Offset::new(5)).unwrap_err();
    assert_eq!(error.offset, Offset::new(5));
}

#[test]
fn a_batch_that_goes_back_is_refused() {
    for (bytes, at) in [(batch(4, 1, 2), 4), (joined(&[batch(5, 1, 2), batch(6, 1, 1)]), 6)] {
        let error = Contents::of(&bytes, Offset::new(5)).unwrap_err();
        assert_eq!(error.offset, Offset::new(at));
    }
}

#[test]
fn records_are_read_with_their_offsets() {
    let bytes = batch(5, 1, 2);
    let batch = batches(&bytes).next().unwrap().unwrap();
    let offsets: Vec<_> = metadata(&bytes, &batch).unwrap().into_iter().map(|(offset, _)| offset).collect();
    assert_eq!(offsets, [Offset::new(5), Offset::new(6)]);
}
