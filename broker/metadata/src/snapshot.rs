//! An image as the records of a snapshot.

use alloc::boxed::Box;

use broker_protocol::{
    Str,
    records::metadata::{FeatureLevelRecord, MetadataRecord},
};
use broker_types::Offset;

use crate::{Image, MetadataVersion, ReplayError};

impl Image {
    /// The image that a snapshot's records make. It stands for everything before `end`, and for nothing at it: who replays
    /// the log behind it goes on there.
    ///
    /// # Errors
    /// A record does not fit.
    pub fn from_snapshot<'a>(
        end: Offset,
        records: impl IntoIterator<Item = &'a MetadataRecord>,
    ) -> Result<Self, ReplayError> {
        let mut image = Self::default();
        let last = (end > Offset::ZERO).then(|| Offset::new(end.get() - 1));
        for record in records {
            image.replay(last.unwrap_or(Offset::ZERO), record)?;
        }
        image.last_offset = last;
        Ok(image)
    }

    /// The records that make this image when replayed on an empty one, for a snapshot at this metadata version.
    /// Features come first, because `metadata.version` decides how what follows is read; then nodes, topics each
    /// followed by its partitions, configs, quotas, producer ids, access control, credentials and tokens. What an
    /// older version cannot say (directories, eligible leader replicas, cordons) is left out.
    ///
    /// An open transaction is no part of it: snapshots are taken of [`Image::settled`].
    pub fn to_records(&self, version: MetadataVersion) -> impl Iterator<Item = MetadataRecord> {
        let image = self.settled();
        image
            .feature_records(version)
            .chain(image.node_records(version))
            .chain(image.topic_records(version))
            .chain(image.configs().to_records().map(MetadataRecord::Config))
            .chain(image.client_quotas().to_records().map(MetadataRecord::ClientQuota))
            .chain(image.producer_ids().to_record().map(MetadataRecord::ProducerIds))
            .chain(image.acls().to_records().map(MetadataRecord::AccessControlEntry))
            .chain(image.scram().to_records().map(MetadataRecord::UserScramCredential))
            .chain(image.tokens().to_records().map(MetadataRecord::DelegationToken))
    }

    fn feature_records(&self, version: MetadataVersion) -> impl Iterator<Item = MetadataRecord> {
        let first = (Str::from_static(MetadataVersion::FEATURE), version.level());
        let others = self.features().others().iter().map(|(name, level)| (name.clone(), *level));
        core::iter::once(first)
            .chain(others)
            .map(|(name, feature_level)| FeatureLevelRecord { name, feature_level }.into())
    }

    fn node_records(&self, version: MetadataVersion) -> impl Iterator<Item = MetadataRecord> {
        let brokers = self.cluster().brokers().values();
        let controllers = self.cluster().controllers().values();
        brokers
            .map(move |broker| broker.to_record(version).into())
            .chain(controllers.map(|node| node.to_record().into()))
    }

    /// Boxed, to keep the type of the whole chain within bounds.
    fn topic_records(&self, version: MetadataVersion) -> Box<dyn Iterator<Item = MetadataRecord> + '_> {
        Box::new(self.topics().by_id().values().flat_map(move |topic| {
            let partitions = topic
                .partitions()
                .iter()
                .map(move |(index, partition)| partition.to_record(topic.id(), *index, version).into());
            core::iter::once(topic.to_record().into()).chain(partitions)
        }))
    }
}
