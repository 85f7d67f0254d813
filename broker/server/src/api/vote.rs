//! Vote: a candidate asks for this voter's vote, or whether it would have it (KIP-595, KIP-996).

use std::sync::Arc;

use broker_protocol::messages::{VoteRequest, VoteResponse};
use broker_raft::Request;

use super::members::{self, Answers};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: VoteRequest,
) -> VoteResponse {
    let asked = || Ok(Request::Vote(wire::vote::read_request(broker.cluster_id(), &request)?).into());
    let answers = Answers { response: wire::vote::response, refused: wire::vote::refused };
    members::answer(broker, context, asked, answers).await
}
