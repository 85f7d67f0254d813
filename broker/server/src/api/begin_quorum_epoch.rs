//! BeginQuorumEpoch: a new leader of the quorum says that it leads (KIP-595, KIP-853).

use std::sync::Arc;

use broker_protocol::messages::{BeginQuorumEpochRequest, BeginQuorumEpochResponse};

use super::members::{self, Answers, Asked};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: BeginQuorumEpochRequest,
) -> BeginQuorumEpochResponse {
    let asked = || {
        let (id, me) = (broker.cluster_id(), (broker.quorum_key(), broker.settings().controller_listener()));
        let (begin, leader) = wire::begin_epoch::read_request(id, me, &request)?;
        Ok(Asked { leader, ..begin.into() })
    };
    let answers = Answers { response: wire::begin_epoch::response, refused: wire::begin_epoch::refused };
    members::answer(broker, context, asked, answers).await
}
