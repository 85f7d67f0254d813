//! Opening the log directories: whose they are, formatting what is new, loading what is there.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use broker_config::HostPort;
use broker_controller::FirstFeatures;
use broker_log::{DirectoryError, FsDisk, LastStop, LoadSpec, LogDirectory, Owner, read_meta_properties};
use broker_metadata::{Endpoint, Image, MetadataVersion};
use broker_protocol::Str;
use broker_raft::{Voter, VoterEndpoint, VoterKey, Voters};
use broker_types::{BrokerEpoch, ClusterId, DirectoryId};

use super::{Bootstrapping, Start, StartError, random_uuid};
use crate::{
    clock::Clock,
    directories::{Directories, Directory},
    format,
    replicas::FoundLog,
    settings::Settings,
    topic_settings::TopicDefaults,
};

/// The directories, open.
pub(super) struct OpenDirectories {
    pub(super) directories: Directories,
    pub(super) metadata: Arc<Directory>,
    pub(super) cluster_id: ClusterId,
    /// The epoch that the last life ended with, if all directories were closed cleanly in it.
    pub(super) previous_epoch: Option<BrokerEpoch>,
}

/// Opens and locks every directory; one that does not work is left out, one that is another's ends the start.
pub(super) fn open(settings: &Settings, start: &Start) -> Result<OpenDirectories, StartError> {
    let cluster_id = cluster_of(settings, start)?;
    let owner = Owner { cluster_id: cluster_id.clone(), node_id: settings.node_id };
    let mut online = Vec::new();
    let mut failed = Vec::new();
    let mut metadata = None;
    let mut paths: Vec<&PathBuf> = settings.log_dirs.iter().collect();
    if !settings.log_dirs.contains(&settings.metadata_log_dir) {
        paths.push(&settings.metadata_log_dir);
    }
    refuse_foreign(&paths, &owner)?;
    for path in paths {
        let is_metadata = *path == settings.metadata_log_dir;
        let named = match &start.bootstrapping {
            Bootstrapping::Initial(all) if is_metadata => all.directory_of(settings.node_id),
            _ => None,
        };
        let fresh = match named {
            Some(named) => named,
            None => DirectoryId::new(random_uuid()?),
        };
        match LogDirectory::open(FsDisk, path, &owner, fresh) {
            Ok(directory) => {
                let directory = Arc::new(Directory::new(Arc::new(directory)));
                if is_metadata {
                    metadata = Some(Arc::clone(&directory));
                }
                if settings.log_dirs.contains(path) {
                    online.push(directory);
                }
            }
            Err(DirectoryError::Storage(error)) if !is_metadata => {
                tracing::error!(directory = %path.display(), %error, "the log directory is offline");
                failed.push(path.clone());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let Some(metadata) = metadata else {
        return Err(StartError::NoDirectory(settings.metadata_log_dir.display().to_string()));
    };
    let previous_epoch = previous_epoch(&online);
    let directories = Directories { online, failed_at_start: failed };
    Ok(OpenDirectories { directories, metadata, cluster_id, previous_epoch })
}

/// Refuses before anything is touched: opening one directory takes its clean mark, which it would then lack.
fn refuse_foreign(paths: &[&PathBuf], owner: &Owner) -> Result<(), StartError> {
    for path in paths {
        let Ok(Some(meta)) = read_meta_properties(&FsDisk, path) else { continue };
        let path = (*path).clone();
        if meta.cluster_id != owner.cluster_id {
            let wanted = owner.cluster_id.clone();
            return Err(DirectoryError::OtherCluster { path, found: meta.cluster_id, wanted }.into());
        }
        if meta.node_id != owner.node_id {
            let wanted = owner.node_id;
            return Err(DirectoryError::OtherNode { path, found: meta.node_id, wanted }.into());
        }
    }
    Ok(())
}

/// Which cluster this is: as the start says, else as the directories say.
fn cluster_of(settings: &Settings, start: &Start) -> Result<ClusterId, StartError> {
    if let Some(id) = &start.cluster_id {
        return Ok(id.clone());
    }
    for path in settings.log_dirs.iter().chain([&settings.metadata_log_dir]) {
        if let Ok(Some(meta)) = read_meta_properties(&FsDisk, path) {
            return Ok(meta.cluster_id);
        }
    }
    match &start.bootstrapping {
        Bootstrapping::Standalone => Ok(ClusterId::new(&random_uuid()?.to_string())),
        Bootstrapping::None | Bootstrapping::Initial(_) => Err(StartError::NoCluster),
    }
}

fn previous_epoch(directories: &[Arc<Directory>]) -> Option<BrokerEpoch> {
    let mut epochs = directories.iter().map(|directory| match directory.log_directory().last_stop() {
        LastStop::Clean(epoch) => epoch,
        LastStop::Unclean => None,
    });
    let first = epochs.next()??;
    epochs.all(|epoch| epoch == Some(first)).then_some(first)
}

/// This node as a voter, and how it can be reached.
pub(super) fn voter(key: VoterKey, controllers: impl Iterator<Item = Endpoint>) -> Voter {
    let endpoints = controllers.map(|endpoint| VoterEndpoint {
        name: Str::from(endpoint.name.as_str()),
        host: endpoint.host.clone(),
        port: endpoint.port,
    });
    Voter { key, endpoints: endpoints.collect(), kraft_versions: (0, 1) }
}

/// Writes the first voter set where there is no metadata, if this node was told to.
pub(super) fn format_if_told(
    settings: &Settings,
    start: &Start,
    opened: &OpenDirectories,
    voter: &Voter,
    clock: Clock,
) -> Result<(), StartError> {
    let path = opened.metadata.path();
    // Who is no controller never founds a quorum.
    if format::has_metadata(path) || !settings.roles().is_controller() {
        return Ok(());
    }
    let Some(voters) = first_voters(settings, start, opened, voter) else {
        // An emptied volume learns from the others what the cluster is; alone there is nobody to learn from.
        let others =
            |at: &HostPort| !voter.endpoints.iter().any(|own| own.port == at.port && *own.host == *at.host);
        if settings.config.quorum.bootstrap_servers.iter().any(others) {
            return Ok(());
        }
        return Err(StartError::NotBootstrapped(path.display().to_string()));
    };
    let features = FirstFeatures::usual(MetadataVersion::LATEST);
    format::write_first_voters(path, &voters, &features, clock.wall())?;
    tracing::info!(directory = %path.display(), node = %settings.node_id, cluster = %opened.cluster_id, "formatted");
    Ok(())
}

/// The voter set that this node may begin with. Of a set of several it is part only with the directory that the set
/// names: a directory of another id would be a voter that nobody knows.
fn first_voters(
    settings: &Settings,
    start: &Start,
    opened: &OpenDirectories,
    voter: &Voter,
) -> Option<Voters> {
    match &start.bootstrapping {
        Bootstrapping::None => None,
        Bootstrapping::Standalone => Some(Voters::standalone(voter.clone())),
        Bootstrapping::Initial(all) => {
            let listener = settings.listeners.iter().find(|listener| listener.is_controller)?;
            let is_named = all.directory_of(settings.node_id) == Some(opened.metadata.id());
            is_named.then(|| all.voters(&listener.name))
        }
    }
}

/// Loads the partitions of all directories side by side.
pub(super) fn load(
    settings: &Settings,
    opened: &OpenDirectories,
    image: &Image,
    defaults: &TopicDefaults,
    clock: Clock,
) -> Vec<FoundLog> {
    let threads = NonZeroUsize::new(settings.recovery_threads).unwrap_or(NonZeroUsize::MIN);
    let spec = LoadSpec {
        config_of: |topic: &broker_types::TopicName| defaults.of_topic(image, topic.as_str()).log,
        threads,
        now: clock.wall(),
    };
    let spec = &spec;
    std::thread::scope(|scope| {
        let load = |directory: &Arc<Directory>| match directory.log_directory().load(spec) {
            Ok(loaded) => {
                for job in loaded.deletes {
                    if let Err(error) = job.run() {
                        tracing::warn!(%error, "a deleted partition's files could not be removed");
                    }
                }
                let found = |is_copy| move |log| FoundLog { directory: Arc::clone(directory), log, is_copy };
                let logs = loaded.logs.into_iter().map(found(false));
                logs.chain(loaded.futures.into_iter().map(found(true))).collect()
            }
            Err(error) => {
                directory.fail(&error);
                Vec::new()
            }
        };
        let running: Vec<_> =
            opened.directories.online.iter().map(|directory| scope.spawn(move || load(directory))).collect();
        running.into_iter().flat_map(|one| one.join().unwrap_or_default()).collect()
    })
}
