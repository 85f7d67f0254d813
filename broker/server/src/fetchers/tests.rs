//! Two brokers, a real connection between them.

use std::time::Duration;

use broker_config::SecurityProtocol;
use broker_metadata::Image;
use broker_protocol::{
    Str,
    records::metadata::{
        MetadataRecord, PartitionRecord, RegisterBrokerRecord, TopicRecord, UnfenceBrokerRecord,
        register_broker_record::BrokerEndpoint,
    },
};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::{BrokerEpoch, Offset, Uuid};
use tokio::net::TcpListener;

use super::*;
use crate::{
    entrance::Entrance,
    listener::{self, ListenerName},
    partition::{Reply, Sent},
    replicas,
    testing::TestBroker,
    waiters::{Awaits, ParkedFetch},
};

pub(crate) const TOPIC: &str = "shared";

/// Broker 1, which is listened to, and broker 2, which fetches.
pub(crate) struct Pair {
    pub(crate) leader: TestBroker,
    pub(crate) follower: TestBroker,
    pub(crate) port: u16,
}

/// Who leads in which epoch; both are in sync.
pub(crate) struct Led {
    pub(crate) by: i32,
    pub(crate) epoch: i32,
}

impl Pair {
    pub(crate) async fn new() -> Self {
        let (leader, follower) = (TestBroker::of_node(1, &[]).await, TestBroker::of_node(2, &[]).await);
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let broker = &leader.broker;
        let (name, connections) = (Arc::new(ListenerName::new("PLAINTEXT")), broker.connections(false));
        let draining = broker.tasks().draining();
        let accept = listener::accept(
            socket,
            Arc::new(Entrance::new(
                name,
                broker_protocol::Listener::Broker,
                SecurityProtocol::Plaintext,
                None,
            )),
            Arc::clone(broker),
            Arc::clone(connections),
            draining,
        );
        broker.tasks().spawn(TaskKind::Listener, accept);
        let fetchers = run(Arc::clone(&follower.broker), follower.broker.tasks().draining());
        follower.broker.tasks().spawn(TaskKind::Fetcher, fetchers);
        Self { leader, follower, port }
    }

    /// The metadata of both, with a topic of one partition.
    fn image(&self, of: &TestBroker, led: &Led) -> Image {
        let mut image = Image::clone(&of.broker.image());
        let mut records = Vec::new();
        for (id, own) in [(1, &self.leader), (2, &self.follower)] {
            let epoch = own.broker.broker_epoch().map_or(-1, BrokerEpoch::get);
            let end_points = vec![BrokerEndpoint {
                name: Str::from("PLAINTEXT"),
                host: Str::from("127.0.0.1"),
                port: self.port,
                ..BrokerEndpoint::default()
            }];
            records.push(MetadataRecord::from(RegisterBrokerRecord {
                broker_id: id,
                incarnation_id: Uuid::from_bytes([7; 16]),
                broker_epoch: epoch,
                end_points,
                fenced: true,
                ..RegisterBrokerRecord::default()
            }));
            records.push(UnfenceBrokerRecord { id, epoch }.into());
        }
        let topic_id = Uuid::from_bytes([9; 16]);
        if image.topics().find(TOPIC).is_none() {
            records.push(TopicRecord { name: Str::from(TOPIC), topic_id }.into());
        }
        let partition = PartitionRecord {
            partition_id: 0,
            topic_id,
            replicas: vec![1, 2],
            isr: vec![1, 2],
            leader: led.by,
            leader_epoch: led.epoch,
            partition_epoch: led.epoch,
            ..PartitionRecord::default()
        };
        records.push(partition.into());
        let at = image.last_offset().map_or(0, Offset::get);
        for (after, record) in (1..).zip(records) {
            image.apply(Offset::new(at + after), &record);
        }
        assert_eq!(image.fault(), None);
        image
    }

    pub(crate) fn publish(&self, of: &TestBroker, led: &Led) {
        replicas::published(&of.broker, self.image(of, led));
    }

    fn publish_to_all(&self, led: &Led) {
        self.publish(&self.leader, led);
        self.publish(&self.follower, led);
    }
}

/// Appends a record; gives what its producer with acks=all waits for.
fn produce(test: &TestBroker, value: &[u8]) -> Reply<Result<(), broker_replication::ProduceFailure>> {
    let mut batch = BatchBuilder::new(Offset::ZERO);
    batch.append(&NewRecord { value: Some(value), ..NewRecord::default() }).unwrap();
    let now = test.broker.clock().now();
    let commit_by = Some(now.mono.plus(Duration::from_secs(60)));
    let sent = Sent { bytes: &batch.build(), zstd_allowed: true, commit_by, guard: None };
    let partition = test.partition(TOPIC);
    let produced = partition.produce(sent, now, &test.broker.codecs).unwrap();
    partition.tell(produced.news);
    produced.committed
}

