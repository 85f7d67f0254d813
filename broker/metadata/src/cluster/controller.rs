//! The registration of one controller (KIP-919).

use alloc::sync::Arc;

use broker_protocol::records::metadata::register_controller_record::{
    ControllerEndpoint, ControllerFeature, RegisterControllerRecord,
};
use broker_types::{BrokerId, IncarnationId};

use super::endpoint::{Endpoint, FeatureRange};
use crate::{ReplayError, records::broker_id};

/// One controller as it registered.
#[derive(Clone, Debug, PartialEq)]
pub struct Controller {
    /// The node id.
    pub id: BrokerId,
    /// The process life that registered.
    pub incarnation: IncarnationId,
    /// Whether it could migrate from ZooKeeper; a relic that snapshots keep.
    pub zk_migration_ready: bool,
    /// Its listeners.
    pub endpoints: Arc<[Endpoint]>,
    /// The features that it understands.
    pub features: Arc<[FeatureRange]>,
}

impl Controller {
    /// The levels of a feature that it understands.
    #[must_use]
    pub fn feature(&self, name: &str) -> Option<&FeatureRange> {
        self.features.iter().find(|feature| &*feature.name == name)
    }

    pub(super) fn from_record(record: &RegisterControllerRecord) -> Result<Self, ReplayError> {
        let endpoint = |e: &ControllerEndpoint| Endpoint {
            name: e.name.detached(),
            host: e.host.detached(),
            port: e.port,
            security_protocol: e.security_protocol,
        };
        let feature = |f: &ControllerFeature| FeatureRange {
            name: f.name.detached(),
            min: f.min_supported_version,
            max: f.max_supported_version,
        };
        Ok(Self {
            id: broker_id("RegisterControllerRecord", "ControllerId", record.controller_id)?,
            incarnation: IncarnationId::new(record.incarnation_id),
            zk_migration_ready: record.zk_migration_ready,
            endpoints: record.end_points.iter().map(endpoint).collect(),
            features: record.features.iter().map(feature).collect(),
        })
    }

    pub(crate) fn to_record(&self) -> RegisterControllerRecord {
        let endpoint = |e: &Endpoint| ControllerEndpoint {
            name: e.name.clone(),
            host: e.host.clone(),
            port: e.port,
            security_protocol: e.security_protocol,
        };
        let feature = |f: &FeatureRange| ControllerFeature {
            name: f.name.clone(),
            min_supported_version: f.min,
            max_supported_version: f.max,
        };
        RegisterControllerRecord {
            controller_id: self.id.get(),
            incarnation_id: self.incarnation.uuid(),
            zk_migration_ready: self.zk_migration_ready,
            end_points: self.endpoints.iter().map(endpoint).collect(),
            features: self.features.iter().map(feature).collect(),
        }
    }
}
