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

/// The records that a fresh cluster starts with: its `metadata.version`, and what is built of the features that Kafka
/// finalizes with it. `kraft.version` is a control record of the log.
#[must_use]
pub fn fresh_cluster(version: MetadataVersion) -> Vec<MetadataRecord> {
    with_elr(version, version >= MetadataVersion::ELR)
}

fn with_elr(version: MetadataVersion, keeps_elr: bool) -> Vec<MetadataRecord> {
    let feature = |name, feature_level| {
        MetadataRecord::FeatureLevel(FeatureLevelRecord { name: Str::from(name), feature_level })
    };
    let mut records = alloc::vec![feature(MetadataVersion::FEATURE, version.level())];
    if keeps_elr {
        records.push(feature(ELR_FEATURE, 1));
    }
    if version >= MetadataVersion::TRANSACTIONS_V2 {
        records.push(feature(TRANSACTION_FEATURE, TRANSACTION_LEVEL));
    }
    records
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
        records.extend(with_elr(version, keeps_elr));
        if keeps_elr {
            records.extend(one_minimum(image.settled(), settings));
        }
    }
    records
}
