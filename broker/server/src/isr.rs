//! In-sync replicas as this broker's leaders propose them, taken to the controller: all that is proposed meanwhile goes
//! into one AlterPartition request a round trip (KIP-497).
//!
//! Invariants: one request at a time; of one partition at most one proposal waits, the newest, so the queue is never
//! longer than there are partitions; a proposal that nobody answered is sent again, unless the partition made another.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use broker_protocol::{
    ErrorCode,
    messages::{
        AlterPartitionRequest, AlterPartitionResponse,
        alter_partition_request::{BrokerState, PartitionData, TopicData},
        alter_partition_response,
    },
};
use broker_replication::IsrAnswer;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Now, PartitionEpoch, PartitionId, TopicId};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;

/// Between two attempts after a failure, as Kafka's.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The way to the active controller.
pub(crate) trait ControllerChannel: Send + Sync + 'static {
    /// Sends an AlterPartition request to the active controller and gives its answer.
    ///
    /// # Errors
    /// When no controller answered in time; whether the request was carried out is unknown then.
    fn alter_partition(
        &self,
        request: AlterPartitionRequest,
    ) -> impl Future<Output = Result<AlterPartitionResponse, NoController>> + Send;
}

/// No controller answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no controller answered: {0}")]
pub(crate) struct NoController(pub(crate) String);

/// An ISR that a leader proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) partition_epoch: PartitionEpoch,
    /// Each with the registration that the leader saw (KIP-903).
    pub(crate) isr: Vec<(BrokerId, Option<BrokerEpoch>)>,
}

/// Proposals that wait for the next request.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

pub(crate) type Waiting = BTreeMap<(TopicId, PartitionId), Proposal>;

impl Proposals {
    /// Takes a partition's proposal; it replaces one that waits.
    pub(crate) fn put(&self, topic: TopicId, partition: PartitionId, proposal: Proposal) {
        self.waiting.lock().insert((topic, partition), proposal);
        self.changed.notify_one();
    }

    pub(crate) fn take(&self) -> Waiting {
        std::mem::take(&mut self.waiting.lock())
    }

    /// Puts back what was not answered, where nothing newer waits.
    fn put_back(&self, proposals: Waiting) {
        let mut waiting = self.waiting.lock();
        for (key, proposal) in proposals {
            waiting.entry(key).or_insert(proposal);
        }
        self.changed.notify_one();
    }
}

/// Takes proposals to the controller until the broker drains, and lets time pass for the leaders, which put out who lags.
pub(crate) async fn run(broker: Arc<Broker>, channel: impl ControllerChannel, draining: CancellationToken) {
    let proposals = Arc::clone(broker.partitions().proposals());
    // Twice as often as the machines look.
    let look = (broker.settings().config.replication.lag_time_max / 4).max(Duration::from_millis(100));
    let mut looks = tokio::time::interval(look);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let is_time = tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = proposals.changed.notified() => false,
            _ = looks.tick() => true,
        };
        if is_time {
            let now = broker.clock().now();
            broker.partitions().all().iter().for_each(|partition| partition.tick(now));
        }
        let proposed = proposals.take();
        if proposed.is_empty() {
            continue;
        }
        let answered = tokio::select! {
            biased;
            () = draining.cancelled() => return,
            answered = propose(&broker, &channel, &proposed) => answered,
        };
        let unanswered = take_in(&broker, broker.clock().now(), proposed, answered);
        if !unanswered.is_empty() {
            tokio::time::sleep(RETRY_PAUSE).await;
            proposals.put_back(unanswered);
        }
    }
}

async fn propose(
    broker: &Broker,
    channel: &impl ControllerChannel,
    proposed: &Waiting,
) -> Result<AlterPartitionResponse, NoController> {
    let Some(epoch) = broker.broker_epoch() else {
        return Err(NoController("this broker is not registered yet".to_owned()));
    };
    channel.alter_partition(request(broker.id(), epoch, proposed)).await
}

/// One request for all.
fn request(me: BrokerId, epoch: BrokerEpoch, proposed: &Waiting) -> AlterPartitionRequest {
    let mut topics: Vec<TopicData> = Vec::new();
    for ((topic, partition), proposal) in proposed {
        if topics.last().is_none_or(|last| last.topic_id != topic.uuid()) {
            topics.push(TopicData { topic_id: topic.uuid(), ..TopicData::default() });
        }
        let member = |(id, seen): &(BrokerId, Option<BrokerEpoch>)| BrokerState {
            broker_id: id.get(),
            broker_epoch: if *id == me { epoch.get() } else { seen.map_or(-1, BrokerEpoch::get) },
        };
        let data = PartitionData {
            partition_index: partition.get(),
            leader_epoch: proposal.epoch.get(),
            new_isr_with_epochs: proposal.isr.iter().map(member).collect(),
            partition_epoch: proposal.partition_epoch.get(),
            ..PartitionData::default()
        };
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(data);
        }
    }
    AlterPartitionRequest { broker_id: me.get(), broker_epoch: epoch.get(), topics }
}

/// Tells the partitions what became of their proposals; gives those that nobody answered.
fn take_in(
    broker: &Broker,
    now: Now,
    mut proposed: Waiting,
    answered: Result<AlterPartitionResponse, NoController>,
) -> Waiting {
    let response = match answered {
        Ok(response) if response.error_code == 0 => response,
        Ok(response) => {
            let error = ErrorCode::from_code(response.error_code).map_or("unknown", ErrorCode::name);
            tracing::debug!(error, "the controller took no proposal of in-sync replicas");
            return proposed;
        }
        Err(error) => {
            tracing::debug!(%error, "in-sync replicas are proposed again");
            return proposed;
        }
    };
    for topic in &response.topics {
        let Some(id) = TopicId::from_wire(topic.topic_id) else { continue };
        let hosted = broker.partitions().topic_by_id(id);
        for data in &topic.partitions {
            let index = PartitionId::new(data.partition_index);
            let Some(proposal) = proposed.get(&(id, index)) else { continue };
            let Some(answer) = answer(proposal, data) else { continue };
            if let Some(partition) = hosted.as_ref().and_then(|hosted| hosted.partition(index)) {
                tracing::info!(partition = %partition.id(), ?answer, "in-sync replicas");
                partition.isr_answered(now, proposal.epoch, answer);
            }
            proposed.remove(&(id, index));
        }
    }
    proposed
}

/// What an answer says to the leader; `None`: try again.
fn answer(proposal: &Proposal, data: &alter_partition_response::PartitionData) -> Option<IsrAnswer> {
    match ErrorCode::from_code(data.error_code) {
        Some(ErrorCode::None) if data.leader_epoch != proposal.epoch.get() => Some(IsrAnswer::Overtaken),
        Some(ErrorCode::None) => Some(IsrAnswer::Accepted {
            isr: data.isr.iter().map(|id| BrokerId::new(*id)).collect(),
            partition_epoch: PartitionEpoch::new(data.partition_epoch),
        }),
        Some(ErrorCode::OperationNotAttempted | ErrorCode::IneligibleReplica) => Some(IsrAnswer::Refused),
        // The controller knows the partition otherwise, and the metadata will tell how.
        Some(
            ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::InvalidUpdateVersion
            | ErrorCode::InvalidRequest
            | ErrorCode::NewLeaderElected,
        ) => Some(IsrAnswer::Overtaken),
        _ => None,
    }
}
