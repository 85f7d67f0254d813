//! ControllerRegistration: a controller makes itself known to the active one (KIP-919).

use std::sync::Arc;

use broker_controller::{RegisterController, Request, Response};
use broker_metadata::{Endpoint, FeatureRange};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ControllerRegistrationRequest, ControllerRegistrationResponse,
        controller_registration_request::{Feature, Listener},
    },
};
use broker_types::{BrokerId, IncarnationId};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// How long the registration may take to be committed.
const PATIENCE_MS: i32 = 30_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ControllerRegistrationRequest,
) -> ControllerRegistrationResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return answer(denied);
    }
    let Some(registration) = domain(request) else { return answer(ErrorCode::InvalidRequest) };
    match broker.quorum().ask(Request::RegisterController(registration), PATIENCE_MS).await {
        Ok(Response::RegisterController) => answer(ErrorCode::None),
        Ok(_) => answer(ErrorCode::UnknownServerError),
        Err(error) => answer(error.code()),
    }
}

fn answer(code: ErrorCode) -> ControllerRegistrationResponse {
    let error_message = (code != ErrorCode::None).then(|| Str::from(code.message()));
    ControllerRegistrationResponse {
        error_code: code.code(),
        error_message,
        ..ControllerRegistrationResponse::default()
    }
}

fn domain(request: ControllerRegistrationRequest) -> Option<RegisterController> {
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
    Some(RegisterController {
        controller: BrokerId::from_wire(request.controller_id)?,
        incarnation: IncarnationId::new(request.incarnation_id),
        endpoints: request.listeners.into_iter().map(endpoint).collect(),
        features: request.features.into_iter().map(feature).collect(),
    })
}
