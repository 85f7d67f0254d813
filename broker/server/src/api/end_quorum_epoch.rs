//! EndQuorumEpoch: a leader of the quorum says that it leads no longer (KIP-595).

use std::sync::Arc;

use broker_protocol::messages::{EndQuorumEpochRequest, EndQuorumEpochResponse};

use super::members::{self, Answers};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: EndQuorumEpochRequest,
) -> EndQuorumEpochResponse {
    let (id, me) = (broker.cluster_id(), broker.quorum_key());
    let asked = || Ok(wire::end_epoch::read_request(id, me, &request)?.into());
    let answers = Answers { response: wire::end_epoch::response, refused: wire::end_epoch::refused };
    members::answer(broker, context, asked, answers).await
}
