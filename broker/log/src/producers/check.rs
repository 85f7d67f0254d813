//! What a producer may append.

use broker_records::BatchHeader;
use broker_types::{Producer, ProducerEpoch, ProducerId, Sequence, Timestamp, TransactionVersion};

use super::{
    AppendOrigin, Marker, ProducerEntry, ProducerError, Producers, Terms, Verdict, VerificationGuard,
};

impl Producers {
    /// Whether the producer has an open transaction in this epoch.
    pub(crate) fn has_open_txn(&self, producer: Producer) -> bool {
        let entry = self.entries.get(&producer.id);
        entry.is_some_and(|entry| entry.txn_first.is_some() && entry.epoch == producer.epoch)
    }

    /// A transaction may begin here, if its coordinator says so: see [`Log::begin_verification`](crate::Log::begin_verification).
    pub(crate) fn begin_verification(
        &mut self,
        producer: Producer,
        first: Option<Sequence>,
        version: TransactionVersion,
        now: Timestamp,
    ) -> Result<Option<VerificationGuard>, ProducerError> {
        self.check_epoch(producer.id, producer.epoch)?;
        if self.has_open_txn(producer) {
            return Ok(None);
        }
        Ok(Some(self.verifications.begin(producer, first, version, now)))
    }

    /// Checks a batch with a producer id. `before` is a batch that precedes it in the same append; `verifies` whether a
    /// transaction begins only after its coordinator was asked.
    pub(crate) fn check(
        &self,
        header: &BatchHeader,
        marker: Option<Marker>,
        terms: &Terms,
        before: Option<&BatchHeader>,
        verifies: bool,
    ) -> Result<Verdict, ProducerError> {
        let Some((id, epoch)) = header.producer_and_epoch() else { return Ok(Verdict::Append) };
        if terms.origin == AppendOrigin::Replication {
            return Ok(Verdict::Append);
        }
        let entry = self.entries.get(&id);
        if terms.origin == AppendOrigin::Client
            && let Some(duplicate) = entry.and_then(|entry| entry.find(epoch, header))
        {
            return Ok(Verdict::Duplicate(duplicate));
        }
        if header.attributes.is_control() {
            match marker {
                Some(marker) => {
                    let producer = Producer { id, epoch };
                    self.check_end(producer, marker.coordinator_epoch, terms.marker_version)?;
                }
                None => self.check_epoch(id, epoch)?,
            }
            return Ok(Verdict::Append);
        }
        self.check_epoch(id, epoch)?;
        let chained = before.filter(|before| before.producer_and_epoch() == Some((id, epoch)));
        let begins = header.attributes.is_transactional()
            && !self.has_open_txn(Producer { id, epoch })
            && !chained.is_some_and(|before| before.attributes.is_transactional());
        let is_void = if begins {
            !self.verifications.is_current(id, terms.guard)
        } else {
            self.verifications.is_of_an_ended(id, terms.guard)
        };
        if is_void && verifies {
            return Err(ProducerError::NotVerified { id });
        }
        if terms.origin == AppendOrigin::Client {
            self.check_sequence(header, Producer { id, epoch }, chained)?;
        }
        if entry.is_some_and(|entry| entry.txn_first.is_some()) && !header.attributes.is_transactional() {
            return Err(ProducerError::InvalidTxnState { id });
        }
        Ok(Verdict::Append)
    }

    /// A transaction's end: see [`Log::check_marker`](crate::Log::check_marker).
    pub(crate) fn check_end(
        &self,
        producer: Producer,
        coordinator_epoch: i32,
        version: TransactionVersion,
    ) -> Result<(), ProducerError> {
        self.check_epoch(producer.id, producer.epoch)?;
        match self.entries.get(&producer.id) {
            Some(entry) => check_marker(entry, producer, coordinator_epoch, version),
            None => Ok(()),
        }
    }

    fn check_epoch(&self, id: ProducerId, sent: ProducerEpoch) -> Result<(), ProducerError> {
        match self.entries.get(&id).map(|entry| entry.epoch) {
            Some(current) if sent < current => Err(ProducerError::InvalidEpoch { id, sent, current }),
            _ => Ok(()),
        }
    }

    fn check_sequence(
        &self,
        header: &BatchHeader,
        Producer { id, epoch }: Producer,
        chained: Option<&BatchHeader>,
    ) -> Result<(), ProducerError> {
        let sent = Sequence::from_wire(header.base_sequence);
        let entry = self.entries.get(&id);
        let last = match (chained, entry) {
            (Some(before), _) => before.last_sequence(),
            (None, Some(entry)) if entry.epoch == epoch => entry.last_sequence(),
            (None, _) => None,
        };
        let out_of_order = || ProducerError::OutOfOrderSequence { id, sent, last };
        if chained.is_none()
            && let Some(lowest) =
                self.verifications.first_sequence(id, entry.is_some_and(ProducerEntry::has_batches))
            && sent.map(Sequence::get) > lowest.map(Sequence::get)
        {
            return Err(out_of_order());
        }
        // An unknown producer may begin anywhere: what it wrote before may have expired.
        if entry.is_some() && sent != Some(last.map_or(Sequence::ZERO, Sequence::next)) {
            return Err(out_of_order());
        }
        Ok(())
    }
}

/// A marker ends the transaction of its own epoch, or, from version 2 on, that of the epoch before (KIP-1228): a late one
/// cannot end the next transaction. One that comes again after it did its work is welcome.
fn check_marker(
    entry: &ProducerEntry,
    Producer { id, epoch: sent }: Producer,
    coordinator_epoch: i32,
    version: TransactionVersion,
) -> Result<(), ProducerError> {
    let is_repeated = entry.txn_first.is_none() || sent.get() == i16::MAX;
    if version.bumps_epoch() && sent == entry.epoch && !is_repeated {
        return Err(ProducerError::InvalidEpoch { id, sent, current: entry.epoch });
    }
    if coordinator_epoch < entry.coordinator_epoch {
        let (sent, current) = (coordinator_epoch, entry.coordinator_epoch);
        return Err(ProducerError::CoordinatorFenced { id, sent, current });
    }
    Ok(())
}
