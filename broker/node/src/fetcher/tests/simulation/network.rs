//! What is on its way, and how a leader answers it.

use alloc::{vec, vec::Vec};

use broker_replication::{Event as Fact, FollowerPosition};
use broker_types::{BrokerEpoch, BrokerId, Offset};

use super::{
    super::key,
    disk::{Record, index},
    world::World,
};
use crate::fetcher::{
    Answer, Answered, EpochEnd, Event, FetchFailure, PartitionFailure, Request, Told, Wanted,
};

/// Records in one answer.
const RECORDS_MAX: usize = 4;

/// On its way.
pub(super) enum Message {
    Fetch { from: BrokerId, life: BrokerEpoch, to: BrokerId, id: u64, request: Request },
    Answer { to: BrokerId, id: u64, answer: Answer, records: Vec<Record> },
}

impl World {
    pub(super) fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let at = self.random.index(self.network.len());
        match self.network.swap_remove(at) {
            Message::Fetch { from, life, to, id, request } => self.serve(from, life, to, id, &request),
            Message::Answer { to, id, answer, records } => {
                let node = self.at(to);
                if node.fetch.take_if(|fetch| *fetch == id).is_some() {
                    self.drive(to, Event::Answered(answer), &records);
                }
            }
        }
    }

    /// A message goes astray, and who waits for it gives up.
    pub(super) fn lose(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let at = self.random.index(self.network.len());
        let (to, id) = match self.network.swap_remove(at) {
            Message::Fetch { from, id, .. } => (from, id),
            Message::Answer { to, id, .. } => (to, id),
        };
        self.counters.losses += 1;
        self.give_up(to, id);
    }

    fn give_up(&mut self, id: BrokerId, fetch: u64) {
        if self.at(id).fetch.take_if(|waits| *waits == fetch).is_some() {
            self.drive(id, Event::Failed, &[]);
        }
    }

    fn serve(&mut self, from: BrokerId, life: BrokerEpoch, to: BrokerId, id: u64, request: &Request) {
        if !self.at(to).is_up {
            return self.give_up(from, id);
        }
        let session = self.session(to, request);
        let (session, wanted) = match session {
            Ok((session, wanted)) => (session, Ok(wanted)),
            Err(failure) => (0, Err(failure)),
        };
        let (outcome, records) = match wanted {
            Err(failure) => (Err(failure), Vec::new()),
            Ok(None) => (Ok(vec![]), Vec::new()),
            Ok(Some(wanted)) => {
                let (outcome, records) = match self.read(from, life, to, wanted) {
                    Ok((told, records)) => (Ok(told), records),
                    Err(failure) => (Err(failure), Vec::new()),
                };
                (Ok(vec![Answered { partition: key(0), outcome }]), records)
            }
        };
        let answer = Answer { session, outcome };
        self.network.push(Message::Answer { to: from, id, answer, records });
    }

    /// The leader's side of a session: its id, and what is asked.
    fn session(&mut self, to: BrokerId, request: &Request) -> Result<(i32, Option<Wanted>), FetchFailure> {
        self.next += 1;
        let new = i32::try_from(self.next).unwrap();
        let named = request.partitions.first().map(|(_, wanted, _)| *wanted);
        let (id, sessions) = (request.session_id, &mut self.at(to).sessions);
        if request.session_epoch == 0 {
            sessions.remove(&id);
            sessions.insert(new, (1, named));
            return Ok((new, named));
        }
        let (epoch, known) = sessions.get_mut(&id).ok_or(FetchFailure::SessionNotFound)?;
        if *epoch != request.session_epoch {
            return Err(FetchFailure::SessionEpoch);
        }
        *epoch += 1;
        if !request.forgotten.is_empty() {
            *known = None;
        }
        *known = named.or(*known);
        Ok((id, *known))
    }

    /// As a leader reads for another replica.
    fn read(
        &mut self,
        from: BrokerId,
        life: BrokerEpoch,
        to: BrokerId,
        wanted: Wanted,
    ) -> Result<(Told, Vec<Record>), PartitionFailure> {
        let node = self.at(to);
        match node.replica.leads() {
            Some(epoch) if wanted.epoch < epoch => return Err(PartitionFailure::FencedEpoch),
            Some(epoch) if wanted.epoch == epoch => {}
            _ => return Err(PartitionFailure::Other),
        }
        let known = wanted.last_epoch.map(|last| node.log.end_for(last).ok_or(PartitionFailure::OutOfRange));
        let parted = |end: &EpochEnd| Some(end.epoch) < wanted.last_epoch || end.end < wanted.offset;
        let diverging = known.transpose()?.filter(parted);
        let (start, mut records) = (index(wanted.offset), Vec::new());
        if diverging.is_none() {
            if wanted.offset > node.log.end() {
                return Err(PartitionFailure::OutOfRange);
            }
            records.extend(node.log.records[start..].iter().take(RECORDS_MAX));
            let at = FollowerPosition {
                broker: from,
                broker_epoch: Some(life),
                log_end: wanted.offset,
                log_start: Offset::ZERO,
            };
            self.tell(to, Fact::FollowerAt(at));
        }
        let high_watermark = self.at(to).log.high_watermark;
        Ok((Told { high_watermark, log_start: Offset::ZERO, diverging, bytes: records.len() }, records))
    }
}
