//! Producer ids, handed out one by one from blocks that the controller gives (KIP-730).

use broker_controller::{AllocateProducerIds, Request, Response};
use broker_types::ProducerId;
use tokio::sync::Mutex;

use crate::broker::Broker;

/// How long the controller may take over a block.
const BLOCK_TIMEOUT_MS: i32 = 5_000;

/// What is left of the present block.
#[derive(Debug, Default)]
pub(crate) struct ProducerIds {
    left: Mutex<std::ops::Range<i64>>,
}

impl ProducerIds {
    /// The next id; asks for a new block when the present one is used up. `None` while no block can be had.
    pub(crate) async fn next(&self, broker: &Broker) -> Option<ProducerId> {
        // Held over the request on purpose: one block serves all that wait here. It is a lock of tokio's.
        let mut left = self.left.lock().await;
        if left.is_empty() {
            let epoch = broker.broker_epoch()?;
            let allocate = Request::AllocateProducerIds(AllocateProducerIds { broker: broker.id(), epoch });
            match broker.quorum().ask(allocate, BLOCK_TIMEOUT_MS).await {
                Ok(Response::AllocateProducerIds(Ok(block))) => {
                    let first = block.first.get();
                    *left = first..first.saturating_add(i64::from(block.length));
                }
                Ok(other) => {
                    tracing::warn!(answer = ?other, "no block of producer ids");
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, "no block of producer ids");
                    return None;
                }
            }
        }
        left.next().map(ProducerId::new)
    }
}
