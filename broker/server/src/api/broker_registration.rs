//! BrokerRegistration: a broker makes itself known to the active controller (KIP-631).

use std::sync::Arc;

use broker_controller::{RegisterBroker, RegistrationError, Request, Response};
use broker_metadata::{Endpoint, FeatureRange};
use broker_protocol::{
    ErrorCode,
    messages::{
        BrokerRegistrationRequest, BrokerRegistrationResponse,
        broker_registration_request::{Feature, Listener},
    },
};
use broker_types::{BrokerEpoch, BrokerId, ClusterId, DirectoryId, IncarnationId};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// How long the registration may take to be committed.
const PATIENCE_MS: i32 = 30_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: BrokerRegistrationRequest,
) -> BrokerRegistrationResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    let Some(registration) = domain(request) else { return refused(ErrorCode::InvalidRequest) };
    let id = registration.broker;
    match broker.quorum().ask(Request::RegisterBroker(registration), PATIENCE_MS).await {
        Ok(Response::RegisterBroker(Ok(epoch))) => {
            BrokerRegistrationResponse { broker_epoch: epoch.get(), ..BrokerRegistrationResponse::default() }
        }
        Ok(Response::RegisterBroker(Err(error))) => {
            tracing::warn!(broker = %id, %error, "a broker is not registered");
            refused(code(&error))
        }
        Ok(_) => refused(ErrorCode::UnknownServerError),
        Err(error) => refused(error.code()),
    }
}

fn refused(code: ErrorCode) -> BrokerRegistrationResponse {
    BrokerRegistrationResponse {
        error_code: code.code(),
        broker_epoch: -1,
        ..BrokerRegistrationResponse::default()
    }
}

fn code(error: &RegistrationError) -> ErrorCode {
    match error {
        RegistrationError::OtherCluster { .. } => ErrorCode::InconsistentClusterId,
        RegistrationError::Duplicate => ErrorCode::DuplicateBrokerRegistration,
        RegistrationError::UnsupportedFeature { .. } => ErrorCode::UnsupportedVersion,
        RegistrationError::NoDirectory
        | RegistrationError::ReservedDirectory
        | RegistrationError::DuplicateDirectory
        | RegistrationError::ForeignDirectory { .. }
        | RegistrationError::NoMetadataVersion => ErrorCode::InvalidRegistration,
    }
}

fn domain(request: BrokerRegistrationRequest) -> Option<RegisterBroker> {
    let endpoint = |listener: Listener| Endpoint {
        name: listener.name.detached(),
        host: listener.host.detached(),
        port: listener.port,
        security_protocol: listener.security_protocol,
    };
    let feature = |feature: Feature| FeatureRange {
        name: feature.name.detached(),
        min: feature.min_supported_version,
        max: feature.max_supported_version,
    };
    Some(RegisterBroker {
        broker: BrokerId::from_wire(request.broker_id)?,
        cluster: ClusterId::new(&request.cluster_id),
        incarnation: IncarnationId::new(request.incarnation_id),
        endpoints: request.listeners.into_iter().map(endpoint).collect(),
        features: request.features.into_iter().map(feature).collect(),
        rack: request.rack.map(|rack| rack.detached()),
        log_dirs: request.log_dirs.into_iter().map(DirectoryId::new).collect(),
        previous_epoch: (request.previous_broker_epoch >= 0)
            .then(|| BrokerEpoch::new(request.previous_broker_epoch)),
    })
}

#[cfg(test)]
mod tests {
    use broker_protocol::{ApiKey, Str};

    use super::*;
    use crate::testing::{TestBroker, context};

    #[tokio::test]
    async fn a_second_process_with_a_node_id_and_a_broker_of_another_cluster_are_refused() {
        let own = TestBroker::with_topics(&[]).await;
        let request = |id: i32, cluster: &str| BrokerRegistrationRequest {
            broker_id: id,
            cluster_id: Str::from(cluster),
            incarnation_id: broker_types::Uuid::from_bytes([9; 16]),
            log_dirs: vec![broker_types::Uuid::from_bytes([8; 16])],
            features: vec![Feature {
                name: Str::from_static("metadata.version"),
                min_supported_version: 7,
                max_supported_version: 30,
            }],
            ..BrokerRegistrationRequest::default()
        };
        let context = context(ApiKey::BrokerRegistration, 4);
        let ask = |request| handle(&own.broker, &context, request);
        let cluster = own.broker.cluster_id().as_str().to_owned();
        assert_eq!(ask(request(1, &cluster)).await, refused(ErrorCode::DuplicateBrokerRegistration));
        assert_eq!(ask(request(2, "another")).await, refused(ErrorCode::InconsistentClusterId));
        // It has finalized a feature that this one does not name.
        assert_eq!(ask(request(2, &cluster)).await, refused(ErrorCode::UnsupportedVersion));
    }
}
