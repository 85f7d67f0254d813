//! The first records of a cluster, and of a leadership.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_metadata::{Image, MetadataVersion, ScramMechanism};
use broker_protocol::{
    Str,
    records::metadata::{AbortTransactionRecord, FeatureLevelRecord, MetadataRecord},
};

use broker_sasl::ScramCredential;

use crate::{Settings, features::elr::one_minimum, leadership::ELR_FEATURE, scram};

/// What clients may do in transactions (KIP-890).
pub(crate) const TRANSACTION_FEATURE: &str = "transaction.version";
/// The level that new clusters have.
pub(crate) const TRANSACTION_LEVEL: i16 = 2;
/// Groups of KIP-848.
pub const GROUP_VERSION: &str = "group.version";

/// What is built of the features with levels of their own: the level of a fresh cluster, and the level of its
/// `metadata.version` from which on Kafka finalizes it.
const USUAL: [(&str, i16, i16); 3] = [
    // 4.1-IV0: it can be had earlier, and is not usual then.
    (ELR_FEATURE, 1, 26),
    (GROUP_VERSION, 1, 22),
    (TRANSACTION_FEATURE, TRANSACTION_LEVEL, MetadataVersion::TRANSACTIONS_V2.level()),
];

/// The features that a cluster starts with, and its first users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstFeatures {
    /// Its `metadata.version`.
    pub version: MetadataVersion,
    /// The levels of the others that have records; 0 is as good as not there. `kraft.version` has none: it is a control
    /// record of the log.
    pub levels: BTreeMap<Str, i16>,
    /// Credentials of users that there are from the start (KIP-900).
    pub credentials: Vec<(Str, ScramMechanism, ScramCredential)>,
}

impl FirstFeatures {
    /// What is built of what Kafka finalizes with that version.
    #[must_use]
    pub fn usual(version: MetadataVersion) -> Self {
        let usual = USUAL.iter().filter(|(_, _, since)| version.level() >= *since);
        Self {
            version,
            levels: usual.map(|(name, level, _)| (Str::from_static(name), *level)).collect(),
            credentials: Vec::new(),
        }
    }

    /// Their records.
    #[must_use]
    pub fn records(&self) -> Vec<MetadataRecord> {
        let others = self.levels.iter().map(|(name, level)| (name.clone(), *level));
        let version = (Str::from_static(MetadataVersion::FEATURE), self.version.level());
        let all = [version].into_iter().chain(others.filter(|(_, level)| *level > 0));
        let features = all.map(|(name, feature_level)| FeatureLevelRecord { name, feature_level }.into());
        let users = self.credentials.iter().cloned();
        let users =
            users.map(|(name, mechanism, credential)| scram::record(name, mechanism, credential).into());
        features.chain(users).collect()
    }
}

/// What a controller writes first when it becomes the leader: the abort of a transaction that its predecessor left
/// open, and the first records of the cluster if the log has none.
pub(crate) fn on_leadership(image: &Image, settings: &Settings) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    if image.in_transaction() {
        let record = AbortTransactionRecord { reason: Some(Str::from("Controller failover")) };
        records.push(MetadataRecord::AbortTransaction(record));
    }
    if image.settled().features().metadata_version().is_none() {
        records.extend(settings.first_records.iter().cloned());
        let keeps_elr = |record: &MetadataRecord| match record {
            MetadataRecord::FeatureLevel(feature) => {
                &*feature.name == ELR_FEATURE && feature.feature_level > 0
            }
            _ => false,
        };
        if settings.first_records.iter().any(keeps_elr) {
            records.extend(one_minimum(image.settled(), settings));
        }
    }
    records
}
