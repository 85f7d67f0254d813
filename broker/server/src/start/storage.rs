//! Formatting directories by hand, and telling what is in them: `klamm storage`.
//!
//! Invariant: a directory that is formatted is not touched.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use broker_controller::FirstFeatures;
use broker_log::{DirectoryError, FsDisk, LogDirectory, MetaProperties, Owner, read_meta_properties};
use broker_raft::{VoterKey, Voters};
use broker_types::{BrokerId, ClusterId, DirectoryId};

use super::{StartError, directories, listeners::endpoint, random_uuid};
use crate::{clock::Clock, format, initial_controllers::InitialControllers, settings::Settings};

/// Why directories could not be formatted.
#[derive(Debug, thiserror::Error)]
pub enum FormatStorageError {
    /// It is formatted already, and that was not to be passed over.
    #[error(
        "Log directory {} is already formatted. Use --ignore-formatted to ignore this directory and format the \
         others.",
        .0.display()
    )]
    AlreadyFormatted(PathBuf),
    /// Another directory of this node belongs to another cluster.
    #[error("{} belongs to the cluster {found}, not to {wanted}", path.display())]
    OtherCluster {
        /// Which directory.
        path: PathBuf,
        /// Its cluster.
        found: ClusterId,
        /// The one that was asked for.
        wanted: ClusterId,
    },
    /// The first voters are named, and this node is none of them.
    #[error("The node {0} is not among the initial controllers: it joins with --no-initial-controllers.")]
    NotAmong(BrokerId),
    /// The properties or a disk do not work.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// A directory that was formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormattedDirectory {
    /// Which one.
    pub path: PathBuf,
    /// What is in it.
    pub holds: Holds,
}

/// What a directory was formatted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Partitions only.
    Data,
    /// The metadata, which comes from others.
    Metadata,
    /// The first voter set, and the first records of the cluster.
    FirstVoters,
}

/// The first voters that formatting writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstVoters {
    /// None: the node learns of the quorum from others.
    None,
    /// This node alone.
    Standalone,
    /// These, this node among them.
    Initial(InitialControllers),
}

/// Formats the directories that `properties` name for `cluster_id`, with the first voters and the features of
/// the cluster that they found. Those that are formatted are passed over when `ignore_formatted`.
///
/// # Errors
/// When a directory is formatted and that may not be, or belongs to another cluster; then nothing was written. When the
/// properties or a disk do not work.
pub fn format_storage(
    properties: &BTreeMap<String, String>,
    cluster_id: &ClusterId,
    first: &FirstVoters,
    features: &FirstFeatures,
    ignore_formatted: bool,
) -> Result<Vec<FormattedDirectory>, FormatStorageError> {
    let settings = Settings::read(properties).map_err(StartError::from)?;
    let mut fresh = Vec::new();
    for path in paths(&settings) {
        match read_meta_properties(&FsDisk, path).map_err(StartError::from)? {
            None => fresh.push(path),
            Some(meta) if meta.cluster_id != *cluster_id => {
                let (found, wanted) = (meta.cluster_id, cluster_id.clone());
                return Err(FormatStorageError::OtherCluster { path: path.to_owned(), found, wanted });
            }
            Some(_) if ignore_formatted => {}
            Some(_) => return Err(FormatStorageError::AlreadyFormatted(path.to_owned())),
        }
    }
    let own_directory = match first {
        FirstVoters::Initial(all) => {
            Some(all.directory_of(settings.node_id).ok_or(FormatStorageError::NotAmong(settings.node_id))?)
        }
        FirstVoters::None | FirstVoters::Standalone => None,
    };
    let owner = Owner { cluster_id: cluster_id.clone(), node_id: settings.node_id };
    let mut formatted = Vec::new();
    for path in fresh {
        let is_metadata = *path == *settings.metadata_log_dir;
        let id = match own_directory.filter(|_| is_metadata) {
            Some(id) => id,
            None => DirectoryId::new(random_uuid().map_err(StartError::from)?),
        };
        let directory = LogDirectory::open(FsDisk, path, &owner, id).map_err(StartError::from)?;
        let voters = voters(&settings, first, directory.id());
        let voters = voters.filter(|_| is_metadata && !format::has_metadata(path));
        if let Some(voters) = &voters {
            format::write_first_voters(path, voters, features, Clock::start().wall())
                .map_err(StartError::from)?;
        }
        let holds = match &voters {
            Some(_) => Holds::FirstVoters,
            None if is_metadata => Holds::Metadata,
            None => Holds::Data,
        };
        formatted.push(FormattedDirectory { path: path.to_owned(), holds });
    }
    Ok(formatted)
}

