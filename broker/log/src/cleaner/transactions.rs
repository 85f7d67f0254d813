//! Whose records are those of aborted transactions, and which markers are of use no more.
//!
//! A marker may go once a round has met none of its transaction's batches. The entry of an aborted transaction stays
//! in the new index with its marker as long as the round has met some.

use std::collections::{BTreeMap, BTreeSet};

use broker_records::{BatchHeader, BatchView, ControlKey, ControlType};
use broker_types::{Offset, ProducerId};

use crate::index::AbortedTxn;

/// What a round knows of the transactions that it passes, batch by batch in the log's order.
#[derive(Debug, Default)]
pub(super) struct Transactions {
    /// Known from the indexes, not yet reached.
    ahead: BTreeMap<(Offset, ProducerId), AbortedTxn>,
    /// Aborted ones that are passed now, and whether a batch of theirs was met.
    aborted: BTreeMap<ProducerId, (AbortedTxn, bool)>,
    /// Producers of whose decided transaction a batch was met.
    committed: BTreeSet<ProducerId>,
}

/// What a marker is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerFate {
    /// Batches of its transaction were there in this round: it stays, with its entry if it is an abort.
    Needed(Option<AbortedTxn>),
    /// Nothing of its transaction is left.
    Spent,
}

impl Transactions {
    /// Adds what an index tells of aborted transactions. One that is told again is the same.
    pub(super) fn expect(&mut self, txns: impl IntoIterator<Item = AbortedTxn>) {
        self.ahead.extend(txns.into_iter().map(|txn| ((txn.first_offset, txn.producer_id), txn)));
    }

    fn reach(&mut self, offset: Offset) {
        while let Some(entry) = self.ahead.first_entry()
            && entry.key().0 <= offset
        {
            let txn = entry.remove();
            self.aborted.entry(txn.producer_id).or_insert((txn, false));
        }
    }

    /// Passes a batch of records; whether its transaction was aborted.
    pub(super) fn pass_records(&mut self, header: &BatchHeader) -> bool {
        self.reach(header.last_offset());
        let Some((producer, _)) = header.producer_and_epoch() else { return false };
        if !header.attributes.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&producer) {
            Some((_, was_met)) => {
                *was_met = true;
                true
            }
            None => {
                self.committed.insert(producer);
                false
            }
        }
    }

    /// Passes a control batch.
    pub(super) fn pass_control(&mut self, batch: &BatchView<'_>) -> MarkerFate {
        self.reach(batch.header.last_offset());
        let Some(Ok(record)) = batch.records().next() else {
            // Emptied by an earlier round, which kept it for its producer's epoch.
            return MarkerFate::Spent;
        };
        let Some((producer, _)) = batch.header.producer_and_epoch() else { return MarkerFate::Needed(None) };
        match record.key.and_then(ControlKey::parse).and_then(ControlKey::control_type) {
            Some(ControlType::Abort) => match self.aborted.remove(&producer) {
                Some((txn, true)) => MarkerFate::Needed(Some(txn)),
                _ => MarkerFate::Spent,
            },
            Some(ControlType::Commit) if !self.committed.remove(&producer) => MarkerFate::Spent,
            _ => MarkerFate::Needed(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_records::{Attributes, BatchBuilder, ControlBatch, NewRecord};
    use broker_types::{LeaderEpoch, ProducerEpoch, Sequence, Timestamp};
    use bytes::Bytes;

    use super::*;

    const EPOCH: ProducerEpoch = ProducerEpoch::new(0);

    fn records(producer: i64, offset: i64) -> BatchHeader {
        let mut builder = BatchBuilder::new(Offset::new(offset))
            .producer(ProducerId::new(producer), EPOCH, Sequence::ZERO)
            .attributes(Attributes::NONE.with_transactional());
        builder.append(&NewRecord::default()).expect("there is room");
        BatchHeader::parse(&builder.build()).expect("parses")
    }

    fn marker(producer: i64, offset: i64, control: ControlType) -> Bytes {
        let who = (ProducerId::new(producer), EPOCH);
        let time = Timestamp::from_millis(0);
        let mut batch = ControlBatch::marker(Offset::new(offset), LeaderEpoch::new(0), time, who);
        batch.append(control, &[0, 0, 0, 0, 0, 7]).expect("there is room");
        batch.build()
    }

    fn pass(txns: &mut Transactions, marker: &Bytes) -> MarkerFate {
        txns.pass_control(&BatchView::parse(marker).expect("parses"))
    }

    fn aborted(producer: i64, first: i64, last: i64) -> AbortedTxn {
        AbortedTxn {
            producer_id: ProducerId::new(producer),
            first_offset: Offset::new(first),
            last_offset: Offset::new(last),
            last_stable_offset: Offset::new(last + 1),
        }
    }

    #[test]
    fn batches_are_aborted_from_the_first_offset_to_the_marker() {
        let mut txns = Transactions::default();
        txns.expect([aborted(1, 10, 20)]);
        assert!(!txns.pass_records(&records(1, 5)), "of the transaction before");
        assert_eq!(pass(&mut txns, &marker(1, 6, ControlType::Commit)), MarkerFate::Needed(None));
        txns.expect([aborted(1, 10, 20)]);
        assert!(txns.pass_records(&records(1, 10)));
        assert!(!txns.pass_records(&records(2, 12)), "of another producer");
        assert!(txns.pass_records(&records(1, 15)));
        let fate = pass(&mut txns, &marker(1, 20, ControlType::Abort));
        assert_eq!(fate, MarkerFate::Needed(Some(aborted(1, 10, 20))));
        assert!(!txns.pass_records(&records(1, 21)));
    }

    #[test]
    fn a_marker_is_spent_when_nothing_of_its_transaction_was_met() {
        let mut txns = Transactions::default();
        txns.expect([aborted(1, 10, 20)]);
        assert_eq!(pass(&mut txns, &marker(1, 20, ControlType::Abort)), MarkerFate::Spent);
        assert_eq!(pass(&mut txns, &marker(2, 21, ControlType::Commit)), MarkerFate::Spent);
        assert!(!txns.pass_records(&records(2, 22)));
        assert_eq!(pass(&mut txns, &marker(2, 23, ControlType::Commit)), MarkerFate::Needed(None));
        assert_eq!(pass(&mut txns, &marker(2, 24, ControlType::Commit)), MarkerFate::Spent);
    }

    #[test]
    fn an_empty_control_batch_is_spent() {
        let bytes = marker(1, 20, ControlType::Commit);
        let batch = BatchView::parse(&bytes).expect("parses");
        let mut empty = Vec::new();
        broker_records::compacted::write_empty(&batch.header, &mut empty);
        assert_eq!(pass(&mut Transactions::default(), &empty.into()), MarkerFate::Spent);
    }
}
