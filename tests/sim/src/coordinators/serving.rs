//! What nodes do with requests: partitions and shards that they lead.

use broker_group::{EndTransaction, Request as GroupRequest};
use broker_log::{AppendError, AppendOrigin, ProducerError, Terms, VerificationGuard};
use broker_types::{Offset, Producer, Sequence};

use super::{
    defect::Defect,
    entry,
    hosted::{Place, plain},
    message::{Answer, Ask, Caller, Fetched, Mark, Of, Produce, ProduceError},
    partition::Waiting,
    setup::OFFSETS,
    shards::{Groups, Transactions},
    world::{Item, World},
};

impl World {
    pub(super) fn serve(&mut self, node: usize, caller: Caller, ask: Ask) {
        match ask {
            Ask::Group { part, request } => {
                if !self.ask_shard::<Groups>(Place { node, part }, caller, *request, plain()) {
                    self.answer(node, caller, Answer::Elsewhere);
                }
            }
            Ask::Txn { part, request } => {
                if !self.ask_shard::<Transactions>(Place { node, part }, caller, *request, plain()) {
                    self.answer(node, caller, Answer::Elsewhere);
                }
            }
            Ask::Offsets { part, request, of } => {
                if self.groups.contains_key(&(node, part)) && self.leads(node, part) {
                    let producer = request.producer;
                    let ask = Ask::Offsets { part, request, of: of.clone() };
                    self.check_first(node, ask, &of, producer, None, caller);
                } else {
                    self.answer(node, caller, Answer::Elsewhere);
                }
            }
            Ask::Produce(produce) => self.produced(node, produce, caller),
            Ask::Fetch { part, from, is_committed } => self.fetched(node, part, from, is_committed, caller),
            Ask::Mark { part, marker } => self.marked(node, part, &marker, caller),
        }
    }

    fn leads(&self, node: usize, part: usize) -> bool {
        self.partitions[part].leader == Some(node)
    }

    fn produced(&mut self, node: usize, produce: Produce, caller: Caller) {
        if !self.leads(node, produce.part) {
            return self.answer(node, caller, Answer::Elsewhere);
        }
        match produce.of.clone() {
            None => self.append_produced(node, &produce, caller, None),
            Some(of) => {
                let (producer, first) = (produce.producer, Some(produce.first));
                self.check_first(node, Ask::Produce(produce), &of, producer, first, caller);
            }
        }
    }

    /// Where a transaction begins its coordinator is asked first.
    fn check_first(
        &mut self,
        node: usize,
        ask: Ask,
        of: &Of,
        producer: Producer,
        first: Option<Sequence>,
        caller: Caller,
    ) {
        let part = match &ask {
            Ask::Produce(Produce { part, .. }) | Ask::Offsets { part, .. } => *part,
            _ => return,
        };
        let now = self.now_of(node).wall;
        let begun = self.partitions[part].log.begin_verification(producer, first, of.version, now);
        match (begun, ask) {
            (Ok(Some(guard)), ask) => self.verify(node, ask, of, producer, caller, guard),
            (Ok(None), Ask::Produce(produce)) => self.append_produced(node, &produce, caller, None),
            (Ok(None), Ask::Offsets { request, .. }) => {
                self.ask_offsets(Place { node, part }, caller, *request, plain());
            }
            (Err(_), Ask::Produce(_)) => {
                self.answer(node, caller, Answer::Produced(Err(ProduceError::Fenced)));
            }
            (_, _) => self.answer(node, caller, Answer::Unverified(broker_txn::TxnError::ProducerFenced)),
        }
    }

    pub(super) fn append_produced(
        &mut self,
        node: usize,
        produce: &Produce,
        caller: Caller,
        guard: Option<VerificationGuard>,
    ) {
        let now = self.now_of(node).wall;
        let partition = &mut self.partitions[produce.part];
        if partition.refuses_until > self.now {
            self.coverage.appends_refused += 1;
            return self.answer(node, caller, Answer::Unavailable);
        }
        let terms = Terms { guard, ..AppendOrigin::Client.into() };
        let epoch = broker_types::LeaderEpoch::new(partition.epoch);
        match partition.log.append_as_leader(&produce.bytes, epoch, now, terms) {
            Ok(written) => {
                self.coverage.repeats += u64::from(written.is_duplicate);
                let (upto, first) = (written.last_offset.next(), Some(written.first_offset));
                self.wait_for(produce.part, node, Waiting { upto, caller, first });
            }
            Err(AppendError::Producer(error)) => {
                let error = match error {
                    ProducerError::OutOfOrderSequence { .. } => ProduceError::OutOfOrder,
                    ProducerError::InvalidEpoch { .. } => ProduceError::Fenced,
                    _ => ProduceError::Invalid,
                };
                self.answer(node, caller, Answer::Produced(Err(error)));
            }
            Err(error) => self.fail(|| format!("a batch is refused: {error}")),
        }
    }

