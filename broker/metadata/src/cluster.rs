//! The registered brokers and controllers.

mod broker;
mod controller;
mod endpoint;

use broker_protocol::records::metadata::{
    BrokerRegistrationChangeRecord, RegisterBrokerRecord, RegisterControllerRecord, UnregisterBrokerRecord,
};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Offset};

pub use self::{
    broker::Broker,
    controller::Controller,
    endpoint::{Endpoint, FeatureRange},
};
use crate::{Change, Map, ReplayError, records::broker_id};

/// Who is part of the cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    brokers: Map<BrokerId, Broker>,
    controllers: Map<BrokerId, Controller>,
}

impl Cluster {
    /// The registered brokers by id, fenced ones included.
    #[must_use]
    pub fn brokers(&self) -> &Map<BrokerId, Broker> {
        &self.brokers
    }

    /// One registered broker.
    #[must_use]
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.brokers.get(&id)
    }

    /// The registered controllers by id.
    #[must_use]
    pub fn controllers(&self) -> &Map<BrokerId, Controller> {
        &self.controllers
    }

    /// Whether a broker is registered, unfenced and not on its way out: it may lead and be in sync.
    #[must_use]
    pub fn is_active(&self, id: BrokerId) -> bool {
        self.broker(id).is_some_and(Broker::is_active)
    }

    /// Which broker has registered a log directory.
    #[must_use]
    pub fn owner_of(&self, directory: DirectoryId) -> Option<BrokerId> {
        self.brokers.values().find(|broker| broker.log_dirs.contains(&directory)).map(|broker| broker.id)
    }

    pub(crate) fn register(
        &mut self,
        offset: Offset,
        record: &RegisterBrokerRecord,
    ) -> Result<Change, ReplayError> {
        let broker = Broker::from_record(offset, record)?;
        let id = broker.id;
        self.brokers.insert_mut(id, broker);
        Ok(Change::Broker(id))
    }

    pub(crate) fn unregister(&mut self, record: &UnregisterBrokerRecord) -> Result<Change, ReplayError> {
        let id = broker_id("UnregisterBrokerRecord", "BrokerId", record.broker_id)?;
        self.registered(id, record.broker_epoch)?;
        self.brokers.remove_mut(&id);
        Ok(Change::Broker(id))
    }

    pub(crate) fn fence(&mut self, raw_id: i32, epoch: i64, fenced: bool) -> Result<Change, ReplayError> {
        let id = broker_id("FenceBrokerRecord", "Id", raw_id)?;
        self.registered(id, epoch)?.fenced = fenced;
        Ok(Change::Broker(id))
    }

    pub(crate) fn change(&mut self, record: &BrokerRegistrationChangeRecord) -> Result<Change, ReplayError> {
        let id = broker_id("BrokerRegistrationChangeRecord", "BrokerId", record.broker_id)?;
        self.registered(id, record.broker_epoch)?.change(record)?;
        Ok(Change::Broker(id))
    }

    pub(crate) fn register_controller(
        &mut self,
        record: &RegisterControllerRecord,
    ) -> Result<Change, ReplayError> {
        let controller = Controller::from_record(record)?;
        let id = controller.id;
        self.controllers.insert_mut(id, controller);
        Ok(Change::Controller(id))
    }

    /// The broker, when it is registered with exactly this epoch.
    fn registered(&mut self, id: BrokerId, epoch: i64) -> Result<&mut Broker, ReplayError> {
        let broker = self.brokers.get_mut(&id).ok_or(ReplayError::UnknownBroker(id))?;
        if broker.epoch != BrokerEpoch::new(epoch) {
            return Err(ReplayError::BrokerEpoch { id, registered: broker.epoch, given: epoch });
        }
        Ok(broker)
    }
}
