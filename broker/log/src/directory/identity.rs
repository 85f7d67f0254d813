//! Whose a log directory is.

use std::{
    io,
    path::{Path, PathBuf},
};

use broker_types::{BrokerId, ClusterId, DirectoryId};

use crate::{
    checkpoint::{
        CHECKPOINT_BYTES_MAX,
        meta_properties::{self, InvalidMetaProperties, MetaProperties},
    },
    disk::{Disk, read_file, replace_file},
    names::{FolderKind, parse_folder_name},
    storage_error::StorageError,
};

const LOCK: &str = ".lock";

/// Who wants a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The cluster.
    pub cluster_id: ClusterId,
    /// The node.
    pub node_id: BrokerId,
}

/// Why a directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Its `meta.properties` does not read.
    #[error("{}/meta.properties cannot be used: {reason}", path.display())]
    Malformed {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        reason: InvalidMetaProperties,
    },
    /// Another cluster's.
    #[error("{} belongs to the cluster {found}, not to {wanted}", path.display())]
    OtherCluster {
        /// The directory.
        path: PathBuf,
        /// The cluster in `meta.properties`.
        found: ClusterId,
        /// The owner's.
        wanted: ClusterId,
    },
    /// Another node's.
    #[error("{} belongs to the node {found}, not to {wanted}", path.display())]
    OtherNode {
        /// The directory.
        path: PathBuf,
        /// The node in `meta.properties`.
        found: BrokerId,
        /// The owner's.
        wanted: BrokerId,
    },
    /// It holds partitions and no `meta.properties`.
    #[error("{} holds partitions and no meta.properties that says whose they are", path.display())]
    Ownerless {
        /// The directory.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("{} is in use by another process", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The disk failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What the directory says about its owner, without touching it; `None` when it says nothing and is free.
pub(super) fn look<D: Disk>(
    disk: &D,
    path: &Path,
    owner: &Owner,
) -> Result<Option<MetaProperties>, DirectoryError> {
    let file = path.join(meta_properties::FILE_NAME);
    let content = match read_file(disk, &file, CHECKPOINT_BYTES_MAX) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return if holds_partitions(disk, path)? {
                Err(DirectoryError::Ownerless { path: path.to_owned() })
            } else {
                Ok(None)
            };
        }
        Err(error) => return Err(StorageError::at("read", &file)(error).into()),
    };
    let path = path.to_owned();
    let meta = match meta_properties::decode(&content) {
        Ok(meta) => meta,
        Err(reason) => return Err(DirectoryError::Malformed { path, reason }),
    };
    if meta.cluster_id != owner.cluster_id {
        let (found, wanted) = (meta.cluster_id, owner.cluster_id.clone());
        return Err(DirectoryError::OtherCluster { path, found, wanted });
    }
    if meta.node_id != owner.node_id {
        return Err(DirectoryError::OtherNode { path, found: meta.node_id, wanted: owner.node_id });
    }
    Ok(Some(meta))
}

/// What `meta.properties` in `path` says; `None` when there is none. Touches nothing.
///
/// # Errors
/// When it does not read, or the disk fails.
pub fn read_meta_properties<D: Disk>(
    disk: &D,
    path: &Path,
) -> Result<Option<MetaProperties>, DirectoryError> {
    let file = path.join(meta_properties::FILE_NAME);
    match read_file(disk, &file, CHECKPOINT_BYTES_MAX) {
        Ok(content) => match meta_properties::decode(&content) {
            Ok(meta) => Ok(Some(meta)),
            Err(reason) => Err(DirectoryError::Malformed { path: path.to_owned(), reason }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StorageError::at("read", &file)(error).into()),
    }
}

fn holds_partitions<D: Disk>(disk: &D, path: &Path) -> Result<bool, StorageError> {
    match disk.list(path) {
        Ok(entries) => Ok(entries.iter().any(|entry| {
            entry.is_dir && matches!(parse_folder_name(&entry.name), Some(FolderKind::Partition(_)))
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StorageError::at("list", path)(error)),
    }
}

/// Makes the folder and those above it, and their names durable.
pub(super) fn create_all<D: Disk>(disk: &D, path: &Path) -> io::Result<()> {
    let Some(parent) = path.parent() else { return Ok(()) };
    match disk.create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create_all(disk, parent)?;
            disk.create_dir(path)?;
            disk.sync_dir(parent)
        }
        Err(error) => Err(error),
        Ok(()) => disk.sync_dir(parent),
    }
}

pub(super) fn lock<D: Disk>(disk: &D, path: &Path) -> Result<D::File, DirectoryError> {
    let locked = disk.try_lock(&path.join(LOCK)).map_err(StorageError::at("lock", path))?;
    locked.ok_or_else(|| DirectoryError::Locked { path: path.to_owned() })
}

/// Writes the owner into a directory that has none, and an id into one that has none.
pub(super) fn claim<D: Disk>(
    disk: &D,
    path: &Path,
    owner: &Owner,
    known: Option<MetaProperties>,
    fresh_id: DirectoryId,
) -> Result<MetaProperties, StorageError> {
    if let Some(meta) = &known
        && meta.directory_id.is_some()
    {
        return Ok(meta.clone());
    }
    let meta = MetaProperties {
        cluster_id: owner.cluster_id.clone(),
        node_id: owner.node_id,
        directory_id: Some(fresh_id),
    };
    let file = path.join(meta_properties::FILE_NAME);
    replace_file(disk, &file, meta_properties::encode(&meta).as_bytes())
        .map_err(StorageError::at("write", &file))?;
    Ok(meta)
}
