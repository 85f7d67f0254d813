//! RemoveRaftVoter: a voter shall vote no longer (KIP-853). The leader may remove itself: it leads until that is committed.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{RemoveRaftVoterRequest, RemoveRaftVoterResponse},
};
use broker_raft::VoterRequest;

use super::raft_voters::{self, Refused};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: RemoveRaftVoterRequest,
) -> RemoveRaftVoterResponse {
    match remove(broker, context, &request).await {
        Ok(()) => RemoveRaftVoterResponse::default(),
        Err(Refused { code, message }) => {
            RemoveRaftVoterResponse { error_code: code.code(), error_message: message, ..Default::default() }
        }
    }
}

async fn remove(
    broker: &Broker,
    context: &RequestContext,
    request: &RemoveRaftVoterRequest,
) -> Result<(), Refused> {
    raft_voters::leading(broker, context, request.cluster_id.as_ref()).await?;
    let Some(voter) = wire::voters::read_remove(request) else {
        let message = "Remove voter request didn't include a valid voter";
        return Err(Refused::new(ErrorCode::InvalidRequest, message));
    };
    let timeout = broker.settings().quorum_timing().request_timeout;
    raft_voters::change(broker, voter, VoterRequest::Remove { voter, timeout }).await
}
