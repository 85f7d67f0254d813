//! FindCoordinator: which broker coordinates a group or a transactional id.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    coordinators::partition_of,
    groups::OFFSETS_TOPIC,
    transactions::TRANSACTION_TOPIC,
    view::{Address, View},
};

/// Since this version many keys are asked for at once (KIP-699).
const BATCHED_SINCE: i16 = 4;
/// Since this version an answer has a message.
const MESSAGE_SINCE: i16 = 1;
/// What Kafka writes where nothing is wrong.
const NO_ERROR: &str = "NONE";

/// The kinds of keys.
mod kind {
    pub(super) const GROUP: i8 = 0;
    pub(super) const TRANSACTION: i8 = 1;
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    if context.api_version < BATCHED_SINCE {
        let found = find(broker, context, request.key_type, &request.key).await;
        let message = match found.error {
            ErrorCode::None => NO_ERROR,
            error => error.message(),
        };
        return FindCoordinatorResponse {
            error_code: found.error.code(),
            error_message: (context.api_version >= MESSAGE_SINCE).then(|| Str::from_static(message)),
            node_id: found.node,
            host: found.host,
            port: found.port,
            ..FindCoordinatorResponse::default()
        };
    }
    let mut coordinators = Vec::with_capacity(request.coordinator_keys.len());
    for key in request.coordinator_keys {
        let found = find(broker, context, request.key_type, &key).await;
        coordinators.push(Coordinator {
            key,
            node_id: found.node,
            host: found.host,
            port: found.port,
            error_code: found.error.code(),
            error_message: Some(match found.error {
                // A request that is wrong as a whole is told why; what may pass is not.
                error @ ErrorCode::InvalidRequest => Str::from_static(error.message()),
                _ => Str::EMPTY,
            }),
        });
    }
    FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }
}

/// Where one key is coordinated.
struct Found {
    error: ErrorCode,
    node: i32,
    host: Str,
    port: i32,
}

impl From<ErrorCode> for Found {
    fn from(error: ErrorCode) -> Self {
        Self { error, node: -1, host: Str::EMPTY, port: -1 }
    }
}

impl From<Address> for Found {
    fn from(address: Address) -> Self {
        Self {
            error: ErrorCode::None,
            node: address.id.get(),
            host: address.host,
            port: i32::from(address.port),
        }
    }
}

async fn find(broker: &Arc<Broker>, context: &RequestContext, kind: i8, key: &Str) -> Found {
    let (resource, refusal, topic) = match kind {
        kind::GROUP => (Resource::Group(key), ErrorCode::GroupAuthorizationFailed, OFFSETS_TOPIC),
        kind::TRANSACTION => {
            let refusal = ErrorCode::TransactionalIdAuthorizationFailed;
            (Resource::TransactionalId(key), refusal, TRANSACTION_TOPIC)
        }
        _ => return ErrorCode::InvalidRequest.into(),
    };
    if !broker.authorizer().allows(context, Operation::Describe, resource) {
        return refusal.into();
    }
    let image = broker.image();
    let Some(topic) = image.topics().find(topic) else {
        broker.create_with_defaults(vec![Str::from_static(topic)]).await;
        return ErrorCode::CoordinatorNotAvailable.into();
    };
    let partitions = i32::try_from(topic.partitions().size()).unwrap_or(i32::MAX);
    let leader = partition_of(key, partitions)
        .and_then(|index| topic.partition(index))
        .and_then(|partition| partition.leader);
    let address = leader.and_then(|leader| {
        View::new(&image, context.listener.as_str()).brokers().find(|address| address.id == leader)
    });
    address.map_or_else(|| ErrorCode::CoordinatorNotAvailable.into(), Found::from)
}
