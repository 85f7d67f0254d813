//! The disk failed.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A disk's error, and what was being done.
#[derive(Debug, thiserror::Error)]
#[error("{action} {}: {source}", path.display())]
pub struct StorageError {
    /// What failed, as a verb.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The disk's error.
    pub source: io::Error,
}

impl StorageError {
    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_owned(), source }
    }
}
