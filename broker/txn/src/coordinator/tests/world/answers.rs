//! What clients, and whoever writes markers, make of answers; and what must hold of them.

use alloc::vec::Vec;

use broker_types::{Producer, ProducerEpoch, TransactionResult};

use super::{Asked, Client, IDS, World};
use crate::{PendingMarkers, Response, Transaction, TxnError};

impl World {
    pub(super) fn answered(&mut self, asked: Asked, response: Response) {
        match (asked, response) {
            (Asked::Init { client, expected }, Response::InitProducerId(result)) => {
                self.initialized(client, expected, result);
            }
            (Asked::Add { client, producer, may }, Response::AddPartitions(result)) => {
                self.refused(result.err());
                if result.is_ok() {
                    assert!(may, "{producer:?} was fenced and adds");
                    self.covered.saw("add");
                    self.clients[client].is_open = true;
                }
            }
            (Asked::End { client, producer, result, may }, Response::EndTransaction(answer)) => {
                self.ended(client, producer, result, may, answer);
            }
            (Asked::Markers, Response::AwaitMarkers(markers)) => self.told(markers),
            (Asked::Written, Response::MarkersWritten) => self.covered.saw("completed"),
            (asked, response) => panic!("{response:?} to {asked:?}"),
        }
    }

    fn refused(&mut self, error: Option<TxnError>) {
        match error {
            Some(TxnError::ProducerFenced) => self.covered.saw("fenced"),
            Some(TxnError::ConcurrentTransactions) => self.covered.saw("concurrent"),
            Some(TxnError::NeedsProducerId) => self.covered.saw("spare needed"),
            _ => {}
        }
    }

    fn initialized(&mut self, client: usize, expected: Option<Producer>, result: Result<Producer, TxnError>) {
        self.refused(result.err());
        let Ok(producer) = result else { return };
        let id = self.clients[client].id;
        assert!(producer.epoch <= Transaction::EPOCH_MAX, "the last epoch is for fencing");
        if let Some(granted) = self.granted[id] {
            assert!(self.rank(granted) <= self.rank(producer), "{producer:?} after {granted:?}");
            assert!(granted != producer || expected.is_some(), "two are {producer:?}");
            self.covered.saw(if granted == producer { "retry of init" } else { "init" });
            if granted.id != producer.id {
                self.covered.saw("rotation");
            }
        }
        self.granted[id] = Some(producer);
        self.clients[client] = Client { producer: Some(producer), is_open: false, ..self.clients[client] };
    }

    fn ended(
        &mut self,
        client: usize,
        producer: Producer,
        result: TransactionResult,
        may: bool,
        answer: Result<Producer, TxnError>,
    ) {
        self.refused(answer.err());
        let Client { id, version, .. } = self.clients[client];
        match answer {
            Err(TxnError::NeedsProducerId) => {
                let spare = Some(self.fresh_id());
                self.end(client, IDS[id], producer, result, version, spare);
            }
            Ok(next) if version.bumps_epoch() => {
                assert!(next.epoch <= Transaction::EPOCH_MAX, "the last epoch is for fencing");
                let bumped = self.bump(producer);
                assert!(may || self.ends.contains_key(&bumped), "{producer:?} was fenced and ends");
                // Also of nothing, which has no markers.
                let before = self.ends.insert(bumped, result);
                assert!(before.is_none_or(|before| before == result), "two ends of {bumped:?}");
                if !may || self.granted[id].is_some_and(|granted| granted == next) {
                    self.covered.saw("retry of end");
                }
                self.covered.saw("end");
                // It is who the answer says, unless somebody came in between.
                if self.granted[id].is_none_or(|granted| self.rank(granted) <= self.rank(next)) {
                    self.granted[id] = Some(next);
                }
                if self.clients[client].producer == Some(producer) {
                    // Some answers are lost: who does not hear of them asks again.
                    if self.random.below(4) > 0 {
                        self.clients[client].producer = Some(next);
                        self.clients[client].is_open = false;
                    }
                }
            }
            Ok(_) => {
                assert!(may, "{producer:?} was fenced and ends");
                self.covered.saw("end");
                self.clients[client].is_open = false;
            }
            Err(_) => {}
        }
    }

    /// The producer with which the markers of its transaction are written.
    fn bump(&self, producer: Producer) -> Producer {
        Producer { epoch: ProducerEpoch::new(producer.epoch.get() + 1), ..producer }
    }

    /// Markers are told of: their end must be committed, and be the only one of its epoch.
    fn told(&mut self, markers: Vec<PendingMarkers>) {
        self.covered.saw("markers");
        for marker in &markers {
            let committed = self.driver.committed().get(marker.id.as_str()).expect("a committed id");
            assert_eq!((committed.ending(), committed.producer), (Some(marker.result), marker.producer));
            if marker.client_version.bumps_epoch() {
                let before = self.ends.insert(marker.producer, marker.result);
                assert!(before.is_none_or(|before| before == marker.result), "two ends of {marker:?}");
            }
        }
        self.after = markers.last().map(|last| last.number).or(self.after);
        self.in_flight.extend(markers);
        self.await_markers();
    }
}
