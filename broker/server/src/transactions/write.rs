//! The markers of transactions' ends in partitions that are led here. Those of `__consumer_offsets` are the coordinators' of
//! groups to write, who then know which offsets are committed.

use std::{sync::Arc, time::Duration};

use broker_group::{EndTransaction, Request};
use broker_protocol::ErrorCode;
use broker_replication::ProduceFailure;
use broker_types::{Mono, TopicPartition};

use crate::{
    broker::Broker,
    coordinators::{Answer, CoordinatorError},
    errors,
    groups::OFFSETS_TOPIC,
    partition::{Grounds, Partition, Reply, TransactionEnd},
};

/// The end of a transaction in some partitions.
#[derive(Clone, Debug)]
pub(crate) struct EndAt {
    pub(crate) end: TransactionEnd,
    pub(crate) partitions: Vec<TopicPartition>,
}

/// A marker under way.
enum Begun {
    /// It could not be written.
    Refused(ErrorCode),
    /// It is in the log, and waits for the replicas.
    Appended(Arc<Partition>, Reply<Result<(), ProduceFailure>>),
    /// The group coordinator has it.
    OfGroups(Answer<broker_group::GroupCoordinator>),
}

/// Writes markers; waits until enough replicas have them. Gives the outcome of each partition, in order.
pub(crate) async fn write(broker: &Broker, ends: &[EndAt], timeout: Duration) -> Vec<Vec<ErrorCode>> {
    let now = broker.clock().now();
    let commit_by = now.mono.plus(timeout);
    let mut begun = Vec::with_capacity(ends.len());
    let mut unflushed = Vec::new();
    for EndAt { end, partitions } in ends {
        let mut own = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let one = begin(broker, end, partition, commit_by).await.unwrap_or_else(Begun::Refused);
            if let Begun::Appended(partition, _) = &one
                && partition.settings().log.flush_messages.is_some()
            {
                unflushed.push(Arc::clone(partition));
            }
            own.push(one);
        }
        begun.push(own);
    }
    broker.flush_before_answer(unflushed).await;
    let mut outcomes = Vec::with_capacity(begun.len());
    for own in begun {
        let mut codes = Vec::with_capacity(own.len());
        for one in own {
            codes.push(one.outcome(broker, commit_by).await);
        }
        outcomes.push(codes);
    }
    outcomes
}

async fn begin(
    broker: &Broker,
    end: &TransactionEnd,
    TopicPartition { topic, partition: index }: &TopicPartition,
    commit_by: Mono,
) -> Result<Begun, ErrorCode> {
    let found = broker.partitions().topic(topic.as_str()).and_then(|topic| topic.partition(*index));
    let partition = found.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if topic.as_str() != OFFSETS_TOPIC {
        let reply = partition.end_transaction(end, broker.clock().now(), commit_by);
        return match reply {
            Ok(reply) => Ok(Begun::Appended(partition, reply)),
            Err(error) => Err(errors::of_produce(&error)),
        };
    }
    let checked = partition.check_end(end).map_err(|error| errors::of_fetch(&error))?;
    checked.map_err(|error| errors::of_producer(&error))?;
    let request = Request::EndTransaction(EndTransaction {
        producer: end.producer,
        coordinator_epoch: end.coordinator_epoch,
        result: end.result,
    });
    let grounds = Grounds { marker_version: end.version, ..Grounds::default() };
    Ok(Begun::OfGroups(broker.groups.send(*index, request, grounds).await.map_err(of_groups)?))
}

impl Begun {
    async fn outcome(self, broker: &Broker, commit_by: Mono) -> ErrorCode {
        match self {
            Self::Refused(error) => error,
            Self::Appended(partition, reply) => {
                let is_late = || partition.tick(broker.clock().now());
                let outcome = reply.before(broker.clock().instant_of(commit_by), is_late).await;
                match outcome.unwrap_or(Err(ProduceFailure::NotLeader)) {
                    Ok(()) => ErrorCode::None,
                    Err(failure) => errors::of_produce(&failure.into()),
                }
            }
            Self::OfGroups(answer) => match answer.get().await {
                Ok(_) => ErrorCode::None,
                Err(error) => of_groups(error),
            },
        }
    }
}

/// A coordinator of transactions knows leaders only: it tries again.
const fn of_groups(error: CoordinatorError) -> ErrorCode {
    match error {
        CoordinatorError::NotHere | CoordinatorError::Loading | CoordinatorError::Unavailable => {
            ErrorCode::NotLeaderOrFollower
        }
        CoordinatorError::TooLarge => ErrorCode::UnknownServerError,
    }
}
