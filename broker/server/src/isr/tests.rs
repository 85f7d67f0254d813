use std::sync::atomic::{AtomicUsize, Ordering};

use broker_protocol::messages::alter_partition_response;
use broker_replication::Peer;
use broker_types::{Offset, Uuid};

use super::*;
use crate::{
    partition::{Lead, ReplicaRead},
    testing::TestBroker,
};

fn topic(id: u8) -> TopicId {
    TopicId::new(Uuid::from_bytes([id; 16]))
}

fn proposal(partition_epoch: i32) -> Proposal {
    let member = |id: i32, epoch| (BrokerId::new(id), epoch);
    Proposal {
        epoch: LeaderEpoch::new(5),
        partition_epoch: PartitionEpoch::new(partition_epoch),
        isr: vec![member(1, None), member(2, Some(BrokerEpoch::new(102))), member(3, None)],
    }
}

#[test]
fn one_request_has_all_proposals_and_this_brokers_own_epoch() {
    let proposals = Proposals::default();
    proposals.put(topic(1), PartitionId::new(4), proposal(7));
    proposals.put(topic(2), PartitionId::new(0), proposal(8));
    proposals.put(topic(1), PartitionId::new(0), proposal(9));
    let request = request(BrokerId::new(1), BrokerEpoch::new(50), &proposals.take());
    assert_eq!((request.broker_id, request.broker_epoch), (1, 50));
    let shape: Vec<_> = request
        .topics
        .iter()
        .map(|topic| topic.partitions.iter().map(|one| (one.partition_index, one.partition_epoch)).collect())
        .collect::<Vec<Vec<_>>>();
    assert_eq!(shape, [vec![(0, 9), (4, 7)], vec![(0, 8)]]);
    let isr = &request.topics[0].partitions[0].new_isr_with_epochs;
    let isr: Vec<_> = isr.iter().map(|member| (member.broker_id, member.broker_epoch)).collect();
    assert_eq!(isr, [(1, 50), (2, 102), (3, -1)]);
}

#[test]
fn what_nobody_answered_yields_to_what_is_newer() {
    let proposals = Proposals::default();
    let key = (topic(1), PartitionId::new(0));
    proposals.put(key.0, key.1, proposal(7));
    let unanswered = proposals.take();
    proposals.put(key.0, key.1, proposal(8));
    proposals.put_back(unanswered);
    assert_eq!(proposals.take().get(&key), Some(&proposal(8)));
}

#[test]
fn answers_mean_what_they_mean_to_kafka() {
    let data = |error: ErrorCode, leader_epoch| alter_partition_response::PartitionData {
        error_code: error.code(),
        leader_epoch,
        isr: vec![1, 2],
        partition_epoch: 8,
        ..alter_partition_response::PartitionData::default()
    };
    let accepted = IsrAnswer::Accepted {
        isr: [BrokerId::new(1), BrokerId::new(2)].into(),
        partition_epoch: PartitionEpoch::new(8),
    };
    assert_eq!(answer(&proposal(7), &data(ErrorCode::None, 5)), Some(accepted));
    assert_eq!(answer(&proposal(7), &data(ErrorCode::None, 6)), Some(IsrAnswer::Overtaken));
    for error in [ErrorCode::IneligibleReplica, ErrorCode::OperationNotAttempted] {
        assert_eq!(answer(&proposal(7), &data(error, -1)), Some(IsrAnswer::Refused));
    }
    for error in [ErrorCode::FencedLeaderEpoch, ErrorCode::InvalidUpdateVersion, ErrorCode::NewLeaderElected]
    {
        assert_eq!(answer(&proposal(7), &data(error, -1)), Some(IsrAnswer::Overtaken));
    }
    assert_eq!(answer(&proposal(7), &data(ErrorCode::UnknownServerError, -1)), None);
}

/// Fails once, then accepts everything.
#[derive(Clone, Default)]
struct Controller(Arc<AtomicUsize>);

impl ControllerChannel for Controller {
    async fn alter_partition(
        &self,
        request: AlterPartitionRequest,
    ) -> Result<AlterPartitionResponse, NoController> {
        if self.0.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(NoController("an election is under way".to_owned()));
        }
        let accepted = |asked: &PartitionData| alter_partition_response::PartitionData {
            partition_index: asked.partition_index,
            leader_epoch: asked.leader_epoch,
            isr: asked.new_isr_with_epochs.iter().map(|member| member.broker_id).collect(),
            partition_epoch: asked.partition_epoch + 1,
            ..alter_partition_response::PartitionData::default()
        };
        let topics = request.topics.iter().map(|topic| alter_partition_response::TopicData {
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(accepted).collect(),
        });
        Ok(AlterPartitionResponse { topics: topics.collect(), ..AlterPartitionResponse::default() })
    }
}

#[tokio::test]
async fn a_proposal_is_sent_until_it_is_answered() {
    let test = TestBroker::with_topics(&["a"]).await;
    let (partition, now) = (test.partition("a"), test.broker.clock().now());
    let (two, seen) = (BrokerId::new(2), Some(BrokerEpoch::new(102)));
    let epoch = LeaderEpoch::new(6);
    partition.lead(
        now,
        Lead {
            epoch,
            partition_epoch: PartitionEpoch::new(9),
            isr: [BrokerId::new(1)].into(),
            peers: vec![Peer { broker: two, eligible: seen }],
        },
    );
    let at = broker_replication::FollowerPosition {
        broker: two,
        broker_epoch: seen,
        log_end: Offset::ZERO,
        log_start: Offset::ZERO,
    };
    let read = ReplicaRead {
        at,
        known_epoch: Some(epoch),
        last_fetched_epoch: None,
        bytes_max: 1024,
        min_one: true,
        is_new: true,
        is_throttled: false,
    };
    partition.plan_replica_read(now, &read).unwrap();
    let controller = Controller::default();
    let draining = test.broker.tasks().draining();
    let running = run(Arc::clone(&test.broker), controller.clone(), draining);
    test.broker.tasks().spawn(crate::tasks::TaskKind::Upkeep, running);
    while partition.isr() != [BrokerId::new(1), two] {
        tokio::task::yield_now().await;
    }
    assert_eq!(controller.0.load(Ordering::Relaxed), 2);
}
