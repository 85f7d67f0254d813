//! The leader's side of replication: sessions of fetchers, what they read, and what they say of themselves.

use std::collections::BTreeMap;

use broker_node::fetcher::{
    Answer, Answered, EpochEnd, FetchFailure, Key, PartitionFailure, Request, Told, Wanted,
};
use broker_replication::{Event, FollowerPosition};
use broker_types::{BrokerEpoch, BrokerId, Mono, Offset};

use super::{
    defect::Defect,
    log::Record,
    message::{Body, Caller},
    setup,
    world::World,
};

/// Records of one partition in one answer.
const RECORDS_MAX: usize = 5;

/// What a leader knows of a fetcher.
#[derive(Clone, Debug)]
pub(super) struct Session {
    epoch: i32,
    wanted: BTreeMap<Key, Wanted>,
    /// The high watermarks that the fetcher knows.
    known: BTreeMap<Key, Offset>,
}

/// A fetch that waits for news.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    caller: Caller,
    session: i32,
    is_full: bool,
    replica: BrokerId,
    epoch: Option<BrokerEpoch>,
    pub(super) until: Mono,
}

impl World {
    pub(super) fn fetch_asked(
        &mut self,
        node: usize,
        caller: Caller,
        replica: BrokerId,
        epoch: Option<BrokerEpoch>,
        request: &Request,
    ) {
        let until = self.now_of(node).mono.plus(setup::fetcher().wait_max);
        let Some(live) = self.live(node) else { return };
        if request.session_epoch == 0 {
            live.sessions.remove(&request.session_id);
            live.parked.retain(|parked| parked.session != request.session_id);
        }
        let opened = if request.session_epoch == 0 {
            let id = live.next() as i32;
            let session = Session { epoch: 0, wanted: BTreeMap::new(), known: BTreeMap::new() };
            live.sessions.insert(id, session);
            Ok(id)
        } else {
            match live.sessions.get(&request.session_id) {
                None => Err(FetchFailure::SessionNotFound),
                Some(session) if session.epoch != request.session_epoch => Err(FetchFailure::SessionEpoch),
                Some(_) => Ok(request.session_id),
            }
        };
        let session = match opened {
            Ok(session) => session,
            Err(failure) => {
                self.coverage.sessions_refused += 1;
                let answer = Answer { session: 0, outcome: Err(failure) };
                return self.answer(node, caller, Body::Fetched { answer, records: Vec::new() });
            }
        };
        if let Some(kept) = live.sessions.get_mut(&session) {
            kept.epoch += 1;
            kept.wanted.retain(|key, _| !request.forgotten.contains(key));
            for (key, wanted, known) in &request.partitions {
                kept.wanted.insert(*key, *wanted);
                kept.known.insert(*key, *known);
            }
        }
        let is_full = request.session_epoch == 0;
        let parked = Parked { caller, session, is_full, replica, epoch, until };
        if !self.try_answer(node, parked, true) {
            self.coverage.fetches_parked += 1;
            if let Some(live) = self.live(node) {
                live.parked.push(parked);
            }
        }
    }

    /// Lets parked fetches look again when something happened that they may wait for.
    pub(super) fn look_at_parked(&mut self, node: usize) {
        let Some(live) = self.live(node).filter(|live| live.is_stirred) else { return };
        live.is_stirred = false;
        for parked in std::mem::take(&mut live.parked) {
            if !self.try_answer(node, parked, false)
                && let Some(live) = self.live(node)
            {
                live.parked.push(parked);
            }
        }
    }

