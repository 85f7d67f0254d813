//! The disk failed.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::append::is_full;

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
    /// Whether there was no room for what was to be written. It can be tried again, unless the log says that it has failed
    /// ([`crate::Log::is_failed`]).
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }

    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_owned(), source }
    }
}
