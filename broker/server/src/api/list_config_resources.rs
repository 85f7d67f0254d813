//! ListConfigResources: what has configs, by type (KIP-1142); version 0 asks for client metrics only (KIP-714).

use std::sync::Arc;

use broker_metadata::ConfigResourceType;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ListConfigResourcesRequest, ListConfigResourcesResponse,
        list_config_resources_response::ConfigResource,
    },
};

use super::config_changes::BROKER_LOGGER;
use crate::{authorizer::Operation, broker::Broker, context::RequestContext, view::View};

const TOPIC: i8 = ConfigResourceType::Topic.code();
const BROKER: i8 = ConfigResourceType::Broker.code();
const CLIENT_METRICS: i8 = ConfigResourceType::ClientMetrics.code();
const GROUP: i8 = ConfigResourceType::Group.code();
/// Every type that can be asked for: all of them are meant by an empty list.
const ALL: [i8; 5] = [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP];

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let refused = |error: ErrorCode| ListConfigResourcesResponse {
        error_code: error.code(),
        ..ListConfigResourcesResponse::default()
    };
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::DescribeConfigs) {
        return refused(denied);
    }
    let Some(kinds) = kinds(context.api_version, &request.resource_types) else {
        return refused(ErrorCode::UnsupportedVersion);
    };
    let image = broker.image();
    let mut found = Vec::new();
    for kind in kinds {
        let names: Vec<Str> = match kind {
            TOPIC => image.topics().by_name().keys().map(|name| Str::from(name.as_str())).collect(),
            BROKER | BROKER_LOGGER => View::new(&image, context.listener.as_str())
                .brokers()
                .map(|address| Str::from(address.id.to_string()))
                .collect(),
            _ => image
                .configs()
                .by_resource()
                .keys()
                .filter(|resource| resource.kind.code() == kind)
                .map(|resource| resource.name.clone())
                .collect(),
        };
        found.extend(
            names.into_iter().map(|name| ConfigResource { resource_name: name, resource_type: kind }),
        );
    }
    ListConfigResourcesResponse { config_resources: found, ..ListConfigResourcesResponse::default() }
}

/// The types that are meant, each once; `None` when one is unknown.
fn kinds(version: i16, asked: &[i8]) -> Option<Vec<i8>> {
    if version == 0 {
        return Some(vec![CLIENT_METRICS]);
    }
    if asked.iter().any(|kind| !ALL.contains(kind)) {
        return None;
    }
    Some(ALL.into_iter().filter(|kind| asked.is_empty() || asked.contains(kind)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_asks_for_client_metrics() {
        assert_eq!(kinds(0, &[]), Some(vec![CLIENT_METRICS]));
    }

    #[test]
    fn no_type_means_all_and_an_unknown_one_is_refused() {
        assert_eq!(kinds(1, &[]), Some(ALL.to_vec()));
        assert_eq!(kinds(1, &[GROUP, TOPIC, GROUP]), Some(vec![TOPIC, GROUP]));
        assert_eq!(kinds(1, &[TOPIC, 3]), None);
    }
}