async fn committed(test: &TestBroker, reply: Reply<Result<(), broker_replication::ProduceFailure>>) {
    let deadline = test.broker.clock().instant_of(test.broker.clock().mono().plus(Duration::from_secs(30)));
    assert_eq!(reply.before(deadline, || ()).await, Some(Ok(())));
}

/// Waits until the follower knows everything before `offset` to be committed.
async fn until_known(test: &TestBroker, offset: i64) {
    loop {
        let parked = ParkedFetch::default();
        test.partition(TOPIC).park(&parked, 0, Awaits::Committed);
        if test.partition(TOPIC).following().is_some_and(|(_, log)| log.high_watermark.get() >= offset) {
            return;
        }
        parked.woken().await;
    }
}

/// All bytes of the log.
fn log_of(test: &TestBroker) -> Vec<u8> {
    let read = |log: &mut broker_log::Log| {
        log.read(Offset::ZERO, u32::MAX, log.end_offset(), true).unwrap().read_to_vec().unwrap()
    };
    test.partition(TOPIC).care_for_log(read).unwrap()
}

#[tokio::test]
async fn what_a_follower_has_is_committed_and_equal() {
    let pair = Pair::new().await;
    pair.publish_to_all(&Led { by: 1, epoch: 3 });
    for value in [&b"one"[..], b"two", &[7; 200_000]] {
        committed(&pair.leader, produce(&pair.leader, value)).await;
    }
    until_known(&pair.follower, 3).await;
    assert_eq!(log_of(&pair.leader), log_of(&pair.follower));
}

#[tokio::test]
async fn a_deposed_leader_gives_up_what_nobody_else_has() {
    let pair = Pair::new().await;
    // Each believes that it leads: broker 2 in the older epoch.
    pair.publish(&pair.follower, &Led { by: 2, epoch: 3 });
    let uncommitted = [produce(&pair.follower, b"lost"), produce(&pair.follower, b"lost, too")];
    pair.publish_to_all(&Led { by: 1, epoch: 4 });
    committed(&pair.leader, produce(&pair.leader, b"kept")).await;
    until_known(&pair.follower, 1).await;
    assert_eq!(log_of(&pair.leader), log_of(&pair.follower));
    for reply in uncommitted {
        let deadline = pair.follower.broker.clock().instant_of(pair.follower.broker.clock().mono());
        let failure = broker_replication::ProduceFailure::NotLeader;
        assert_eq!(reply.before(deadline, || ()).await, Some(Err(failure)));
    }
}

#[tokio::test]
async fn a_follower_of_a_log_that_starts_later_starts_there() {
    let pair = Pair::new().await;
    pair.publish(&pair.leader, &Led { by: 1, epoch: 3 });
    let restart = |log: &mut broker_log::Log| {
        log.truncate_fully_and_start_at(Offset::new(40), pair.leader.broker.clock().wall()).unwrap();
    };
    pair.leader.partition(TOPIC).care_for_log(restart).unwrap();
    pair.publish_to_all(&Led { by: 1, epoch: 4 });
    committed(&pair.leader, produce(&pair.leader, b"one")).await;
    until_known(&pair.follower, 41).await;
    let (_, log) = pair.follower.partition(TOPIC).following().unwrap();
    assert_eq!((log.start, log.end), (Offset::new(40), Offset::new(41)));
}

#[tokio::test]
async fn a_fetcher_ends_with_its_last_replica_and_comes_again() {
    let pair = Pair::new().await;
    pair.publish_to_all(&Led { by: 1, epoch: 3 });
    committed(&pair.leader, produce(&pair.leader, b"one")).await;
    until_known(&pair.follower, 1).await;
    let fetchers = pair.follower.broker.partitions().fetchers();
    pair.publish(&pair.follower, &Led { by: 2, epoch: 4 });
    assert!(fetchers.table.lock().leaders.is_empty());
    // The fetch under way is answered as the leader hears of its end.
    pair.publish(&pair.leader, &Led { by: 2, epoch: 4 });
    while !fetchers.table.lock().inboxes.is_empty() {
        tokio::task::yield_now().await;
    }
    pair.publish_to_all(&Led { by: 1, epoch: 5 });
    committed(&pair.leader, produce(&pair.leader, b"two")).await;
    until_known(&pair.follower, 2).await;
}
