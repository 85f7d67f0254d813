//! DescribeCluster: who is in the cluster (KIP-700, KIP-919, KIP-1073).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeClusterRequest, DescribeClusterResponse, describe_cluster_response::DescribeClusterBroker,
    },
};

use crate::{authorizer::authorized_operations, broker::Broker, context::RequestContext, view::View};

const BROKERS: i8 = 1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    if request.endpoint_type != BROKERS {
        let (error, message) = match request.endpoint_type {
            2 => {
                (ErrorCode::MismatchedEndpointType, "The request was sent to an endpoint of the wrong type.")
            }
            _ => (ErrorCode::UnsupportedEndpointType, "Unsupported endpoint type"),
        };
        return DescribeClusterResponse {
            error_code: error.code(),
            error_message: Some(Str::from(message)),
            endpoint_type: request.endpoint_type,
            ..Default::default()
        };
    }
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
        cluster_authorized_operations: if request.include_cluster_authorized_operations {
            authorized_operations::CLUSTER
        } else {
            authorized_operations::NOT_ASKED
        },
        ..DescribeClusterResponse::default()
    }
}
