//! Registration of brokers (KIP-631) and controllers (KIP-919).

use alloc::{collections::BTreeSet, vec::Vec};

use broker_metadata::{Broker, Endpoint, FeatureRange, Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{
        MetadataRecord,
        register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord},
        register_controller_record::{ControllerEndpoint, ControllerFeature, RegisterControllerRecord},
    },
};
use broker_types::{BrokerEpoch, BrokerId, ClusterId, DirectoryId, IncarnationId, Mono, Offset};

use crate::{
    Settings,
    leadership::{follow, keeps_elr},
    partition_change::Move,
    sessions::Sessions,
};

/// A broker that wants to be part of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBroker {
    /// Its node id.
    pub broker: BrokerId,
    /// The cluster that its directories belong to.
    pub cluster: ClusterId,
    /// This life of its process.
    pub incarnation: IncarnationId,
    /// Where it listens.
    pub endpoints: Vec<Endpoint>,
    /// What it understands; must name `metadata.version`.
    pub features: Vec<FeatureRange>,
    /// Its rack.
    pub rack: Option<Str>,
    /// Its log directories.
    pub log_dirs: Vec<DirectoryId>,
    /// The epoch that it stopped with cleanly (KIP-966).
    pub previous_epoch: Option<BrokerEpoch>,
}

/// A controller that makes itself known.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterController {
    /// Its node id.
    pub controller: BrokerId,
    /// This life of its process.
    pub incarnation: IncarnationId,
    /// Where it listens.
    pub endpoints: Vec<Endpoint>,
    /// What it understands.
    pub features: Vec<FeatureRange>,
}

/// Why a broker is not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// It belongs to another cluster.
    #[error("Expected cluster ID {expected}, but got cluster ID {given}")]
    OtherCluster {
        /// The cluster of this controller.
        expected: ClusterId,
        /// The cluster of the broker.
        given: ClusterId,
    },
    /// Another life of the broker was heard from just now.
    #[error(
        "Another broker is registered with that broker id. If the broker was recently restarted this should \
         self-resolve once the heartbeat manager expires the broker's session."
    )]
    Duplicate,
    /// It has no log directory.
    #[error("No directories specified in request")]
    NoDirectory,
    /// A directory's id is one of those that mean something else.
    #[error("Reserved directory ID in request")]
    ReservedDirectory,
    /// Two directories have one id.
    #[error("Duplicate directory ID in request")]
    DuplicateDirectory,
    /// A directory belongs to another broker: a copied disk.
    #[error("Broker {owner} is already registered with directory {directory}")]
    ForeignDirectory {
        /// Whose it is.
        owner: BrokerId,
        /// The directory.
        directory: DirectoryId,
    },
    /// It does not say which metadata versions it understands.
    #[error("Request features do not contain 'metadata.version'")]
    NoMetadataVersion,
    /// It does not understand a finalized feature.
    #[error(
        "Unable to register because the broker does not support finalized version {finalized} of {feature}. The \
         broker wants a version between {min} and {max}, inclusive."
    )]
    UnsupportedFeature {
        /// The feature.
        feature: Str,
        /// Its finalized level.
        finalized: i16,
        /// The lowest that the broker understands.
        min: i16,
        /// The highest that it understands.
        max: i16,
    },
}

/// Registers a broker, fenced. Its epoch is the offset that comes after what is replayed: later than every epoch
/// before it. The same life registering again keeps its epoch and state, and changes what it tells about itself.
pub(crate) fn register(
    image: &Image,
    settings: &Settings,
    sessions: &mut Sessions,
    now: Mono,
    request: RegisterBroker,
) -> Result<(Vec<MetadataRecord>, BrokerEpoch), RegistrationError> {
    let existing = image.cluster().broker(request.broker);
    let same_life = existing.filter(|broker| broker.incarnation == request.incarnation);
    check(image, settings, sessions, now, &request)?;

    let mut records = Vec::new();
    let (epoch, fenced, in_controlled_shutdown) = match same_life {
        Some(broker) => (broker.epoch, broker.fenced, broker.in_controlled_shutdown),
        None => {
            // The life before it may be gone without a word: what it led is led by others from here on. Without a
            // clean stop it may have lost what was not on disk yet.
            let clean = existing.is_some_and(|broker| request.previous_epoch == Some(broker.epoch));
            let crashed = keeps_elr(image) && !clean;
            let step = if crashed { Move::Crashed(request.broker) } else { Move::Leaves(request.broker) };
            records = follow(image, settings, step);
            sessions.remove(request.broker);
            let next = image.last_offset().map_or(Offset::ZERO, Offset::next);
            (BrokerEpoch::new(next.get()), true, false)
        }
    };
    records.push(MetadataRecord::RegisterBroker(RegisterBrokerRecord {
        broker_id: request.broker.get(),
        is_migrating_zk_broker: false,
        incarnation_id: request.incarnation.uuid(),
        broker_epoch: epoch.get(),
        end_points: request.endpoints.iter().map(broker_endpoint).collect(),
        features: request.features.iter().map(broker_feature).collect(),
        rack: request.rack,
        fenced,
        in_controlled_shutdown,
        log_dirs: request.log_dirs.iter().map(|dir| dir.uuid()).collect(),
        cordoned_log_dirs: None,
    }));
    Ok((records, epoch))
}