    /// Answers when there is something to tell, or the wait is over.
    fn try_answer(&mut self, node: usize, parked: Parked, is_new: bool) -> bool {
        let now = self.now_of(node).mono;
        let session = self.live(node).and_then(|live| live.sessions.get(&parked.session).cloned());
        // Its fetcher began anew, and waits for nothing.
        let Some(session) = session else { return true };
        let mut outcomes = Vec::with_capacity(session.wanted.len());
        for (key, wanted) in &session.wanted {
            let outcome = self.read_for_replica(node, parked, *key, *wanted, is_new);
            outcomes.push((*key, outcome));
        }
        let knows = |key: &Key| session.known.get(key).copied().unwrap_or(Offset::ZERO);
        let has_news = |key: &Key, outcome: &Result<(Told, Vec<Record>), PartitionFailure>| match outcome {
            Ok((told, _)) => told.bytes > 0 || told.diverging.is_some() || told.high_watermark > knows(key),
            Err(_) => true,
        };
        if now < parked.until && !outcomes.iter().any(|(key, outcome)| has_news(key, outcome)) {
            return false;
        }
        let (mut answered, mut records) = (Vec::new(), Vec::new());
        for (key, outcome) in outcomes {
            if !parked.is_full && !has_news(&key, &outcome) {
                continue;
            }
            if let (Ok((told, _)), Some(live)) = (&outcome, self.live(node))
                && let Some(session) = live.sessions.get_mut(&parked.session)
            {
                session.known.insert(key, told.high_watermark);
            }
            let (outcome, read) = match outcome {
                Ok((told, read)) => (Ok(told), read),
                Err(failure) => (Err(failure), Vec::new()),
            };
            answered.push(Answered { partition: key, outcome });
            records.push(read);
        }
        let answer = Answer { session: parked.session, outcome: Ok(answered) };
        self.answer(node, parked.caller, Body::Fetched { answer, records });
        true
    }

    /// As a leader reads for another replica; first takes note of where that replica is.
    fn read_for_replica(
        &mut self,
        node: usize,
        parked: Parked,
        key: Key,
        wanted: Wanted,
        is_new: bool,
    ) -> Result<(Told, Vec<Record>), PartitionFailure> {
        let live = self.nodes[node].live.as_ref().ok_or(PartitionFailure::Other)?;
        let registered = live.published.cluster().broker(parked.replica).filter(|known| !known.fenced);
        let is_stale = registered.zip(parked.epoch).is_some_and(|(known, own)| own < known.epoch);
        if is_stale {
            self.coverage.stale_replicas += 1;
            return Err(PartitionFailure::Other);
        }
        let held = live.replicas.get(&key).ok_or(PartitionFailure::Other)?;
        match held.replica.leads() {
            Some(epoch) if wanted.epoch < epoch => return Err(PartitionFailure::FencedEpoch),
            Some(epoch) if wanted.epoch == epoch => {}
            _ => return Err(PartitionFailure::Other),
        }
        if !held.replica.has_peer(parked.replica) {
            return Err(PartitionFailure::Other);
        }
        let log = self.nodes[node].disk.logs.get(&key).ok_or(PartitionFailure::Other)?;
        let diverging = match wanted.last_epoch {
            _ if self.is_broken(Defect::TruncationOmitted) => None,
            None => None,
            Some(last) => {
                let known = log.end_for(last).ok_or(PartitionFailure::OutOfRange)?;
                let parts = |known: &EpochEnd| known.epoch < last || known.end < wanted.offset;
                Some(known).filter(parts)
            }
        };
        let offset = wanted.offset.get();
        if diverging.is_none() && offset > log.end() {
            return Err(PartitionFailure::OutOfRange);
        }
        let records = if diverging.is_some() { Vec::new() } else { log.read(offset, log.end(), RECORDS_MAX) };
        if diverging.is_none() && is_new {
            let sent = if self.is_broken(Defect::SentCountsAsWritten) { records.len() as i64 } else { 0 };
            let position = FollowerPosition {
                broker: parked.replica,
                broker_epoch: parked.epoch,
                log_end: wanted.offset.plus(sent),
                log_start: wanted.log_start,
            };
            self.replica_step(node, key, Event::FollowerAt(position));
        }
        let log = self.nodes[node].disk.logs.get(&key).ok_or(PartitionFailure::Other)?;
        let high_watermark = Offset::new(log.high_watermark);
        let told = Told { high_watermark, log_start: Offset::ZERO, diverging, bytes: records.len() };
        Ok((told, records))
    }
}
