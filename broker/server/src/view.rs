//! The metadata image as clients of one listener see it.

use broker_metadata::{Broker as Registration, Image, Partition, Topic};
use broker_protocol::{ErrorCode, Str};
use broker_types::{BrokerId, DirectoryId, PartitionId};

/// Kafka's own topics, which clients see marked.
const INTERNAL_TOPICS: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

/// An image through the eyes of one listener's clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    image: &'a Image,
    listener: &'a str,
}

/// A broker's address on a listener.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) id: BrokerId,
    pub(crate) host: Str,
    pub(crate) port: u16,
    pub(crate) rack: Option<Str>,
    pub(crate) is_fenced: bool,
}

/// A partition's leadership as Metadata answers it.
#[derive(Clone, Debug)]
pub(crate) struct Leadership {
    pub(crate) error: ErrorCode,
    pub(crate) leader: i32,
    pub(crate) epoch: i32,
    pub(crate) offline: Vec<i32>,
}

impl<'a> View<'a> {
    pub(crate) fn new(image: &'a Image, listener: &'a str) -> Self {
        Self { image, listener }
    }

    /// The brokers that serve, by id.
    pub(crate) fn brokers(self) -> impl Iterator<Item = Address> + 'a {
        self.registered().filter(|broker| !broker.is_fenced)
    }

    /// The brokers that clients are told of: those that serve, or this one alone where none does. An answer without any
    /// broker has librdkafka give up the ones that it knows, and never come back; Java's clients take it for no answer.
    pub(crate) fn named(self, me: BrokerId) -> Vec<Address> {
        let serving: Vec<_> = self.brokers().collect();
        if serving.is_empty() {
            self.registered().filter(|broker| broker.id == me).collect()
        } else {
            serving
        }
    }

    /// All registered brokers that have the listener, by id.
    pub(crate) fn registered(self) -> impl Iterator<Item = Address> + 'a {
        self.image.cluster().brokers().iter().filter_map(move |(id, broker)| self.address_of(*id, broker))
    }

    fn address_of(self, id: BrokerId, broker: &Registration) -> Option<Address> {
        let endpoint = broker.endpoint(self.listener)?;
        Some(Address {
            id,
            host: endpoint.host.clone(),
            port: endpoint.port,
            rack: broker.rack.clone(),
            is_fenced: broker.fenced,
        })
    }

    /// Who leads a partition, with Kafka's error when nobody does or the leader lacks this listener.
    pub(crate) fn leadership(self, partition: &Partition) -> Leadership {
        let offline = partition.replicas.iter().filter(|id| self.is_offline(partition, **id));
        let mut leadership = Leadership {
            error: ErrorCode::None,
            leader: -1,
            epoch: partition.leader_epoch.get(),
            offline: offline.map(|id| id.get()).collect(),
        };
        let alive = |id: &BrokerId| self.image.cluster().broker(*id).is_some_and(|broker| !broker.fenced);
        let Some(leader) = partition.leader.filter(alive) else {
            leadership.error = ErrorCode::LeaderNotAvailable;
            return leadership;
        };
        let reachable = self.image.cluster().broker(leader).and_then(|broker| broker.endpoint(self.listener));
        if reachable.is_none() {
            leadership.error = ErrorCode::ListenerNotFound;
            return leadership;
        }
        leadership.leader = leader.get();
        leadership
    }

    fn is_offline(self, partition: &Partition, replica: BrokerId) -> bool {
        let Some(broker) = self.image.cluster().broker(replica) else { return true };
        let directory = partition.directory(replica);
        broker.fenced || directory.is_some_and(|directory| directory == DirectoryId::LOST)
    }
}

/// Whether a topic is Kafka's own.
pub(crate) fn is_internal(topic: &str) -> bool {
    INTERNAL_TOPICS.contains(&topic)
}

/// The partitions of a topic, by index.
pub(crate) fn partitions(topic: &Topic) -> impl Iterator<Item = (PartitionId, &Partition)> {
    topic.partitions().iter().map(|(index, partition)| (*index, partition))
}

/// Node ids as the wire has them.
pub(crate) fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}

#[cfg(test)]
mod tests {
    use broker_protocol::records::metadata::{
        RegisterBrokerRecord, UnfenceBrokerRecord, register_broker_record::BrokerEndpoint,
    };
    use broker_types::{Offset, Uuid};

    use super::*;

    fn registered(id: i32) -> RegisterBrokerRecord {
        let endpoint =
            BrokerEndpoint { name: Str::from("L"), host: Str::from("h"), ..BrokerEndpoint::default() };
        RegisterBrokerRecord {
            broker_id: id,
            incarnation_id: Uuid::from_bytes([7; 16]),
            broker_epoch: 10,
            end_points: vec![endpoint],
            fenced: true,
            ..RegisterBrokerRecord::default()
        }
    }

    #[test]
    fn clients_are_told_of_somebody_whatever_happens() {
        let mut image = Image::default();
        let named = |image: &Image, me| {
            let all = View::new(image, "L").named(BrokerId::new(me));
            all.iter().map(|address| address.id.get()).collect::<Vec<_>>()
        };
        image.apply(Offset::new(1), &registered(1).into());
        image.apply(Offset::new(2), &registered(2).into());
        assert_eq!((named(&image, 1), named(&image, 2)), (vec![1], vec![2]), "all are fenced");
        image.apply(Offset::new(3), &UnfenceBrokerRecord { id: 2, epoch: 10 }.into());
        assert_eq!((image.fault(), named(&image, 1)), (None, vec![2]));
    }
}
