//! What the members of the quorum ask one another: only a member may, and the quorum's machine answers.

use broker_protocol::ErrorCode;
use broker_raft::Request;

use crate::{
    authorizer::Operation,
    broker::Broker,
    context::RequestContext,
    quorum::wire::{NodeAddress, Reply, Unusable},
};

/// What a message asks.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) request: Request,
    /// How many bytes of records it wants at most.
    pub(super) max_bytes: u32,
    /// Where the leader is that asks.
    pub(super) leader: Option<NodeAddress>,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Self {
        Self { request, max_bytes: 0, leader: None }
    }
}

/// How a message is answered: by what the machine says, or by an error of the whole.
#[derive(Debug)]
pub(super) struct Answers<T> {
    pub(super) response: fn(&Reply) -> T,
    pub(super) refused: fn(ErrorCode) -> T,
}

/// Has the quorum's machine answer what a message asks.
pub(super) async fn answer<T>(
    broker: &Broker,
    context: &RequestContext,
    asked: impl FnOnce() -> Result<Asked, Unusable>,
    answers: Answers<T>,
) -> T {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return (answers.refused)(denied);
    }
    let Asked { request, max_bytes, leader } = match asked() {
        Ok(asked) => asked,
        Err(unusable) => return (answers.refused)(unusable.code()),
    };
    match broker.quorum().receive(request, max_bytes, leader, &context.listener).await {
        Some(reply) => (answers.response)(&reply),
        None => (answers.refused)(ErrorCode::BrokerNotAvailable),
    }
}