    /// Answers once the high watermark is there.
    fn wait_for(&mut self, part: usize, node: usize, waiting: Waiting) {
        if self.partitions[part].high_watermark() >= waiting.upto {
            return self.committed_for(node, &waiting);
        }
        self.partitions[part].waiting.push_back(waiting);
        self.appended(part);
    }

    pub(super) fn committed_for(&mut self, node: usize, waiting: &Waiting) {
        let answer = match waiting.first {
            Some(first) => Answer::Produced(Ok(first)),
            None => Answer::Marked { is_written: true },
        };
        self.answer(node, waiting.caller, answer);
    }

    fn fetched(&mut self, node: usize, part: usize, from: Offset, is_committed: bool, caller: Caller) {
        if !self.leads(node, part) {
            return self.answer(node, caller, Answer::Elsewhere);
        }
        let partition = &self.partitions[part];
        let high_watermark = partition.high_watermark();
        let is_high = !is_committed || self.is_broken(Defect::StableIsHighWatermark);
        let stable = if is_high { high_watermark } else { partition.log.last_stable_offset() };
        if from > partition.log.end_offset() {
            return self.fail(|| format!("{from} of {part} was read, and is beyond the end now"));
        }
        let bytes = match partition.read(from, stable) {
            Ok(bytes) => bytes,
            Err(why) => return self.fail(|| format!("{part} cannot be read at {from}: {why}")),
        };
        let mut aborted = Vec::new();
        if is_committed && !self.is_broken(Defect::AbortedNotTold) {
            match partition.log.aborted_transactions(from, stable) {
                Ok(found) => {
                    aborted.extend(found.iter().map(|it| (it.producer_id.get(), it.first_offset.get())));
                }
                Err(why) => return self.fail(|| format!("what was aborted cannot be read: {why}")),
            }
        }
        if is_committed {
            let checked = self.truth.stable_told(part, stable);
            self.hold(checked);
        }
        self.answer(node, caller, Answer::Fetched(Fetched { bytes: bytes.into(), aborted }));
    }

    fn marked(&mut self, node: usize, part: usize, marker: &Mark, caller: Caller) {
        if OFFSETS.contains(&part) {
            return self.marked_offsets(node, part, marker, caller);
        }
        if !self.leads(node, part) {
            return self.answer(node, caller, Answer::Elsewhere);
        }
        if self.partitions[part].refuses_until > self.now {
            return self.answer(node, caller, Answer::Unavailable);
        }
        let now = self.now_of(node).wall;
        let end = marker.end();
        let checked = self.truth.marker_written(part, end);
        let partition = &mut self.partitions[part];
        let epoch = broker_types::LeaderEpoch::new(partition.epoch);
        match partition.log.append_as_leader(&entry::marker(end, now), epoch, now, marker.terms()) {
            Ok(written) => {
                self.hold(checked);
                let upto = written.last_offset.next();
                self.wait_for(part, node, Waiting { upto, caller, first: None });
            }
            Err(AppendError::Producer(_)) => {
                self.answer(node, caller, Answer::Marked { is_written: false });
            }
            Err(error) => self.fail(|| format!("a marker is refused: {error}")),
        }
    }

    /// The shard writes the marker itself; the log's word on it is asked before.
    fn marked_offsets(&mut self, node: usize, part: usize, marker: &Mark, caller: Caller) {
        if !self.groups.contains_key(&(node, part)) {
            return self.answer(node, caller, Answer::Elsewhere);
        }
        let log = &self.partitions[part].log;
        let known = log.producers().find(|(id, _)| *id == marker.producer.id).map(|(_, entry)| entry);
        let is_refused = known.is_some_and(|entry| {
            let sent = marker.producer.epoch;
            sent < entry.epoch
                || marker.coordinator_epoch < entry.coordinator_epoch
                || marker.version.bumps_epoch() && sent == entry.epoch && entry.txn_first.is_some()
        });
        if is_refused {
            return self.answer(node, caller, Answer::Marked { is_written: false });
        }
        let checked = self.truth.marker_written(part, marker.end());
        self.hold(checked);
        let request = GroupRequest::EndTransaction(marker.end());
        self.ask_shard::<Groups>(Place { node, part }, caller, request, marker.terms());
    }

    /// There is something for the high watermark to pass.
    pub(super) fn appended(&mut self, part: usize) {
        let slow = if self.has_faults { self.random.below(30_000) } else { 5_000 };
        let epoch = self.partitions[part].epoch;
        let upto = self.partitions[part].log.end_offset();
        self.after(500 + slow, Item::Replicated { part, epoch, upto });
    }
}

impl Mark {
    const fn end(&self) -> EndTransaction {
        let Self { producer, result, coordinator_epoch, .. } = *self;
        EndTransaction { producer, coordinator_epoch, result }
    }

    fn terms(&self) -> Terms {
        Terms { marker_version: self.version, ..plain() }
    }
}
