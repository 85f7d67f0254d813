//! The first records of a cluster, and of a leadership.

use alloc::vec::Vec;

use broker_metadata::{Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{AbortTransactionRecord, FeatureLevelRecord, MetadataRecord},
};

/// The records that a fresh cluster starts with: its `metadata.version`. Other features are finalized by
/// `UpdateFeatures` when they are built; `kraft.version` is a control record of the log.
#[must_use]
pub fn fresh_cluster(version: MetadataVersion) -> Vec<MetadataRecord> {
    let name = Str::from(MetadataVersion::FEATURE);
    let record = FeatureLevelRecord { name, feature_level: version.level() };
    alloc::vec![MetadataRecord::FeatureLevel(record)]
}

/// What a controller writes first when it becomes the leader: the abort of a transaction that its predecessor left
/// open, and the first records of the cluster if the log has none.
pub(crate) fn on_leadership(image: &Image, version: MetadataVersion) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    if image.in_transaction() {
        let record = AbortTransactionRecord { reason: Some(Str::from("Controller failover")) };
        records.push(MetadataRecord::AbortTransaction(record));
    }
    if image.settled().features().metadata_version().is_none() {
        records.extend(fresh_cluster(version));
    }
    records
}
