//! Finalized features (KIP-584, KIP-778): levels that every node of the cluster understands.

use broker_protocol::{Str, records::metadata::FeatureLevelRecord};

use crate::{Change, Map, MetadataVersion, ReplayError};

/// The finalized level of each feature; `metadata.version` apart from the others, because it decides how records read.
/// `kraft.version` is not here: it lives in control records of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    metadata_version: Option<MetadataVersion>,
    levels: Map<Str, i16>,
}

impl Features {
    /// The finalized `metadata.version`; `None` before the first records.
    #[must_use]
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        self.metadata_version
    }

    /// The finalized level of any feature, `metadata.version` included; 0 means not finalized.
    #[must_use]
    pub fn level(&self, name: &str) -> i16 {
        if name == MetadataVersion::FEATURE {
            return self.metadata_version.map_or(0, MetadataVersion::level);
        }
        self.levels.get(name).copied().unwrap_or(0)
    }

    /// Every finalized feature with its level, `metadata.version` first, the others by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i16)> {
        let version = self.metadata_version.map(|version| (MetadataVersion::FEATURE, version.level()));
        version.into_iter().chain(self.levels.iter().map(|(name, level)| (&**name, *level)))
    }

    pub(crate) fn others(&self) -> &Map<Str, i16> {
        &self.levels
    }

    pub(crate) fn replay(&mut self, record: &FeatureLevelRecord) -> Result<Change, ReplayError> {
        let unknown = || ReplayError::UnknownValue {
            record: "FeatureLevelRecord",
            field: "FeatureLevel",
            value: record.feature_level.into(),
        };
        if &*record.name == MetadataVersion::FEATURE {
            let version = MetadataVersion::from_level(record.feature_level).ok_or_else(unknown)?;
            self.metadata_version = Some(version);
        } else if record.feature_level < 0 {
            return Err(unknown());
        } else if record.feature_level == 0 {
            self.levels.remove_mut(&*record.name);
        } else {
            self.levels.insert_mut(record.name.detached(), record.feature_level);
        }
        Ok(Change::Feature(record.name.detached()))
    }
}
