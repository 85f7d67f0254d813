//! Which batches of idempotent producers were refused for a reason that passes, so that those which were already on
//! their way behind them are refused for the same.
//!
//! A producer has up to five batches in flight. When the first two are refused because replicas are missing, or because
//! this broker does not know yet that it leads, and the third arrives after that has passed, its sequence leaves a gap.
//! Apache Kafka answers OUT_OF_ORDER_SEQUENCE_NUMBER then. librdkafka takes that for a reason to begin a new epoch, in
//! which it also sends again what an earlier leader may hold already: a duplicate (librdkafka issue 4953). And a producer
//! that is not known yet would have its second batch taken before its first.
//!
//! The gap is of our making, and its reason is what is answered: the producer tries again from the first one on.

use std::collections::VecDeque;

use broker_protocol::ErrorCode;
use broker_records::BatchHeader;
use broker_types::{ProducerEpoch, ProducerId, Sequence};

/// A producer has at most five batches in flight, hence four behind the one that was refused. Whoever sends more has
/// given that one up.
const BEHIND_MAX: u8 = 4;
/// Producers that are remembered; with more, the oldest is forgotten.
const PRODUCERS_MAX: usize = 64;
/// Sequences wrap; within half of their range one comes after the other.
const SEQUENCE_MAX: i32 = i32::MAX;

#[derive(Debug)]
struct Refused {
    id: ProducerId,
    epoch: ProducerEpoch,
    sequence: i32,
    reason: ErrorCode,
    /// How many batches behind it were refused with it.
    behind: u8,
}

/// The refused batches of one partition: of each producer the first.
#[derive(Debug, Default)]
pub(super) struct Refusals(VecDeque<Refused>);

impl Refusals {
    /// Why a batch cannot be taken though nothing is wrong with it: one before it was not. `last_of` tells the last
    /// sequence that the log has of a producer's epoch: what it has by now, from whichever leader, is made good.
    pub(super) fn reason_for(
        &mut self,
        header: &BatchHeader,
        last_of: impl FnOnce(ProducerId, ProducerEpoch) -> Option<Sequence>,
    ) -> Option<ErrorCode> {
        if self.0.is_empty() {
            return None;
        }
        let at = self.find(header)?;
        let refused = self.0.get_mut(at)?;
        let is_missing =
            last_of(refused.id, refused.epoch).is_none_or(|last| is_after(refused.sequence, last.get()));
        if is_missing && is_after(header.base_sequence, refused.sequence) && refused.behind < BEHIND_MAX {
            refused.behind += 1;
            return Some(refused.reason);
        }
        self.0.remove(at);
        None
    }

    /// Remembers that a batch was refused, if its producer may have sent others behind it.
    pub(super) fn note(&mut self, header: &BatchHeader, reason: ErrorCode) {
        let Some((id, epoch, sequence)) = header.producer() else { return };
        match self.find(header).and_then(|at| self.0.get_mut(at)) {
            // Behind the one that is remembered.
            Some(known) if is_after(header.base_sequence, known.sequence) => {}
            Some(known) => *known = Refused { id, epoch, sequence: sequence.get(), reason, behind: 0 },
            None => {
                if self.0.len() == PRODUCERS_MAX {
                    self.0.pop_front();
                }
                self.0.push_back(Refused { id, epoch, sequence: sequence.get(), reason, behind: 0 });
            }
        }
    }

    fn find(&self, header: &BatchHeader) -> Option<usize> {
        let producer = header.producer_and_epoch()?;
        self.0.iter().position(|refused| (refused.id, refused.epoch) == producer)
    }
}

fn is_after(sequence: i32, other: i32) -> bool {
    let ahead = sequence.wrapping_sub(other) & SEQUENCE_MAX;
    ahead > 0 && ahead <= SEQUENCE_MAX / 2
}

#[cfg(test)]
mod tests {
    use broker_records::{BatchBuilder, NewRecord};
    use broker_types::Offset;

    use super::*;

    const REASON: ErrorCode = ErrorCode::NotEnoughReplicas;

    fn header(id: i64, epoch: i16, sequence: i32) -> BatchHeader {
        let (id, epoch) = (ProducerId::new(id), ProducerEpoch::new(epoch));
        let mut batch = BatchBuilder::new(Offset::ZERO).producer(id, epoch, Sequence::new(sequence));
        batch.append(&NewRecord::default()).unwrap();
        BatchHeader::parse(&batch.build()).unwrap()
    }

    fn ask(refusals: &mut Refusals, header: &BatchHeader) -> Option<ErrorCode> {
        refusals.reason_for(header, |_, _| Some(Sequence::new(9)))
    }

    #[test]
    fn what_is_in_flight_behind_it_is_refused_for_the_same() {
        let mut refusals = Refusals::default();
        refusals.note(&header(7, 0, 10), REASON);
        for sequence in [11, 12, 13, 14] {
            assert_eq!(ask(&mut refusals, &header(7, 0, sequence)), Some(REASON));
        }
        assert_eq!(ask(&mut refusals, &header(7, 0, 15)), None, "no producer has five behind one");
        assert_eq!(ask(&mut refusals, &header(7, 0, 11)), None, "and it is forgotten then");
    }

    #[test]
    fn the_first_one_again_is_taken_and_what_follows_too() {
        let mut refusals = Refusals::default();
        refusals.note(&header(7, 0, i32::MAX), REASON);
        refusals.note(&header(7, 0, 1), REASON);
        let mut ask =
            |sequence| refusals.reason_for(&header(7, 0, sequence), |_, _| Some(Sequence::new(i32::MAX - 1)));
        assert_eq!(ask(0), Some(REASON), "behind the last sequence there is");
        assert_eq!(ask(i32::MAX), None);
        assert_eq!(ask(0), None);
    }

    #[test]
    fn what_the_log_has_by_now_is_made_good() {
        let mut refusals = Refusals::default();
        refusals.note(&header(7, 0, 10), REASON);
        let has = |last| move |_: ProducerId, _: ProducerEpoch| Some(Sequence::new(last));
        assert_eq!(refusals.reason_for(&header(7, 0, 12), has(11)), None);
        refusals.note(&header(7, 0, 12), REASON);
        assert_eq!(refusals.reason_for(&header(7, 0, 13), has(11)), Some(REASON));
        let nothing = |_: ProducerId, _: ProducerEpoch| None;
        assert_eq!(refusals.reason_for(&header(7, 0, 13), nothing), Some(REASON));
    }

    #[test]
    fn nobody_else_is_concerned() {
        let mut refusals = Refusals::default();
        refusals.note(&header(7, 0, 10), REASON);
        assert_eq!(ask(&mut refusals, &header(8, 0, 11)), None, "another producer");
        assert_eq!(ask(&mut refusals, &header(7, 1, 11)), None, "a new epoch begins anew");
        assert_eq!(ask(&mut refusals, &header(7, 0, 11)), Some(REASON));
    }

    #[test]
    fn memory_is_bounded() {
        let mut refusals = Refusals::default();
        for id in 0..1_000 {
            refusals.note(&header(id, 0, 10), REASON);
        }
        assert_eq!(refusals.0.len(), PRODUCERS_MAX);
        assert_eq!(ask(&mut refusals, &header(999, 0, 11)), Some(REASON));
    }
}
