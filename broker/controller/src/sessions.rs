//! Which brokers have been heard from, and when: soft state that a new leader starts afresh.

use alloc::collections::BTreeMap;
use core::time::Duration;

use broker_metadata::Image;
use broker_types::{BrokerEpoch, BrokerId, Mono, Offset};

/// The sessions of brokers with this controller.
#[derive(Debug)]
pub(crate) struct Sessions {
    timeout: Duration,
    by_broker: BTreeMap<BrokerId, Session>,
}

/// What is known about one broker from its heartbeats.
#[derive(Debug)]
pub(crate) struct Session {
    epoch: BrokerEpoch,
    last_contact: Mono,
    /// How far it has replayed the metadata.
    offset: Option<Offset>,
    /// Once the other brokers are so far, it may stop: they have seen its leaderships move.
    shutdown_offset: Option<Offset>,
}

impl Sessions {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, by_broker: BTreeMap::new() }
    }

    /// A new leader gives every unfenced broker a full session: it cannot know when the last heartbeat was.
    pub(crate) fn start(&mut self, now: Mono, image: &Image) {
        self.by_broker.clear();
        for broker in image.cluster().brokers().values().filter(|broker| !broker.fenced) {
            self.touch(now, broker.id, broker.epoch, None);
        }
    }

    pub(crate) fn touch(&mut self, now: Mono, broker: BrokerId, epoch: BrokerEpoch, offset: Option<Offset>) {
        let session = self.by_broker.entry(broker).or_insert(Session {
            epoch,
            last_contact: now,
            offset,
            shutdown_offset: None,
        });
        if session.epoch != epoch {
            session.shutdown_offset = None;
        }
        session.epoch = epoch;
        session.last_contact = now;
        session.offset = offset.or(session.offset);
    }

    pub(crate) fn remove(&mut self, broker: BrokerId) {
        self.by_broker.remove(&broker);
    }

    /// Whether this life of the broker was heard from within the timeout.
    pub(crate) fn is_alive(&self, now: Mono, broker: BrokerId, epoch: BrokerEpoch) -> bool {
        let session = self.by_broker.get(&broker).filter(|session| session.epoch == epoch);
        session.is_some_and(|session| now.since(session.last_contact) <= self.timeout)
    }

    /// The broker that has been silent for longest, when that is longer than the timeout.
    pub(crate) fn expired(&self, now: Mono) -> Option<(BrokerId, BrokerEpoch)> {
        let oldest = self.by_broker.iter().min_by_key(|(_, session)| session.last_contact);
        let (id, session) = oldest.filter(|(_, session)| now >= self.deadline(session))?;
        Some((*id, session.epoch))
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.by_broker.values().map(|session| self.deadline(session)).min()
    }

    /// The first instant at which a session has outlived its timeout.
    fn deadline(&self, session: &Session) -> Mono {
        session.last_contact.plus(self.timeout).plus(Duration::from_micros(1))
    }

    pub(crate) fn shutdown_offset(&self, broker: BrokerId) -> Option<Offset> {
        self.by_broker.get(&broker).and_then(|session| session.shutdown_offset)
    }

    pub(crate) fn set_shutdown_offset(&mut self, broker: BrokerId, offset: Option<Offset>) {
        if let Some(session) = self.by_broker.get_mut(&broker) {
            session.shutdown_offset = offset;
        }
    }

    /// Whether every active broker has replayed the metadata up to an offset.
    pub(crate) fn all_active_reached(&self, image: &Image, offset: Offset) -> bool {
        image.cluster().brokers().values().filter(|broker| broker.is_active()).all(|broker| {
            self.by_broker.get(&broker.id).is_some_and(|session| session.offset >= Some(offset))
        })
    }
}
