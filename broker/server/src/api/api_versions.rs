//! ApiVersions: what this broker serves, and which features are in force (KIP-35, KIP-511, KIP-584).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse,
        api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey},
    },
};

use crate::{api, broker::Broker, context::RequestContext, features};

/// Since this version a feature's lowest level may be 0 (KAFKA-17011).
const LEVEL_ZERO_SINCE: i16 = 4;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ApiVersionsRequest,
) -> ApiVersionsResponse {
    if !request.is_named(context.api_version) {
        return ApiVersionsResponse { error_code: ErrorCode::InvalidRequest.code(), ..Default::default() };
    }
    let image = broker.image();
    let supported =
        features::supported().filter(|range| range.min > 0 || context.api_version >= LEVEL_ZERO_SINCE);
    let finalized = features::finalized(&image);
    ApiVersionsResponse {
        api_keys: api::advertised(context.role)
            .map(|(key, versions)| version(key.code(), &versions))
            .collect(),
        supported_features: supported
            .map(|range| SupportedFeatureKey {
                name: range.name,
                min_version: range.min,
                max_version: range.max,
            })
            .collect(),
        finalized_features_epoch: image.last_offset().map_or(-1, broker_types::Offset::get),
        finalized_features: finalized
            .map(|(name, level)| FinalizedFeatureKey {
                name: Str::from(name),
                max_version_level: level,
                min_version_level: level,
            })
            .collect(),
        ..ApiVersionsResponse::default()
    }
}

/// The answer to a version that does not exist yet, in version 0: the client reads which ones do.
pub(crate) fn unsupported() -> ApiVersionsResponse {
    let key = broker_protocol::ApiKey::ApiVersions;
    ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: vec![version(key.code(), &key.valid_versions())],
        ..ApiVersionsResponse::default()
    }
}

fn version(api_key: i16, versions: &std::ops::RangeInclusive<i16>) -> ApiVersion {
    ApiVersion { api_key, min_version: *versions.start(), max_version: *versions.end() }
}
