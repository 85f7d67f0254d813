//! In-sync replicas that this broker's leaders propose, taken to the active controller wherever it is.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{AlterPartitionRequest, AlterPartitionResponse},
};

use crate::{
    api::alter_partition,
    broker::Broker,
    forward::{self, Route},
    isr::{ControllerChannel, NoController},
};

/// The way of one broker.
#[derive(Debug)]
pub(crate) struct OwnChannel(pub(crate) Arc<Broker>);

impl ControllerChannel for OwnChannel {
    async fn alter_partition(
        &self,
        request: AlterPartitionRequest,
    ) -> Result<AlterPartitionResponse, NoController> {
        let refused = |answer: &AlterPartitionResponse| {
            ErrorCode::from_code(answer.error_code).unwrap_or(ErrorCode::UnknownServerError)
        };
        match forward::ask(&self.0, &request, refused).await {
            Route::Answered(answer) => Ok(answer),
            Route::Here => Ok(alter_partition::decide(&self.0, request).await),
            Route::Unanswered(code) => Err(NoController(code.name().to_owned())),
        }
    }
}
