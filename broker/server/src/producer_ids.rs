//! Producer ids, handed out one by one from blocks that the controller gives (KIP-730).

use broker_controller::{AllocateProducerIds, Request, Response};
use broker_protocol::{ErrorCode, messages::AllocateProducerIdsRequest};
use broker_types::ProducerId;
use tokio::sync::Mutex;

use crate::{
    broker::Broker,
    forward::{self, Route},
};

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
            *left = block(broker).await?;
        }
        left.next().map(ProducerId::new)
    }
}

/// A new block, from the active controller wherever it is.
async fn block(broker: &Broker) -> Option<std::ops::Range<i64>> {
    let epoch = broker.broker_epoch()?;
    let wire = AllocateProducerIdsRequest { broker_id: broker.id().get(), broker_epoch: epoch.get() };
    let (first, length) = match forward::ask(broker, &wire, |answer| error_of(answer.error_code)).await {
        Route::Answered(block) if block.error_code == 0 => (block.producer_id_start, block.producer_id_len),
        Route::Here => {
            let allocate = Request::AllocateProducerIds(AllocateProducerIds { broker: broker.id(), epoch });
            match broker.quorum().ask(allocate, BLOCK_TIMEOUT_MS).await {
                Ok(Response::AllocateProducerIds(Ok(block))) => (block.first.get(), block.length),
                other => {
                    tracing::warn!(answer = ?other, "no block of producer ids");
                    return None;
                }
            }
        }
        other => {
            tracing::warn!(answer = ?other, "no block of producer ids");
            return None;
        }
    };
    Some(first..first.saturating_add(i64::from(length)))
}

fn error_of(code: i16) -> ErrorCode {
    ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError)
}