/// The voter set that a metadata directory gets.
fn voters(settings: &Settings, first: &FirstVoters, directory: DirectoryId) -> Option<Voters> {
    let controllers = || settings.listeners.iter().filter(|listener| listener.is_controller);
    match first {
        FirstVoters::None => None,
        FirstVoters::Standalone => {
            let me = VoterKey { id: settings.node_id, directory };
            let endpoints = controllers().map(|listener| endpoint(listener, listener.port));
            Some(Voters::standalone(directories::voter(me, endpoints)))
        }
        FirstVoters::Initial(all) => controllers().next().map(|listener| all.voters(&listener.name)),
    }
}

/// What is known of a directory.
#[derive(Debug)]
pub struct DirectoryInfo {
    /// Which one.
    pub path: PathBuf,
    /// Whether there is such a directory.
    pub exists: bool,
    /// What its `meta.properties` says; `None` when it is not formatted.
    pub meta: Result<Option<MetaProperties>, DirectoryError>,
}

/// Looks at the directories that `properties` name. Touches nothing.
///
/// # Errors
/// When the properties do not work.
pub fn storage_info(properties: &BTreeMap<String, String>) -> Result<Vec<DirectoryInfo>, StartError> {
    let settings = Settings::read(properties)?;
    let info = |path: &Path| DirectoryInfo {
        path: path.to_owned(),
        exists: path.is_dir(),
        meta: read_meta_properties(&FsDisk, path),
    };
    Ok(paths(&settings).into_iter().map(info).collect())
}

/// All directories, sorted, each once.
fn paths(settings: &Settings) -> Vec<&Path> {
    let all = settings.log_dirs.iter().chain([&settings.metadata_log_dir]);
    let mut paths: Vec<_> = all.map(PathBuf::as_path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use broker_metadata::MetadataVersion;

    use super::*;

    fn properties(folder: &Path) -> BTreeMap<String, String> {
        let directories = format!("{},{}", folder.join("a").display(), folder.join("b").display());
        [
            ("process.roles", "broker,controller"),
            ("node.id", "1"),
            ("log.dirs", &directories),
            ("listeners", "PLAINTEXT://127.0.0.1:29092,CONTROLLER://127.0.0.1:29093"),
            ("controller.listener.names", "CONTROLLER"),
            ("controller.quorum.bootstrap.servers", "127.0.0.1:29093"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn directories_are_formatted_once() {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let properties = properties(folder.path());
        let cluster = ClusterId::new("AAAAAAAAAAAAAAAAAAAAAQ");
        let format = |cluster: &ClusterId, ignore_formatted| {
            let features = FirstFeatures::usual(MetadataVersion::LATEST);
            format_storage(&properties, cluster, &FirstVoters::Standalone, &features, ignore_formatted)
        };
        let formatted = format(&cluster, false).unwrap_or_else(|error| panic!("{error}"));
        let holds: Vec<_> = formatted.iter().map(|one| one.holds).collect();
        assert_eq!(holds, [Holds::FirstVoters, Holds::Data]);
        assert!(format::has_metadata(&folder.path().join("a")));
        let info = storage_info(&properties).unwrap_or_else(|error| panic!("{error}"));
        for directory in &info {
            assert!(matches!(&directory.meta, Ok(Some(meta)) if meta.cluster_id == cluster), "{directory:?}");
        }

        assert!(matches!(format(&cluster, false), Err(FormatStorageError::AlreadyFormatted(_))));
        assert!(matches!(format(&cluster, true), Ok(formatted) if formatted.is_empty()));
        let other = ClusterId::new("AAAAAAAAAAAAAAAAAAAAAg");
        assert!(matches!(format(&other, true), Err(FormatStorageError::OtherCluster { .. })));

        // A directory that was emptied is formatted again, and founds nothing while the other has the voters.
        std::fs::remove_dir_all(folder.path().join("b")).unwrap_or_else(|error| panic!("{error}"));
        let again = format(&cluster, true).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again, [FormattedDirectory { path: folder.path().join("b"), holds: Holds::Data }]);
    }
}
