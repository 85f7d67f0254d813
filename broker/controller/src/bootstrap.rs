//! The first records of a cluster, and of a leadership.

use alloc::vec::Vec;

use broker_metadata::{Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{AbortTransactionRecord, FeatureLevelRecord, MetadataRecord},
};

use crate::{Settings, features::elr::one_minimum, leadership::ELR_FEATURE};

/// What clients may do in transactions (KIP-890).
pub(crate) const TRANSACTION_FEATURE: &str = "transaction.version";
/// The level that new clusters have.
pub(crate) const TRANSACTION_LEVEL: i16 = 2;
/// Groups of KIP-848.
pub const GROUP_VERSION: &str = "group.version";

/// What is built of the features with levels of their own: the level of a fresh cluster, and the level of its
/// `metadata.version` from which on Kafka finalizes it.
const USUAL: [(&str, i16, i16); 2] = [
    (GROUP_VERSION, 1, 22),
    (TRANSACTION_FEATURE, TRANSACTION_LEVEL, MetadataVersion::TRANSACTIONS_V2.level()),
];

/// The features, besides eligible leader replicas, that a fresh cluster of that version has, with their levels.
#[must_use]
pub(crate) fn usual_levels(version: MetadataVersion) -> Vec<(&'static str, i16)> {
    let usual = USUAL.iter().filter(|(_, _, since)| version.level() >= *since);
    usual.map(|(name, level, _)| (*name, *level)).collect()
}

/// The records that a fresh cluster starts with: its `metadata.version`, and what is built of the features that Kafka
/// finalizes with it. `kraft.version` is a control record of the log.
#[must_use]
pub fn fresh_cluster(version: MetadataVersion) -> Vec<MetadataRecord> {
    first_records(version, version >= MetadataVersion::ELR, &usual_levels(version))
}

fn first_records(
    version: MetadataVersion,
    keeps_elr: bool,
    others: &[(&'static str, i16)],
) -> Vec<MetadataRecord> {
    let elr = keeps_elr.then_some((ELR_FEATURE, 1));
    let all =
        [(MetadataVersion::FEATURE, version.level())].into_iter().chain(elr).chain(others.iter().copied());
    let record = |(name, feature_level)| FeatureLevelRecord { name: Str::from(name), feature_level };
    all.map(|feature| MetadataRecord::FeatureLevel(record(feature))).collect()
}

/// What a controller writes first when it becomes the leader: the abort of a transaction that its predecessor left
/// open, and the first records of the cluster if the log has none.
pub(crate) fn on_leadership(image: &Image, settings: &Settings) -> Vec<MetadataRecord> {
    let version = settings.first_version;
    let mut records = Vec::new();
    if image.in_transaction() {
        let record = AbortTransactionRecord { reason: Some(Str::from("Controller failover")) };
        records.push(MetadataRecord::AbortTransaction(record));
    }
    if image.settled().features().metadata_version().is_none() {
        let keeps_elr = settings.first_elr && version >= MetadataVersion::ELR;
        records.extend(first_records(version, keeps_elr, &settings.first_levels));
        if keeps_elr {
            records.extend(one_minimum(image.settled(), settings));
        }
    }
    records
}
