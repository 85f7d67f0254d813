//! DescribeCluster: who is in the cluster (KIP-700, KIP-919, KIP-1073).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Listener, Str,
    messages::{
        DescribeClusterRequest, DescribeClusterResponse, describe_cluster_response::DescribeClusterBroker,
    },
};

use broker_types::BrokerId;

use crate::{
    authorizer::{NOT_ASKED, Operation},
    broker::Broker,
    context::RequestContext,
    view::View,
};

/// Since this version either type of endpoint can be asked for (KIP-919).
const ENDPOINTS_SINCE: i16 = 1;
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    match (request.endpoint_type, context.role) {
        (BROKERS, Listener::Broker) => of_brokers(broker, context, &request),
        (CONTROLLERS, Listener::Controller) => {
            // Unlike brokers, controllers ask for more than to be seen.
            if let Err(code) = broker.authorizer().on_cluster(context, Operation::Alter) {
                return refused(code, code.message());
            }
            of_controllers(broker, context, &request).await
        }
        (asked @ (BROKERS | CONTROLLERS), _) => mismatched(context, asked),
        (other, _) => {
            let text = format!("Unsupported endpoint type {other}");
            refused(ErrorCode::UnsupportedEndpointType, &text)
        }
    }
}

/// Brokers are asked of a controller, or the other way. Below the version that can ask for either that is a request that
/// makes no sense.
fn mismatched(context: &RequestContext, asked: i8) -> DescribeClusterResponse {
    let (sent, wanted) = if asked == BROKERS { ("CONTROLLER", "BROKER") } else { ("BROKER", "CONTROLLER") };
    let code = if context.api_version >= ENDPOINTS_SINCE {
        ErrorCode::MismatchedEndpointType
    } else {
        ErrorCode::InvalidRequest
    };
    let text = format!(
        "The request was sent to an endpoint of type {sent}, but we wanted an endpoint of type {wanted}"
    );
    refused(code, &text)
}

/// Whatever was asked for, an error tells the type of brokers.
fn refused(error: ErrorCode, message: &str) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(Str::from(message)),
        endpoint_type: BROKERS,
        ..DescribeClusterResponse::default()
    }
}

/// The controllers, as the voter set says where they are.
async fn of_controllers(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let voters = broker.quorum().voters().await.unwrap_or_default();
    let controllers = voters.iter().filter_map(|voter| {
        let at = voter.endpoints.first()?;
        Some(DescribeClusterBroker {
            broker_id: voter.key.id.get(),
            host: at.host.clone(),
            port: i32::from(at.port),
            rack: None,
            is_fenced: false,
        })
    });
    DescribeClusterResponse {
        endpoint_type: CONTROLLERS,
        cluster_id: Str::from(broker.cluster_id().as_str()),
        controller_id: broker.controllers().active().map_or(-1, BrokerId::get),
        brokers: controllers.collect(),
        cluster_authorized_operations: operations(broker, context, request),
        ..DescribeClusterResponse::default()
    }
}

fn operations(broker: &Broker, context: &RequestContext, request: &DescribeClusterRequest) -> i32 {
    if request.include_cluster_authorized_operations {
        broker.authorizer().cluster_operations(context)
    } else {
        NOT_ASKED
    }
}

fn of_brokers(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let image = broker.image();
    let view = View::new(&image, context.listener.as_str());
    let addresses = view.registered().filter(|address| request.include_fenced_brokers || !address.is_fenced);
    DescribeClusterResponse {
        endpoint_type: BROKERS,
        cluster_id: Str::from(broker.cluster_id().as_str()),
        controller_id: broker.id().get(),
        brokers: addresses
            .map(|address| DescribeClusterBroker {
                broker_id: address.id.get(),
                host: address.host,
                port: i32::from(address.port),
                rack: address.rack,
                is_fenced: address.is_fenced,
            })
            .collect(),
        cluster_authorized_operations: operations(broker, context, request),
        ..DescribeClusterResponse::default()
    }
}
