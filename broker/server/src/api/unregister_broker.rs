//! UnregisterBroker: a broker that is gone for good is forgotten (KIP-631).

use std::sync::Arc;

use broker_controller::{Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{UnregisterBrokerRequest, UnregisterBrokerResponse},
};
use broker_types::BrokerId;

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// The request has no timeout of its own.
const PATIENCE_MS: i32 = 30_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: UnregisterBrokerRequest,
) -> UnregisterBrokerResponse {
    if let Err(code) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return refused(code, code.message());
    }
    let id = BrokerId::new(request.broker_id);
    match broker.quorum().ask(Request::UnregisterBroker(id), PATIENCE_MS).await {
        Ok(Response::UnregisterBroker(Ok(()))) => {
            tracing::info!(broker = %id, "a broker is unregistered");
            UnregisterBrokerResponse::default()
        }
        Ok(Response::UnregisterBroker(Err(error))) => refused(error.code(), &error.to_string()),
        Ok(_) => refused(ErrorCode::UnknownServerError, ErrorCode::UnknownServerError.message()),
        Err(error) => refused(error.code(), &error.to_string()),
    }
}

fn refused(code: ErrorCode, message: &str) -> UnregisterBrokerResponse {
    UnregisterBrokerResponse {
        error_code: code.code(),
        error_message: Some(Str::from(message)),
        ..UnregisterBrokerResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use broker_protocol::ApiKey;

    use super::*;
    use crate::testing::{TestBroker, context};

    #[tokio::test]
    async fn a_broker_that_is_not_there_is_not_forgotten() {
        let own = TestBroker::with_topics(&[]).await;
        let context = context(ApiKey::UnregisterBroker, 0);
        for unknown in [7, -1] {
            let request = UnregisterBrokerRequest { broker_id: unknown };
            let text = format!("Broker ID {unknown} is not currently registered");
            let answer = handle(&own.broker, &context, request).await;
            assert_eq!(answer, refused(ErrorCode::BrokerIdNotRegistered, &text));
        }
        let answer = handle(&own.broker, &context, UnregisterBrokerRequest { broker_id: 1 }).await;
        assert_eq!(answer, UnregisterBrokerResponse::default());
    }
}