fn check(
    image: &Image,
    settings: &Settings,
    sessions: &Sessions,
    now: Mono,
    request: &RegisterBroker,
) -> Result<(), RegistrationError> {
    if request.cluster != settings.cluster {
        let (expected, given) = (settings.cluster.clone(), request.cluster.clone());
        return Err(RegistrationError::OtherCluster { expected, given });
    }
    // A process that hosts both roles holds the lock of its directories: its own former life is certainly over, so
    // a node on its own need not wait for a session of its former life to run out after a crash. Another process with the
    // same id has another incarnation.
    let is_this_process = request.broker == settings.node
        && settings.incarnation.is_none_or(|incarnation| incarnation == request.incarnation);
    let other_life = |broker: &&Broker| broker.incarnation != request.incarnation && !is_this_process;
    let existing = image.cluster().broker(request.broker).filter(other_life);
    if existing.is_some_and(|broker| sessions.is_alive(now, broker.id, broker.epoch)) {
        return Err(RegistrationError::Duplicate);
    }
    check_directories(image, request)?;
    if !request.features.iter().any(|feature| &*feature.name == MetadataVersion::FEATURE) {
        return Err(RegistrationError::NoMetadataVersion);
    }
    check_features(image, request)
}

fn check_directories(image: &Image, request: &RegisterBroker) -> Result<(), RegistrationError> {
    if image.metadata_version() < MetadataVersion::DIRECTORIES {
        return Ok(());
    }
    if request.log_dirs.is_empty() {
        return Err(RegistrationError::NoDirectory);
    }
    // Ids up to 99 as a number are kept for meanings such as "unassigned".
    let reserved = |dir: &DirectoryId| {
        let uuid = dir.uuid();
        let (high, low) = uuid.as_bytes().split_at(15);
        high.iter().all(|byte| *byte == 0) && low.iter().all(|byte| *byte < 100)
    };
    if request.log_dirs.iter().any(reserved) {
        return Err(RegistrationError::ReservedDirectory);
    }
    if request.log_dirs.iter().collect::<BTreeSet<_>>().len() != request.log_dirs.len() {
        return Err(RegistrationError::DuplicateDirectory);
    }
    for &directory in &request.log_dirs {
        if let Some(owner) = image.cluster().owner_of(directory).filter(|owner| *owner != request.broker) {
            return Err(RegistrationError::ForeignDirectory { owner, directory });
        }
    }
    Ok(())
}

/// Every finalized feature must lie in the broker's range; one that it does not name it supports at level 0 only.
fn check_features(image: &Image, request: &RegisterBroker) -> Result<(), RegistrationError> {
    for (name, finalized) in image.features().iter() {
        let range = request.features.iter().find(|feature| &*feature.name == name);
        let (min, max) = range.map_or((0, 0), |range| (range.min, range.max));
        if !(min..=max).contains(&finalized) {
            return Err(RegistrationError::UnsupportedFeature {
                feature: Str::from(name),
                finalized,
                min,
                max,
            });
        }
    }
    // A feature that is not finalized is at level 0, and the broker must understand that.
    let demanding =
        request.features.iter().find(|feature| image.features().level(&feature.name) == 0 && feature.min > 0);
    match demanding {
        Some(range) => Err(RegistrationError::UnsupportedFeature {
            feature: range.name.clone(),
            finalized: 0,
            min: range.min,
            max: range.max,
        }),
        None => Ok(()),
    }
}

pub(crate) fn register_controller(request: &RegisterController) -> MetadataRecord {
    let endpoint = |endpoint: &Endpoint| ControllerEndpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    };
    let feature = |feature: &FeatureRange| ControllerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min,
        max_supported_version: feature.max,
    };
    MetadataRecord::RegisterController(RegisterControllerRecord {
        controller_id: request.controller.get(),
        incarnation_id: request.incarnation.uuid(),
        zk_migration_ready: false,
        end_points: request.endpoints.iter().map(endpoint).collect(),
        features: request.features.iter().map(feature).collect(),
    })
}

fn broker_endpoint(endpoint: &Endpoint) -> BrokerEndpoint {
    BrokerEndpoint {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
        security_protocol: endpoint.security_protocol,
    }
}

fn broker_feature(feature: &FeatureRange) -> BrokerFeature {
    BrokerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min,
        max_supported_version: feature.max,
    }
}
