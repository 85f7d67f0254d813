//! The registration of one broker.

use alloc::{boxed::Box, sync::Arc};

use broker_protocol::{
    Str,
    records::metadata::{
        BrokerRegistrationChangeRecord,
        register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord},
    },
};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, IncarnationId, Offset};

use super::endpoint::{Endpoint, FeatureRange};
use crate::{
    MetadataVersion, ReplayError,
    records::{broker_id, directories, raw_directories},
};

/// One broker as it registered, with what the controller decided about it since.
#[derive(Clone, Debug, PartialEq)]
pub struct Broker {
    /// The node id.
    pub id: BrokerId,
    /// The epoch of this registration.
    pub epoch: BrokerEpoch,
    /// The process life that registered.
    pub incarnation: IncarnationId,
    /// Its listeners in the order in which it gave them.
    pub endpoints: Arc<[Endpoint]>,
    /// The features that it understands.
    pub features: Arc<[FeatureRange]>,
    /// Its rack.
    pub rack: Option<Str>,
    /// Whether it is kept out of metadata and leadership: it starts so, and falls back to it when heartbeats stop.
    pub fenced: bool,
    /// Whether it asked to stop and its leaderships are being moved.
    pub in_controlled_shutdown: bool,
    /// The log directories that are online (KIP-858).
    pub log_dirs: Box<[DirectoryId]>,
    /// The directories that take no new replicas (KIP-1066); `None` until the broker has said so.
    pub cordoned_log_dirs: Option<Box<[DirectoryId]>>,
    /// The offset of the record that registered it (after a snapshot: of the snapshot). A broker may be unfenced
    /// once it has replayed so far.
    pub registered_at: Offset,
}

impl Broker {
    /// Unfenced and not on its way out.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// The listener of this name.
    #[must_use]
    pub fn endpoint(&self, listener: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| &*endpoint.name == listener)
    }

    /// The levels of a feature that it understands.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&FeatureRange> {
        self.features.iter().find(|feature| &*feature.name == name)
    }

    /// Whether at least one directory takes new replicas.
    #[must_use]
    pub fn has_uncordoned_dir(&self) -> bool {
        match &self.cordoned_log_dirs {
            Some(cordoned) if !cordoned.is_empty() => self.log_dirs.iter().any(|dir| !cordoned.contains(dir)),
            _ => true,
        }
    }

    /// Whether a replica in this directory can be reached. Directories that nobody has chosen yet count as reachable,
    /// and so does every one of a broker that never told its directories.
    #[must_use]
    pub fn has_online_dir(&self, directory: DirectoryId) -> bool {
        if directory == DirectoryId::UNASSIGNED || directory == DirectoryId::MIGRATING {
            return true;
        }
        directory != DirectoryId::LOST && (self.log_dirs.is_empty() || self.log_dirs.contains(&directory))
    }

    /// Where a new replica is put: the only directory, or none yet when the broker is to choose among several.
    #[must_use]
    pub fn default_directory(&self) -> DirectoryId {
        match &*self.log_dirs {
            [] => DirectoryId::MIGRATING,
            [only] => *only,
            _ => DirectoryId::UNASSIGNED,
        }
    }

    pub(super) fn from_record(offset: Offset, record: &RegisterBrokerRecord) -> Result<Self, ReplayError> {
        let id = broker_id("RegisterBrokerRecord", "BrokerId", record.broker_id)?;
        Ok(Self {
            id,
            epoch: BrokerEpoch::new(record.broker_epoch),
            incarnation: IncarnationId::new(record.incarnation_id),
            endpoints: record.end_points.iter().map(endpoint).collect(),
            features: record.features.iter().map(feature).collect(),
            rack: record.rack.as_ref().map(Str::detached),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            log_dirs: directories(&record.log_dirs),
            cordoned_log_dirs: record.cordoned_log_dirs.as_deref().map(directories),
            registered_at: offset,
        })
    }

    pub(super) fn change(&mut self, record: &BrokerRegistrationChangeRecord) -> Result<(), ReplayError> {
        let unknown = |field, value: i8| ReplayError::UnknownValue {
            record: "BrokerRegistrationChangeRecord",
            field,
            value: value.into(),
        };
        let fenced = match record.fenced {
            -1 => false,
            0 => self.fenced,
            1 => true,
            other => return Err(unknown("Fenced", other)),
        };
        self.in_controlled_shutdown = match record.in_controlled_shutdown {
            0 => self.in_controlled_shutdown,
            1 => true,
            other => return Err(unknown("InControlledShutdown", other)),
        };
        self.fenced = fenced;
        if !record.log_dirs.is_empty() {
            self.log_dirs = directories(&record.log_dirs);
        }
        if let Some(cordoned) = &record.cordoned_log_dirs {
            self.cordoned_log_dirs = Some(directories(cordoned));
        }
        Ok(())
    }

    pub(crate) fn to_record(&self, version: MetadataVersion) -> RegisterBrokerRecord {
        let knows_dirs = version >= MetadataVersion::DIRECTORIES;
        let cordoned = self.cordoned_log_dirs.as_deref().filter(|_| version >= MetadataVersion::LATEST);
        RegisterBrokerRecord {
            broker_id: self.id.get(),
            is_migrating_zk_broker: false,
            incarnation_id: self.incarnation.uuid(),
            broker_epoch: self.epoch.get(),
            end_points: self.endpoints.iter().map(endpoint_record).collect(),
            features: self.features.iter().map(feature_record).collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: if knows_dirs { raw_directories(&self.log_dirs) } else { [].into() },
            cordoned_log_dirs: cordoned.map(raw_directories),
        }
    }
}

fn endpoint(record: &BrokerEndpoint) -> Endpoint {
    Endpoint {
        name: record.name.detached(),
        host: record.host.detached(),
        port: record.port,
        security_protocol: record.security_protocol,
    }
}

fn endpoint_record(endpoint: &Endpoint) -> BrokerEndpoint {
    BrokerEndpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    }
}

fn feature(record: &BrokerFeature) -> FeatureRange {
    FeatureRange {
        name: record.name.detached(),
        min: record.min_supported_version,
        max: record.max_supported_version,
    }
}

fn feature_record(feature: &FeatureRange) -> BrokerFeature {
    BrokerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min,
        max_supported_version: feature.max,
    }
}
