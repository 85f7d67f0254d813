//! Appends that wait for other replicas, and the answer that tells of them.

use std::{fmt, sync::Arc};

use broker_protocol::{ApiKey, messages::ProduceResponse};
use broker_replication::ProduceFailure;
use broker_types::Mono;

use super::transactional::Place;
use crate::{
    broker::Broker,
    errors,
    partition::{Partition, Reply},
};

/// A request whose batches are all appended or refused, and of which some are not on enough replicas yet.
pub(crate) struct Committing {
    broker: Arc<Broker>,
    received: Mono,
    response: ProduceResponse,
    uncommitted: Vec<Uncommitted>,
}

/// An append that waits for other replicas.
pub(super) struct Uncommitted {
    /// Which topic and which partition of the answer it is.
    pub(super) place: Place,
    pub(super) partition: Arc<Partition>,
    pub(super) commit_by: Mono,
    pub(super) reply: Reply<Result<(), ProduceFailure>>,
}

impl Committing {
    pub(super) fn new(
        broker: &Arc<Broker>,
        received: Mono,
        response: ProduceResponse,
        uncommitted: Vec<Uncommitted>,
    ) -> Self {
        Self { broker: Arc::clone(broker), received, response, uncommitted }
    }

    /// The answer, when every batch is committed, late or lost.
    pub(crate) async fn finish(self) -> ProduceResponse {
        let Self { broker, received, mut response, uncommitted } = self;
        for one in uncommitted {
            let (topic, partition) = one.place;
            if let Err(failure) = one.wait(&broker).await
                && let Some(told) = response
                    .responses
                    .get_mut(topic)
                    .and_then(|topic| topic.partition_responses.get_mut(partition))
            {
                told.error_code = errors::of_produce(&failure.into()).code();
            }
        }
        broker.metrics().answered(ApiKey::Produce, broker.clock().mono().since(received));
        response
    }
}

impl fmt::Debug for Committing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committing").field("response", &self.response).finish_non_exhaustive()
    }
}

impl Uncommitted {
    async fn wait(self, broker: &Broker) -> Result<(), ProduceFailure> {
        let is_late = || self.partition.tick(broker.clock().now());
        let outcome = self.reply.before(broker.clock().instant_of(self.commit_by), is_late).await;
        outcome.unwrap_or(Err(ProduceFailure::NotLeader))
    }
}
