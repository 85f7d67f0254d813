//! UpdateRaftVoter: a voter tells the quorum's leader where it is reached now, and what it speaks (KIP-853).

use std::sync::Arc;

use broker_protocol::messages::{UpdateRaftVoterRequest, UpdateRaftVoterResponse};
use broker_raft::Request;

use super::members::{self, Answers};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: UpdateRaftVoterRequest,
) -> UpdateRaftVoterResponse {
    let listener = broker.settings().controller_listener();
    let asked = || {
        let update = wire::voters::read_update(broker.cluster_id(), listener, &request)?;
        Ok(Request::Voters(update).into())
    };
    let answers = Answers { response: wire::voters::update_response, refused: wire::voters::update_refused };
    members::answer(broker, context, asked, answers).await
}
