//! The life of brokers as the controller sees it: registered and fenced, unfenced, leaving, gone.

mod heartbeat;
mod register;

use alloc::vec::Vec;

use broker_metadata::{Broker, Image, Partition};
use broker_protocol::records::metadata::{
    BrokerRegistrationChangeRecord, MetadataRecord, UnregisterBrokerRecord,
};
use broker_types::{BrokerEpoch, BrokerId};

pub(crate) use self::{
    heartbeat::heartbeat,
    register::{register, register_controller},
};
pub use self::{
    heartbeat::{Heartbeat, HeartbeatReply},
    register::{RegisterBroker, RegisterController, RegistrationError},
};
use crate::{
    Settings,
    leadership::{follow, follow_where},
    partition_change::Move,
    sessions::Sessions,
};

/// A request by another life of a broker than the registered one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StaleBroker {
    /// The broker is not registered.
    #[error("No broker registration found for broker id {0}")]
    NotRegistered(BrokerId),
    /// It is registered with another epoch.
    #[error("Expected broker epoch {}, but got broker epoch {}", .expected.get(), .given.get())]
    OtherEpoch {
        /// The epoch of the registration.
        expected: BrokerEpoch,
        /// The epoch of the request.
        given: BrokerEpoch,
    },
}

/// A broker that is to be unregistered is not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Broker ID {0} is not currently registered")]
pub struct UnknownBroker(pub BrokerId);

/// The registration, if the request comes from the life that it is about.
pub(crate) fn registered(image: &Image, id: BrokerId, epoch: BrokerEpoch) -> Result<&Broker, StaleBroker> {
    let broker = image.cluster().broker(id).ok_or(StaleBroker::NotRegistered(id))?;
    if broker.epoch != epoch {
        return Err(StaleBroker::OtherEpoch { expected: broker.epoch, given: epoch });
    }
    Ok(broker)
}

/// A broker that is gone although its session still runs: it refused a connection, or another process answers in its
/// place. Whoever asks has made sure of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The broker.
    pub broker: BrokerId,
    /// The life that is over; a later one is left alone.
    pub epoch: BrokerEpoch,
}

/// Fences a broker without waiting for its session to run out. One that is fenced already stays as it is.
pub(crate) fn suspect(
    image: &Image,
    settings: &Settings,
    sessions: &mut Sessions,
    suspect: Suspect,
) -> Result<(Vec<MetadataRecord>, ()), StaleBroker> {
    let broker = registered(image, suspect.broker, suspect.epoch)?;
    sessions.remove(broker.id);
    let records = if broker.fenced { Vec::new() } else { fence(image, settings, broker) };
    Ok((records, ()))
}

/// Takes a broker's leaderships away and fences it.
pub(crate) fn fence(image: &Image, settings: &Settings, broker: &Broker) -> Vec<MetadataRecord> {
    let mut records = follow(image, settings, Move::Leaves(broker.id));
    let record = BrokerRegistrationChangeRecord { fenced: 1, ..registration_change(broker) };
    records.push(MetadataRecord::BrokerRegistrationChange(record));
    records
}

/// Forgets a broker that is gone for good.
pub(crate) fn unregister(
    image: &Image,
    settings: &Settings,
    id: BrokerId,
) -> Result<Vec<MetadataRecord>, UnknownBroker> {
    let broker = image.cluster().broker(id).ok_or(UnknownBroker(id))?;
    let concerned = |_, _, partition: &Partition| partition.isr.contains(&id) || partition.elr.contains(&id);
    let mut records = follow_where(image, settings, Move::Leaves(id), concerned);
    let record = UnregisterBrokerRecord { broker_id: id.get(), broker_epoch: broker.epoch.get() };
    records.push(MetadataRecord::UnregisterBroker(record));
    Ok(records)
}

/// A change of a registration that changes nothing yet.
fn registration_change(broker: &Broker) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id.get(),
        broker_epoch: broker.epoch.get(),
        ..BrokerRegistrationChangeRecord::default()
    }
}

#[cfg(test)]
mod tests;
