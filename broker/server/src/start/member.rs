//! What the quorum's thread is made of, as the properties say.

use std::{path::Path, sync::Arc};

use broker_config::BrokerConfig;
use broker_controller::{Controller, RegisterController};
use broker_metadata::MetadataVersion;
use broker_node as node;
use broker_protocol::{
    Str,
    records::metadata::{FeatureLevelRecord, MetadataRecord},
};
use broker_raft::SnapshotPolicy;
use broker_types::IncarnationId;
use tokio::runtime::Handle;

use super::{StartError, directories, listeners::Bound, random};
use crate::{
    broker::Broker,
    config_rules::Rules,
    format,
    quorum::{
        Command, ControllerLink, Identity, LoadedQuorum, Machines, Member, MemberSettings, Peers, Prober,
    },
    replicas::Follower,
    tokens,
};

/// The member of the quorum that this node is, with the controller and the node's own life beside it.
pub(super) fn member(
    broker: &Arc<Broker>,
    incarnation: IncarnationId,
    bound: &[Bound],
    loaded: LoadedQuorum,
    commands: std::sync::mpsc::Receiver<Command>,
    follower: Follower,
) -> Result<Member<Follower>, StartError> {
    let settings = broker.settings();
    let mut controller = broker_controller::Settings::new(settings.node_id, broker.cluster_id().clone());
    controller.incarnation = Some(incarnation);
    configure(&mut controller, &settings.config);
    // Once the cluster has begun, nobody asks how it was to begin.
    if settings.roles().is_controller() && loaded.image.features().metadata_version().is_none() {
        found(&mut controller, &settings.metadata_log_dir)?;
    }
    let mut seed = [0; 4];
    for word in &mut seed {
        *word = u64::from_be_bytes(random()?);
    }
    let node_seed = u64::from_be_bytes(random()?);
    let as_controller = settings.roles().is_controller().then(|| RegisterController {
        controller: settings.node_id,
        incarnation,
        endpoints: bound.iter().filter(|one| one.settings.is_controller).map(Bound::endpoint).collect(),
        features: controller.features.clone(),
    });
    let member = MemberSettings {
        me: broker.quorum_key(),
        as_controller,
        cluster: broker.cluster_id().clone(),
        endpoints: bound.iter().filter(|one| one.is_for_clients()).map(Bound::endpoint).collect(),
        features: controller.features.clone(),
        rack: settings.rack.as_deref().map(Str::from),
        snapshots: SnapshotPolicy::new(
            settings.snapshot_bytes,
            settings.snapshot_interval,
            broker.clock().wall(),
        ),
    };
    let controller = Controller::new(controller, Box::new(Rules::new(settings.config.file.clone())), seed);
    let node = node::Node::new(node_settings(&settings.config), node_seed);
    let (peers, link) = ways(broker, bound);
    let listener = settings.config.network.inter_broker_listener.clone();
    let prober = Prober::new(listener, broker.quorum().clone(), Handle::current());
    let machines = Machines { controller, node, peers, link, prober };
    Ok(Member::new(member, *broker.clock(), loaded, machines, commands, follower))
}

/// The ways to the other members of the quorum, and to its leader.
fn ways(broker: &Broker, bound: &[Bound]) -> (Peers, ControllerLink) {
    let settings = broker.settings();
    let timing = settings.quorum_timing();
    let controllers = bound.iter().filter(|one| one.settings.is_controller);
    let bytes = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let quorum = &settings.config.quorum;
    let identity = Identity {
        cluster: broker.cluster_id().clone(),
        me: broker.quorum_key(),
        listener: settings.controller_listener().to_owned(),
        security: broker.security().controllers.clone(),
        endpoints: directories::voter(broker.quorum_key(), controllers.map(Bound::endpoint)).endpoints,
        patience: timing.request_timeout,
        fetch_wait: timing.fetch_wait_max,
        fetch_bytes_max: bytes(quorum.fetch_bytes_max),
        snapshot_bytes_max: bytes(quorum.fetch_snapshot_bytes_max),
    };
    let runtime = Handle::current();
    let handle = broker.quorum().clone();
    let bootstrap = quorum.bootstrap_servers.iter().map(ToString::to_string).collect();
    let link = ControllerLink::new(identity.clone(), handle.clone(), &runtime);
    (Peers::new(identity, bootstrap, handle, runtime), link)
}

/// What formatting left to the controller that founds the cluster.
fn found(controller: &mut broker_controller::Settings, directory: &Path) -> Result<(), StartError> {
    let Some(records) = format::first_records(directory)? else { return Ok(()) };
    let can = |feature: &FeatureLevelRecord| {
        let range = controller.features.iter().find(|range| range.name == feature.name);
        range.is_some_and(|range| (range.min..=range.max).contains(&feature.feature_level))
    };
    let features: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            MetadataRecord::FeatureLevel(feature) => Some(feature),
            _ => None,
        })
        .collect();
    if let Some(feature) = features.iter().find(|feature| !can(feature)) {
        let (name, level) = (&feature.name, feature.feature_level);
        return Err(StartError::Metadata(format!("{name} {level} is not supported by this version")));
    }
    if !features.iter().any(|feature| &*feature.name == MetadataVersion::FEATURE) {
        return Err(StartError::Metadata("it was formatted without a metadata.version".to_owned()));
    }
    controller.first_records = records;
    Ok(())
}

/// What the file says to the controller.
fn configure(controller: &mut broker_controller::Settings, config: &BrokerConfig) {
    controller.partitions = config.log.partitions_default;
    controller.replication_factor = config.log.replication_factor_default;
    controller.delete_topics = config.log.delete_topics;
    controller.unclean_leader_election = config.values.is_on("unclean.leader.election.enable");
    controller.min_insync_replicas = config.values.count("min.insync.replicas").max(1);
    controller.session_timeout = config.quorum.session_timeout;
    controller.tokens = tokens::settings(&config.values);
    controller.idle_interval = config.metadata_log.idle_interval;
    let replication = &config.replication;
    controller.leader_rebalance_interval =
        replication.auto_rebalance.then_some(replication.imbalance_check_interval);
    controller.unclean_election_interval = Some(replication.unclean_election_interval);
}

/// What the file says to the node.
fn node_settings(config: &BrokerConfig) -> node::Settings {
    node::Settings {
        heartbeat_interval: config.quorum.heartbeat_interval,
        session_timeout: config.quorum.session_timeout,
        registration_timeout: config.quorum.initial_registration_timeout,
        controller_patience: config.quorum.fetch_timeout * 2,
        directory_failure_timeout: config.log.dir_failure_timeout,
        ..node::Settings::default()
    }
}
