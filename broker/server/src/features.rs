//! The features that this broker supports and those that the cluster has finalized (KIP-584).

use broker_controller::GROUP_VERSION;
use broker_metadata::{FeatureRange, Image, MetadataVersion};
use broker_protocol::Str;

/// Dynamic quorums (KIP-853).
pub(crate) const KRAFT_VERSION: &str = "kraft.version";

/// What clients may do in transactions (KIP-890).
pub(crate) const TRANSACTION_VERSION: &str = "transaction.version";

/// Eligible leader replicas (KIP-966).
const ELR_VERSION: &str = "eligible.leader.replicas.version";

/// What this broker can do. A feature is here only when it is built.
pub(crate) fn supported() -> impl Iterator<Item = FeatureRange> {
    let kraft = FeatureRange { name: Str::from(KRAFT_VERSION), min: 0, max: 1 };
    let metadata = FeatureRange {
        name: Str::from(MetadataVersion::FEATURE),
        min: MetadataVersion::MINIMUM.level(),
        max: MetadataVersion::LATEST.level(),
    };
    let elr = FeatureRange { name: Str::from(ELR_VERSION), min: 0, max: 1 };
    let transactions = FeatureRange { name: Str::from(TRANSACTION_VERSION), min: 0, max: 2 };
    let groups = FeatureRange { name: Str::from(GROUP_VERSION), min: 0, max: 1 };
    [elr, groups, kraft, metadata, transactions].into_iter()
}

/// What the cluster has agreed on, by name. The quorum's own version is not in the image: quorums are always dynamic.
pub(crate) fn finalized(image: &Image) -> impl Iterator<Item = (&str, i16)> {
    std::iter::once((KRAFT_VERSION, 1)).chain(image.features().iter())
}

/// Whether the cluster has agreed on groups of KIP-848.
pub(crate) fn has_consumer_groups(image: &Image) -> bool {
    image.features().level(GROUP_VERSION) >= 1
}
