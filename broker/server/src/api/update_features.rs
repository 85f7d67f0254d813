//! UpdateFeatures: levels of features are finalized, all or none (KIP-584, KIP-778, KIP-1022).

use std::sync::Arc;

use broker_controller::{FeatureUpdate, Request, Response, UpdateFeatures, UpgradeType};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        UpdateFeaturesRequest, UpdateFeaturesResponse, update_features_request::FeatureUpdateKey,
        update_features_response::UpdatableFeatureResult,
    },
};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// Up to this version a success names every feature.
const NAMES_RESULTS_UPTO: i16 = 1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: UpdateFeaturesRequest,
) -> UpdateFeaturesResponse {
    if let Err(code) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return refused(code, code.message());
    }
    let update = |update: &FeatureUpdateKey| FeatureUpdate {
        name: update.feature.detached(),
        level: update.max_version_level,
        upgrade: UpgradeType::from_code(update.upgrade_type),
    };
    let update = UpdateFeatures {
        updates: request.feature_updates.iter().map(update).collect(),
        validate_only: request.validate_only,
    };
    match broker.quorum().ask(Request::UpdateFeatures(update), request.timeout_ms).await {
        Ok(Response::UpdateFeatures(Ok(()))) => done(&request, context.api_version),
        Ok(Response::UpdateFeatures(Err(error))) => refused(error.code(), &error.to_string()),
        Ok(_) => refused(ErrorCode::UnknownServerError, ErrorCode::UnknownServerError.message()),
        Err(error) => refused(error.code(), &error.to_string()),
    }
}

fn done(request: &UpdateFeaturesRequest, version: i16) -> UpdateFeaturesResponse {
    let names = request.feature_updates.iter().filter(|_| version <= NAMES_RESULTS_UPTO);
    let results = names.map(|update| UpdatableFeatureResult {
        feature: update.feature.clone(),
        ..UpdatableFeatureResult::default()
    });
    UpdateFeaturesResponse { results: results.collect(), ..UpdateFeaturesResponse::default() }
}

fn refused(code: ErrorCode, message: &str) -> UpdateFeaturesResponse {
    UpdateFeaturesResponse {
        error_code: code.code(),
        error_message: Some(Str::from(message)),
        ..UpdateFeaturesResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use broker_protocol::ApiKey;

    use super::*;
    use crate::testing::{TestBroker, context};

    const ELR: &str = "eligible.leader.replicas.version";

    fn request(levels: &[(&'static str, i16, i8)], validate_only: bool) -> UpdateFeaturesRequest {
        let update = |(feature, level, upgrade): &(&'static str, i16, i8)| FeatureUpdateKey {
            feature: Str::from_static(feature),
            max_version_level: *level,
            allow_downgrade: false,
            upgrade_type: *upgrade,
        };
        UpdateFeaturesRequest {
            feature_updates: levels.iter().map(update).collect(),
            validate_only,
            ..UpdateFeaturesRequest::default()
        }
    }

    async fn ask(own: &TestBroker, version: i16, request: UpdateFeaturesRequest) -> UpdateFeaturesResponse {
        handle(&own.broker, &context(ApiKey::UpdateFeatures, version), request).await
    }

    fn level(own: &TestBroker) -> i16 {
        own.broker.image().features().level(ELR)
    }

    #[tokio::test]
    async fn a_level_goes_down_and_up_again_when_it_is_not_only_asked_about() {
        let own = TestBroker::with_topics(&[]).await;
        let before = level(&own);
        for (wanted, code) in [(0, 2), (1, 1)] {
            let asked = ask(&own, 1, request(&[(ELR, wanted, code)], true)).await;
            assert_eq!((asked.error_code, asked.results.len()), (0, 1), "{asked:?}");
            let done = ask(&own, 2, request(&[(ELR, wanted, code)], false)).await;
            assert_eq!((done.error_code, done.results.len()), (0, 0), "{done:?}");
            assert_eq!(level(&own), wanted);
        }
        assert!(before <= 1);
    }

    #[tokio::test]
    async fn one_level_that_cannot_be_stands_for_all() {
        let own = TestBroker::with_topics(&[]).await;
        let before = level(&own);
        let answer = ask(&own, 2, request(&[(ELR, 0, 2), ("no.such.feature", 1, 1)], false)).await;
        assert_eq!(answer.error_code, ErrorCode::InvalidUpdateVersion.code());
        assert_eq!(
            answer.error_message.as_deref(),
            Some(
                "The update failed for all features since the following feature had an error: Invalid update version \
                 1 for feature no.such.feature. Local controller 1 does not support this feature."
            )
        );
        assert_eq!(level(&own), before);
    }
}
