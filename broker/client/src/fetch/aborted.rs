//! What of transactions is read (KIP-98): a broker names those that were aborted in the part of a log that it sends.

use std::collections::BTreeSet;

use broker_protocol::messages::fetch_response::PartitionData;
use broker_records::{BatchView, Records};
use broker_types::ProducerId;

/// Whether what is not committed is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// All that is in the log.
    #[default]
    ReadUncommitted,
    /// Of transactions only what they committed, and nothing behind the first that goes on.
    ReadCommitted,
}

impl Isolation {
    pub(crate) fn code(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// The aborted transactions of a part of a log, as its batches are read in order.
pub(super) struct Aborted {
    /// Where each begins, last first, and whose it is.
    to_come: Vec<(i64, ProducerId)>,
    /// Whose transaction at the place that is read was aborted.
    open: BTreeSet<ProducerId>,
}

impl Aborted {
    pub(super) fn of(data: &PartitionData, isolation: Isolation) -> Self {
        let listed = data.aborted_transactions.iter().flatten();
        let mut to_come: Vec<_> = match isolation {
            Isolation::ReadUncommitted => Vec::new(),
            Isolation::ReadCommitted => {
                listed.map(|one| (one.first_offset, ProducerId::new(one.producer_id))).collect()
            }
        };
        to_come.sort_by_key(|(first, _)| std::cmp::Reverse(*first));
        Self { to_come, open: BTreeSet::new() }
    }

    /// Whether the next batch is of an aborted transaction.
    pub(super) fn has(&mut self, batch: &BatchView<'_>) -> bool {
        while let Some((_, producer)) =
            self.to_come.pop_if(|(first, _)| *first < batch.header.next_offset().get())
        {
            self.open.insert(producer);
        }
        let Some((producer, _)) = batch.header.producer_and_epoch() else { return false };
        if batch.header.attributes.is_control() {
            if is_abort(batch) {
                self.open.remove(&producer);
            }
            return false;
        }
        batch.header.attributes.is_transactional() && self.open.contains(&producer)
    }
}

/// Whether a control batch is the marker of an abort: the key is a version and the type, 0.
fn is_abort(batch: &BatchView<'_>) -> bool {
    let records: Records<'_> = batch.records();
    let first = records.into_iter().next().and_then(Result::ok);
    first.and_then(|record| record.key).is_some_and(|key| key.get(2..4) == Some(&[0, 0]))
}

#[cfg(test)]
mod tests {
    use broker_protocol::messages::fetch_response::AbortedTransaction;
    use broker_records::{Attributes, BatchBuilder, NewRecord};
    use broker_types::{Offset, ProducerEpoch, Sequence, Timestamp};

    use super::{super::read_partition, *};

    const MARKER: Attributes = Attributes::NONE.with_transactional().with_control();

    /// A batch of one record, of a producer's transaction or its marker.
    fn batch(at: i64, producer: i64, attributes: Attributes, key: &[u8]) -> Vec<u8> {
        let mut builder = BatchBuilder::new(Offset::new(at)).attributes(attributes).producer(
            ProducerId::new(producer),
            ProducerEpoch::new(0),
            Sequence::ZERO,
        );
        let record = NewRecord {
            timestamp: Some(Timestamp::from_millis(1)),
            key: Some(key),
            value: None,
            headers: &[],
        };
        builder.append(&record).unwrap();
        builder.build().to_vec()
    }

    #[test]
    fn records_of_aborted_transactions_are_left_out_up_to_their_markers() {
        let data = Attributes::NONE.with_transactional();
        let (abort, commit) = ([0, 0, 0, 0], [0, 0, 0, 1]);
        let log = [
            batch(0, 1, data, b"aborted"),
            batch(1, 2, data, b"committed"),
            batch(2, 1, data, b"aborted"),
            batch(3, 2, MARKER, &commit),
            batch(4, 1, MARKER, &abort),
            batch(5, 1, data, b"of the next transaction"),
            batch(6, 3, Attributes::NONE, b"of none"),
        ];
        let first = AbortedTransaction { producer_id: 1, first_offset: 0 };
        let data = PartitionData {
            records: Some(bytes::Bytes::from(log.concat()).into()),
            aborted_transactions: Some(vec![first]),
            ..PartitionData::default()
        };
        let read = |isolation| {
            let mut records = Vec::new();
            let next = read_partition(&data, Offset::ZERO, isolation, &mut records).unwrap();
            assert_eq!(next, Offset::new(7));
            records.iter().map(|record| record.offset.get()).collect::<Vec<_>>()
        };
        assert_eq!(read(Isolation::ReadCommitted), [1, 5, 6]);
        assert_eq!(read(Isolation::ReadUncommitted), [0, 1, 2, 5, 6]);
    }
}
