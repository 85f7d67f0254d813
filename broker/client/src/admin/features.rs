//! Features: what nodes can do, what the cluster does (KIP-584, KIP-1022).

use std::collections::BTreeMap;

use broker_protocol::{
    Str,
    messages::{
        ApiVersionsRequest,
        update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest},
    },
};
use broker_types::BrokerId;

use super::{CHANGE_TIMEOUT, millis};
use crate::{client::Client, error::ClientError};

/// The features of a node and its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// The lowest and the highest level that the node can do, by name.
    pub supported: BTreeMap<String, (i16, i16)>,
    /// The level that the cluster has, by name.
    pub finalized: BTreeMap<String, i16>,
    /// How new the node's knowledge of the finalized ones is.
    pub epoch: Option<i64>,
}

/// Which way a level may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeType {
    /// Only up.
    Upgrade,
    /// Down, when nothing is lost by it.
    SafeDowngrade,
    /// Down, whatever is lost by it.
    UnsafeDowngrade,
}

impl UpgradeType {
    fn code(self) -> i8 {
        match self {
            Self::Upgrade => 1,
            Self::SafeDowngrade => 2,
            Self::UnsafeDowngrade => 3,
        }
    }
}

impl Client {
    /// The features as one node tells them: `id`, or anyone.
    ///
    /// # Errors
    /// When it is not there or does not answer.
    pub async fn describe_features(&mut self, id: Option<BrokerId>) -> Result<Features, ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: Str::from("klamm"),
            client_software_version: Str::from(env!("CARGO_PKG_VERSION")),
        };
        let response = match id {
            Some(id) => self.broker(id, &request).await?,
            None => self.any(&request).await?,
        };
        ClientError::check(response.error_code, None)?;
        let supported = response.supported_features.iter();
        let finalized = response.finalized_features.iter();
        Ok(Features {
            supported: supported
                .map(|feature| (feature.name.to_string(), (feature.min_version, feature.max_version)))
                .collect(),
            finalized: finalized
                .map(|feature| (feature.name.to_string(), feature.max_version_level))
                .collect(),
            epoch: Some(response.finalized_features_epoch).filter(|epoch| *epoch >= 0),
        })
    }

    /// Gives each feature its level, all or none. With `validate_only` it is only checked.
    ///
    /// # Errors
    /// The controller's, in its own words.
    pub async fn update_features(
        &mut self,
        levels: &BTreeMap<String, i16>,
        kind: UpgradeType,
        validate_only: bool,
    ) -> Result<(), ClientError> {
        let update = |(name, level): (&String, &i16)| FeatureUpdateKey {
            feature: Str::from(name.as_str()),
            max_version_level: *level,
            upgrade_type: kind.code(),
            ..FeatureUpdateKey::default()
        };
        let request = UpdateFeaturesRequest {
            timeout_ms: millis(CHANGE_TIMEOUT),
            feature_updates: levels.iter().map(update).collect(),
            validate_only,
        };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let mut results = response.results.iter();
        results.try_for_each(|result| ClientError::check(result.error_code, result.error_message.as_deref()))
    }
}
